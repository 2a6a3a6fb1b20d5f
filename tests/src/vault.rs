//! What every vault does, whatever keeps the tokens: the promises of the trait, each a function.

mod stand_in;

use std::collections::BTreeMap;

use domain::{Entropy, Envelope, Fault, GrantId, SealedFor, Secret, Timestamp, TokenSet};
use futures::future::join_all;
use vault::{Kept, TokenVault};

pub use stand_in::{StandIn, Trouble};

use crate::secret::MARK;

/// A vault before its judge.
struct Judged<'a> {
    vault: &'a dyn TokenVault,
    keeps: bool,
    now: Timestamp,
    entropy: &'a dyn Entropy,
}

/// Panics unless the vault keeps every promise. `keeps` is whether it holds more than the envelope; `now` is what time it
/// is where it does.
pub async fn conforms(vault: &dyn TokenVault, keeps: bool, now: Timestamp, entropy: &dyn Entropy) {
    let judged = Judged { vault, keeps, now, entropy };
    judged.tokens_come_back_as_they_went_in().await;
    judged.an_envelope_tells_nothing_of_its_tokens().await;
    judged.an_envelope_opens_only_for_what_it_was_sealed_for().await;
    judged.a_damaged_envelope_does_not_open().await;
    judged.a_version_opens_while_the_next_one_is_there().await;
    judged.versions_may_be_passed_over().await;
    judged.a_version_is_written_once().await;
    judged.of_many_at_once_one_writes_a_version().await;
    judged.the_same_again_changes_nothing().await;
    judged.what_no_row_names_is_found_where_it_is_kept().await;
    judged.what_is_forgotten_is_gone_and_nothing_else_is().await;
    judged.what_was_forgotten_may_be_sealed_again().await;
    judged.what_is_kept_is_listed_once().await;
    judged.what_is_sealed_now_is_current().await;
    judged.a_fault_tells_no_token().await;
}

/// Tokens as `name` has them, and as nobody else does.
pub fn tokens(name: &str) -> TokenSet {
    let secret = |kind: &str| Secret::new(format!("{MARK}-{kind}-{name}"));
    let children = BTreeMap::from([("1784".to_owned(), secret("page"))]);
    TokenSet { access: secret("access"), refresh: Some(secret("refresh")), children }
}

/// Whether they are the same in every part.
pub fn same(one: &TokenSet, other: &TokenSet) -> bool {
    one.access == other.access && one.refresh == other.refresh && one.children == other.children
}

