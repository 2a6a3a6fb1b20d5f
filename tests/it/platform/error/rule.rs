//! The documentation's rules, line by line.

/// A rule, and one answer that is to be known by it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// The documentation's word for the platform and method.
    pub(super) platform: &'static str,
    /// Which of its rules.
    pub(super) which: &'static str,
    pub(super) class: &'static str,
    pub(super) action: &'static str,
    /// What the simulator answers by; further faults of it come after a `+`.
    pub(super) row: &'static str,
    /// `code`, `renew` or `profile`.
    pub(super) call: &'static str,
    /// The error that the client makes of it.
    pub(super) error: &'static str,
    /// Which ends the grant of an account that meets the answer: `renewal`, `both` (a look too) or neither.
    pub(super) ends: &'static str,
}

/// Whose rules hold for whom too.
const SAME_AS: [(&str, &str); 3] = [
    ("facebook_page", "facebook_profile"),
    ("facebook_page", "instagram_facebook"),
    ("linkedin_member", "linkedin_organization"),
];

/// All rules; one of a platform's own stands for that which it would have from another.
pub(super) fn rules() -> Vec<Rule> {
    let lines = include_str!("rules.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut rules: Vec<Rule> = lines.map(read).collect();
    for (from, to) in SAME_AS {
        let own: Vec<&str> = rules.iter().filter(|rule| rule.platform == to).map(|rule| rule.which).collect();
        let common = rules.iter().filter(|rule| rule.platform == from && !own.contains(&rule.which));
        let common: Vec<Rule> = common.map(|rule| Rule { platform: to, ..*rule }).collect();
        rules.extend(common);
    }
    rules
}

fn read(line: &'static str) -> Rule {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [platform, which, class, action, row, call, error, ends] = words[..] else { panic!("{line}") };
    Rule { platform, which, class, action, row, call, error, ends }
}
