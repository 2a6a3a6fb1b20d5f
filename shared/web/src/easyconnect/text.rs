//! What the pages say, in each language: the messages of `locales/<language>/easyconnect.ftl`, compiled in.

use std::sync::OnceLock;

use domain::Language;
use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};

use crate::words::inert;

macro_rules! texts {
    ($($name:ident $key:literal;)*) => {
        /// Every message; each language has exactly these.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Text {
            $($name,)*
        }

        impl Text {
            #[cfg(test)]
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in the files.
            pub fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }
        }
    };
}

texts! {
    Skip "skip";
    Language "language";
    Foot "foot";
    CautionAddress "caution-address";
    CautionMixed "caution-mixed";
    Colon "colon";
    Comma "comma";
    Until "until";
    OtherSite "other-site";
    Back "back";
    Unexpected "unexpected";
    Wait "wait";
    LandingTitle "landing-title";
    LandingLead "landing-lead";
    LandingPlatforms "landing-platforms";
    LandingPassword "landing-password";
    LandingChoice "landing-choice";
    LandingStart "landing-start";
    GatePassword "gate-password";
    GateHint "gate-hint";
    GateWrong "gate-wrong";
    GateLocked "gate-locked";
    ElsewhereTitle "elsewhere-title";
    ElsewhereWhy "elsewhere-why";
    ElsewhereOpen "elsewhere-open";
    ElsewhereCopy "elsewhere-copy";
    ElsewhereScan "elsewhere-scan";
    ElsewhereStay "elsewhere-stay";
    Qr "qr";
    ChecklistTitle "checklist-title";
    Progress "progress";
    ConnectPlatform "connect-platform";
    ReconnectPlatform "reconnect-platform";
    ChooseAccount "choose-account";
    StateOpen "state-open";
    StateRenew "state-renew";
    StateChoose "state-choose";
    StateConnected "state-connected";
    StateWithdrawn "state-withdrawn";
    Optional "optional";
    Expected "expected";
    Adds "adds";
    Finish "finish";
    FinishHint "finish-hint";
    ConnectedNow "connected-now";
    KindPage "kind-page";
    KindProfile "kind-profile";
    KindOrganization "kind-organization";
    KindChannel "kind-channel";
    KindLocation "kind-location";
    KindInstagramBusiness "kind-instagram-business";
    KindInstagramCreator "kind-instagram-creator";
    KindAccount "kind-account";
    ConsentTitle "consent-title";
    ConsentLead "consent-lead";
    ConsentWay "consent-way";
    ConsentAlso "consent-also";
    ConsentPlace "consent-place";
    ConsentKeep "consent-keep";
    ConsentAllow "consent-allow";
    ConsentCannot "consent-cannot";
    ConsentGo "consent-go";
    ConsentEnd "consent-end";
    Connect "connect";
    Publish "publish";
    Analytics "analytics";
    Messages "messages";
    Audience "audience";
    PickQuestion "pick-question";
    PickYes "pick-yes";
    PickNo "pick-no";
    PickTitle "pick-title";
    PickNone "pick-none";
    PickRoom "pick-room";
    PickSubmit "pick-submit";
    PickHere "pick-here";
    PickBlocked "pick-blocked";
    PickMissing "pick-missing";
    PickRole "pick-role";
    PickFix "pick-fix";
    Denied "denied";
    WrongAccount "wrong-account";
    PersonalNotBusiness "personal-not-business";
    NoPages "no-pages";
    PageWithoutInstagram "page-without-instagram";
    MissingPermission "missing-permission";
    ConnectedElsewhere "connected-elsewhere";
    PlanFull "plan-full";
    LinkExpired "link-expired";
    LinkPaused "link-paused";
    LinkUsedUp "link-used-up";
    LinkUnknown "link-unknown";
    PlatformDown "platform-down";
    AttemptExpired "attempt-expired";
    CookiesBlocked "cookies-blocked";
    InAppBrowser "in-app-browser";
    AlreadyConnected "already-connected";
    Removed "removed";
    TooManyAttempts "too-many-attempts";
    Other "other";
    ProblemRole "problem-role";
    ProblemRestricted "problem-restricted";
    ProblemNotShared "problem-not-shared";
    ProblemNotReviewed "problem-not-reviewed";
    ProblemNotFound "problem-not-found";
    ProblemThreadsTaken "problem-threads-taken";
    ProblemSignInAgain "problem-sign-in-again";
    ProblemNotSetUp "problem-not-set-up";
    ProblemLocked "problem-locked";
    FreshAsked "fresh-asked";
    Got "got";
    ReceiptTitle "receipt-title";
    ReceiptLead "receipt-lead";
    ReceiptNone "receipt-none";
    ReceiptList "receipt-list";
    ConnectedAt "connected-at";
    WithdrawnAt "withdrawn-at";
    Allowed "allowed";
    Withdraw "withdraw";
    EndThere "end-there";
    Download "download";
    Return "return";
    WithdrawTitle "withdraw-title";
    WithdrawEffect "withdraw-effect";
    WithdrawalRevoked "withdrawal-revoked";
    WithdrawalRetrying "withdrawal-retrying";
    WithdrawalByHand "withdrawal-by-hand";
    DeviceTitle "device-title";
    DeviceHow "device-how";
    DeviceMinutes "device-minutes";
    DevicePrivate "device-private";
    WaitingTitle "waiting-title";
    WaitingAnswer "waiting-answer";
    WaitingTime "waiting-time";
    LookAgain "look-again";
    VisitOver "visit-over";
    Invitation "invitation";
}