impl Judged<'_> {
    /// The first version of a grant that nobody has heard of.
    fn fresh(&self) -> SealedFor {
        let grant = GrantId::new(self.now, self.entropy.bytes());
        SealedFor { grant, platform: "x".parse().expect("an id"), version: 1 }
    }

    /// Seals what was not sealed before.
    async fn seal(&self, of: &SealedFor, tokens: &TokenSet) -> Envelope {
        self.vault.seal(of, tokens).await.expect("a vault").expect("a version that is new")
    }

    async fn opens_as(&self, of: &SealedFor, envelope: &Envelope, tokens: &TokenSet) {
        let opened = self.vault.unseal(of, envelope).await.expect("it opens");
        assert!(same(&opened, tokens), "{of:?} opens with other tokens");
    }

    async fn is_refused(&self, of: &SealedFor, envelope: &Envelope) -> Fault {
        self.vault.unseal(of, envelope).await.err().unwrap_or_else(|| panic!("{envelope:?} opens for {of:?}"))
    }

    /// Everything that the vault keeps.
    async fn kept(&self) -> Vec<Kept> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let (page, next) = self.vault.list(after).await.expect("a page");
            all.extend(page);
            after = next;
            if after.is_none() {
                return all;
            }
        }
    }

    async fn tokens_come_back_as_they_went_in(&self) {
        let plain = TokenSet { access: Secret::new("a"), refresh: None, children: BTreeMap::new() };
        let odd = Secret::new("\"quoted\\\" \n\u{0}\u{7f} ümläut 🦀 {\"a\": [null]} & <b>");
        let children = (0..25).map(|n| (format!("{n} \"page\""), Secret::new(format!("{n:0>300}")))).collect();
        let full = TokenSet { access: odd.clone(), refresh: Some(odd), children };
        for tokens in [plain, tokens("usual"), full] {
            let of = self.fresh();
            let envelope = self.seal(&of, &tokens).await;
            self.opens_as(&of, &envelope, &tokens).await;
        }
    }

    async fn an_envelope_tells_nothing_of_its_tokens(&self) {
        let envelope = self.seal(&self.fresh(), &tokens("hidden")).await;
        let leaks = crate::secret::Needles::usual().found_in("an envelope", &envelope.0);
        assert!(leaks.is_empty(), "{leaks:?}");
    }

    async fn an_envelope_opens_only_for_what_it_was_sealed_for(&self) {
        let (mine, theirs) = (self.fresh(), self.fresh());
        let (second, third) = (SealedFor { version: 2, ..mine.clone() }, SealedFor { version: 3, ..mine.clone() });
        let other_platform = SealedFor { platform: "facebook".parse().expect("an id"), ..mine.clone() };
        let older = self.seal(&mine, &tokens("older")).await;
        let newer = self.seal(&second, &tokens("newer")).await;
        let foreign = self.seal(&theirs, &tokens("theirs")).await;
        for of in [&second, &third, &theirs, &other_platform] {
            self.is_refused(of, &older).await;
        }
        for of in [&mine, &third, &theirs] {
            self.is_refused(of, &newer).await;
        }
        for of in [&mine, &second] {
            self.is_refused(of, &foreign).await;
        }
        self.opens_as(&mine, &older, &tokens("older")).await;
        self.opens_as(&second, &newer, &tokens("newer")).await;
        self.opens_as(&theirs, &foreign, &tokens("theirs")).await;
    }

    async fn a_damaged_envelope_does_not_open(&self) {
        let of = self.fresh();
        let Envelope(text) = self.seal(&of, &tokens("whole")).await;
        for cut in 0..text.len() {
            self.is_refused(&of, &Envelope(text[..cut].to_owned())).await;
            let other = if text.as_bytes()[cut] == b'A' { "B" } else { "A" };
            self.is_refused(&of, &Envelope(format!("{}{other}{}", &text[..cut], &text[cut + 1..]))).await;
        }
        for foreign in ["2.k1.AAAA", "sm2.AAAA", "nothing", "."] {
            self.is_refused(&of, &Envelope(foreign.to_owned())).await;
        }
        self.opens_as(&of, &Envelope(text), &tokens("whole")).await;
    }

    async fn a_version_opens_while_the_next_one_is_there(&self) {
        let first = self.fresh();
        let second = SealedFor { version: 2, ..first.clone() };
        let old = self.seal(&first, &tokens("old")).await;
        let new = self.seal(&second, &tokens("new")).await;
        self.opens_as(&first, &old, &tokens("old")).await;
        self.opens_as(&second, &new, &tokens("new")).await;
    }

    /// An attempt's tokens have the version 0; a grant from another vault begins late.
    async fn versions_may_be_passed_over(&self) {
        for versions in [[0, 1, 2], [7, 8, 12]] {
            let of = self.fresh();
            for version in versions {
                let of = SealedFor { version, ..of.clone() };
                let envelope = self.seal(&of, &tokens(&version.to_string())).await;
                self.opens_as(&of, &envelope, &tokens(&version.to_string())).await;
            }
        }
    }

    async fn a_version_is_written_once(&self) {
        let first = self.fresh();
        for of in [first.clone(), SealedFor { version: 2, ..first }] {
            let envelope = self.seal(&of, &tokens("first")).await;
            let again = self.vault.seal(&of, &tokens("second")).await.expect("a vault");
            assert_eq!(again.is_some(), !self.keeps, "{of:?} again");
            self.opens_as(&of, &envelope, &tokens("first")).await;
        }
    }

    async fn of_many_at_once_one_writes_a_version(&self) {
        let first = self.fresh();
        for of in [first.clone(), SealedFor { version: 2, ..first }] {
            let all: Vec<TokenSet> = (0..8).map(|n| tokens(&n.to_string())).collect();
            let sealed = join_all(all.iter().map(|tokens| self.vault.seal(&of, tokens))).await;
            let mut wrote = 0;
            for (tokens, sealed) in all.iter().zip(sealed) {
                if let Some(envelope) = sealed.expect("a vault") {
                    self.opens_as(&of, &envelope, tokens).await;
                    wrote += 1;
                }
            }
            assert_eq!(wrote, if self.keeps { 1 } else { 8 }, "{of:?}");
        }
    }

    /// A call whose answer was lost is made again, also after the next version.
    async fn the_same_again_changes_nothing(&self) {
        let first = self.fresh();
        let second = SealedFor { version: 2, ..first.clone() };
        let (one, two) = (self.seal(&first, &tokens("one")).await, self.seal(&second, &tokens("two")).await);
        for (of, envelope, name) in [(&first, &one, "one"), (&second, &two, "two"), (&first, &one, "one")] {
            let again = self.seal(of, &tokens(name)).await;
            assert_eq!(again == *envelope, self.keeps, "{again:?} {envelope:?}");
            self.opens_as(of, &again, &tokens(name)).await;
            self.opens_as(of, envelope, &tokens(name)).await;
        }
    }

    async fn what_no_row_names_is_found_where_it_is_kept(&self) {
        let first = self.fresh();
        let second = SealedFor { version: 2, ..first.clone() };
        assert_eq!(self.vault.find(&first).await.expect("a vault"), None);
        for (of, next) in [(&first, &second), (&second, &SealedFor { version: 3, ..first.clone() })] {
            let sealed = self.seal(of, &tokens("found")).await;
            let found = self.vault.find(of).await.expect("a vault");
            assert_eq!(found, self.keeps.then_some(sealed), "{of:?}");
            assert_eq!(self.vault.find(next).await.expect("a vault"), None, "{next:?}");
        }
    }

    async fn what_is_forgotten_is_gone_and_nothing_else_is(&self) {
        let (first, other) = (self.fresh(), self.fresh());
        let second = SealedFor { version: 2, ..first.clone() };
        let one = self.seal(&first, &tokens("one")).await;
        let two = self.seal(&second, &tokens("two")).await;
        let living = self.seal(&other, &tokens("living")).await;
        // Twice: whoever died after the first time does it again.
        for _ in 0..2 {
            self.vault.forget(&second, &two).await.expect("it is gone");
        }
        for (of, envelope) in [(&first, &one), (&second, &two)] {
            assert_eq!(self.vault.find(of).await.expect("a vault"), None);
            if self.keeps {
                self.is_refused(of, envelope).await;
            }
        }
        self.opens_as(&other, &living, &tokens("living")).await;
    }

    async fn what_was_forgotten_may_be_sealed_again(&self) {
        let of = self.fresh();
        let before = self.seal(&of, &tokens("before")).await;
        self.vault.forget(&of, &before).await.expect("it is gone");
        for version in [1, 2] {
            let of = SealedFor { version, ..of.clone() };
            let after = self.seal(&of, &tokens("after")).await;
            self.opens_as(&of, &after, &tokens("after")).await;
        }
    }

    async fn what_is_kept_is_listed_once(&self) {
        let all = [self.fresh(), self.fresh(), self.fresh()];
        let mut envelopes = Vec::new();
        for of in &all {
            envelopes.push(self.seal(of, &tokens("listed")).await);
            self.seal(&SealedFor { version: 2, ..of.clone() }, &tokens("listed")).await;
        }
        self.vault.forget(&all[0], &envelopes[0]).await.expect("it is gone");
        let kept = self.kept().await;
        for (of, there) in all.iter().zip([0, 1, 1]) {
            let found: Vec<_> = kept.iter().filter(|kept| kept.grant == of.grant).collect();
            assert_eq!(found.len(), if self.keeps { there } else { 0 }, "{:?}", of.grant);
            assert!(found.iter().all(|kept| kept.changed_at.as_second() >= self.now.as_second()), "{found:?}");
        }
    }

    async fn what_is_sealed_now_is_current(&self) {
        let envelope = self.seal(&self.fresh(), &tokens("current")).await;
        assert!(self.vault.is_current(&envelope));
        for foreign in ["", "nothing", "2.k1.AAAA", "sm2.AAAA"] {
            assert!(!self.vault.is_current(&Envelope(foreign.to_owned())), "{foreign}");
        }
    }

    async fn a_fault_tells_no_token(&self) {
        let (of, needles) = (self.fresh(), crate::secret::Needles::usual());
        let envelope = self.seal(&of, &tokens("told")).await;
        let fault = self.is_refused(&SealedFor { version: 9, ..of }, &envelope).await;
        let leaks = needles.found_in("a fault", format!("{fault} {fault:?}"));
        assert!(leaks.is_empty(), "{leaks:?}");
    }
}
