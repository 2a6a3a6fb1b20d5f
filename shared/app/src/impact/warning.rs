//! What a person should know before they go on, in sentences.

use domain::{Lifecycle, Timestamp, planned::Counts};
use jiff::tz::TimeZone;

use super::{Asked, Impact, platform_name};
use crate::{Services, revoke::Revoked};

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// A stable word.
    pub code: &'static str,
    /// A sentence.
    pub text: String,
}

fn warning(code: &'static str, text: String) -> Warning {
    Warning { code, text }
}

/// What should be known of an impact, the worst first.
pub(super) fn of(services: &Services, impact: &Impact) -> Vec<Warning> {
    let Impact { account, asked, .. } = impact;
    let counts = impact.planned.counts(services.now());
    let mut warnings = Vec::new();
    let plans = planned(&counts);
    match (asked, account.lifecycle) {
        (Asked::Disconnect | Asked::Lockdown, Lifecycle::Active) if counts.posts > 0 => {
            warnings
                .push(warning("scheduled_posts_fail", format!("{} will fail{}.", posts(counts.posts), next(&counts))));
        }
        (Asked::Remove, _) if !plans.is_empty() => {
            warnings.push(warning("plans_deleted", format!("{} will be deleted{}.", plans.join(", "), next(&counts))));
        }
        (Asked::Reconnect, Lifecycle::Active) if counts.posts > 0 => {
            warnings.push(warning("scheduled_posts_stay", format!("{} stay{}.", posts(counts.posts), next(&counts))));
        }
        (Asked::Reconnect, Lifecycle::Disconnected) => {
            let text = "Posts that failed while it was disconnected stay failed.";
            warnings.push(warning("failed_posts_stay_failed", text.to_owned()));
        }
        _ => {}
    }
    if matches!(asked, Asked::Disconnect | Asked::Remove) {
        warnings.extend(instead(impact, &counts));
    }
    if *asked != Asked::Reconnect {
        warnings.extend(access(services, impact));
        warnings.extend(main(services, impact));
        warnings.extend(used(impact));
    }
    if let Some(tied) = &impact.tied {
        let (name, platform) = (tied.display_name(), platform_name(services, tied));
        let text = match asked {
            Asked::Reconnect => format!("{name} at {platform} is tied to it and is connected by itself."),
            Asked::Lockdown => format!("{name} at {platform} is tied to it and goes, too."),
            _ => format!("{name} at {platform} is tied to it and stays connected unless you ask for it to go along."),
        };
        warnings.push(warning("tied_account", text));
    }
    warnings
}

/// What a trouble takes is to connect it again, not to end it.
fn instead(impact: &Impact, counts: &Counts) -> Option<Warning> {
    let is_active = impact.account.lifecycle == Lifecycle::Active;
    if !is_active && impact.asked == Asked::Disconnect {
        return None;
    }
    let text = match (counts.posts, is_active) {
        (0, true) => "If something does not work, reconnect instead: the account stays as it is.".to_owned(),
        (count, true) => format!("If something does not work, reconnect instead: its {} stay.", posts(count)),
        (_, false) => "Reconnect instead to have the account back with its history.".to_owned(),
    };
    Some(warning("reconnect_instead", text))
}

fn access(services: &Services, impact: &Impact) -> Option<Warning> {
    let platform = platform_name(services, &impact.account);
    match impact.receipt.revocation.status? {
        Revoked::SkippedSharedGrant if impact.others() > 0 => {
            let others = match (impact.siblings_total, impact.copies_elsewhere) {
                (0, 1) => "an account of another workspace lives".to_owned(),
                (1, 0) => "another account lives".to_owned(),
                (0, count) => format!("{count} accounts of other workspaces live"),
                _ => format!("{} other accounts live", impact.others()),
            };
            Some(warning("access_stays", format!("The access at {platform} stays: {others} on the same consent.")))
        }
        Revoked::SkippedSharedGrant => {
            let text = format!("The access at {platform} stays: the same person's consent is used elsewhere.");
            Some(warning("access_stays", text))
        }
        Revoked::Unsupported => {
            let text = format!("{platform} offers apps no way to withdraw the access: a person has to do it there.");
            Some(warning("revoke_by_hand", text))
        }
        Revoked::Pending | Revoked::Revoked | Revoked::Failed => None,
    }
}

fn main(services: &Services, impact: &Impact) -> Option<Warning> {
    let platform = platform_name(services, &impact.account);
    impact.is_main.then(|| {
        let then = match (&impact.successor, impact.receipt.main_now) {
            (Some(successor), _) => format!("{} takes over", successor.display_name()),
            (None, Some(_)) => "another one takes over".to_owned(),
            (None, None) => "none takes over by itself".to_owned(),
        };
        warning("main_account", format!("It is the main account at {platform}; {then}."))
    })
}

fn used(impact: &Impact) -> Option<Warning> {
    let times = match impact.usage.leases_7d {
        0 => return None,
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    Some(warning("recently_used", format!("Its access was used {times} in the last seven days.")))
}

/// What is planned, in words.
pub fn planned(counts: &Counts) -> Vec<String> {
    let some = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {one}s")),
    };
    let drafts = usize::try_from(counts.drafts).unwrap_or(usize::MAX);
    let all = [(counts.posts, "scheduled post"), (counts.campaigns, "campaign"), (counts.automations, "automation")];
    all.into_iter().chain([(drafts, "draft")]).filter_map(|(count, one)| some(count, one)).collect()
}

fn posts(count: usize) -> String {
    if count == 1 { "1 scheduled post".to_owned() } else { format!("{count} scheduled posts") }
}

/// When the next post is due.
pub(super) fn next(counts: &Counts) -> String {
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).strftime("%-d %B %Y, %H:%M UTC").to_string();
    counts.first_at.map(|at| format!(", the next on {}", day(at))).unwrap_or_default()
}