/// A language's messages as they are written.
pub(super) fn source(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("../../locales/en/easyconnect.ftl"),
        Language::De => include_str!("../../locales/de/easyconnect.ftl"),
        Language::Es => include_str!("../../locales/es/easyconnect.ftl"),
        Language::Fr => include_str!("../../locales/fr/easyconnect.ftl"),
        Language::It => include_str!("../../locales/it/easyconnect.ftl"),
        Language::Pt => include_str!("../../locales/pt/easyconnect.ftl"),
        Language::Nl => include_str!("../../locales/nl/easyconnect.ftl"),
        Language::Ja => include_str!("../../locales/ja/easyconnect.ftl"),
        Language::Ar => include_str!("../../locales/ar/easyconnect.ftl"),
    }
}

/// A language's messages, read when they are first needed.
fn bundle(language: Language) -> &'static FluentBundle<FluentResource> {
    static BUNDLES: [OnceLock<FluentBundle<FluentResource>>; Language::ALL.len()] =
        [const { OnceLock::new() }; Language::ALL.len()];
    BUNDLES[language as usize].get_or_init(|| {
        let mut bundle = FluentBundle::new_concurrent(language.as_str().parse().into_iter().collect());
        let resource = FluentResource::try_new(source(language).to_owned()).unwrap_or_else(|(read, _)| read);
        bundle.add_resource_overriding(resource);
        bundle
    })
}

/// What a message tells of.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct About<'a> {
    /// Who asks: `$agency`.
    pub agency: &'a str,
    /// A platform or another name: `$name`.
    pub name: &'a str,
    /// How many: `$count`.
    pub count: u32,
    /// Of how many: `$total`.
    pub total: u32,
}

/// A message, or a part of it (`why`). Names in it are clean and isolated: they turn no text around them.
pub(crate) fn say(language: Language, text: Text, part: Option<&str>, about: About<'_>) -> String {
    let bundle = bundle(language);
    let message = bundle.get_message(text.key());
    let pattern = message.and_then(|message| match part {
        None => message.value(),
        Some(part) => message.get_attribute(part).map(|attribute| attribute.value()),
    });
    let mut args = FluentArgs::with_capacity(4);
    args.set("agency", inert(about.agency));
    args.set("name", inert(about.name));
    args.set("count", about.count);
    args.set("total", about.total);
    let written = pattern.map(|pattern| bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned());
    written.unwrap_or_else(|| text.key().to_owned())
}
