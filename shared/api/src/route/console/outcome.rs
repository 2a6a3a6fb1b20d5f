//! How an attempt ended, in a sentence, and the one button that goes on from there.

use app::{Services, account::Detail};
use domain::{
    Code, ConnectSession,
    connect::{SessionError, Status},
    health::State,
};
use web::{
    console::{remedy, why},
    parts::{Flash, FlashKind},
};

use super::{
    Visitor,
    show::{again, lost, named, press, sentence},
};

/// What is told above the overview; `first` is the first account that was connected.
pub(super) fn told(
    services: &Services,
    visitor: &Visitor,
    session: &ConnectSession,
    first: Option<&Detail>,
) -> Option<Flash> {
    let now = services.now();
    let told = match session.status(now) {
        Status::Completed => Some(completed(services, visitor, session, first)),
        Status::Failed => Some(failed(services, visitor, session, &session.error(now)?)),
        Status::Cancelled => Some(Flash {
            kind: FlashKind::Info,
            title: "Nothing was connected".to_owned(),
            text: Some("The attempt was cancelled.".to_owned()),
            next: Some(again(visitor, "Start again", session, false)),
        }),
        Status::Expired => Some(Flash {
            kind: FlashKind::Error,
            title: Code::SessionExpired.title().to_owned(),
            text: Some("It was not finished in time, and nothing was connected.".to_owned()),
            next: Some(again(visitor, "Start again", session, false)),
        }),
        Status::Created | Status::Consenting | Status::AwaitingConfirmation | Status::AwaitingSelection => None,
    };
    told.map(|told| with_lost(told, visitor, session))
}

/// The same with the accounts that lost their access because the consent left them out: they are told of before the
/// person goes on to something else.
fn with_lost(told: Flash, visitor: &Visitor, session: &ConnectSession) -> Flash {
    let Some(Flash { kind, title, text: Some(lost), .. }) = lost(session) else { return told };
    let text = told.text.map_or_else(|| lost.clone(), |text| format!("{text} {title}: {lost}"));
    Flash {
        kind: if told.kind == FlashKind::Error { told.kind } else { kind },
        title: if told.kind == FlashKind::Success { format!("{}, but {title}", told.title) } else { told.title },
        text: Some(text),
        next: told.next.or_else(|| Some(again(visitor, "Connect again", session, true))),
    }
}

fn completed(services: &Services, visitor: &Visitor, session: &ConnectSession, first: Option<&Detail>) -> Flash {
    let count = session.accounts().len();
    let title =
        if count == 1 { "1 account is connected".to_owned() } else { format!("{count} accounts are connected") };
    let limited = first.map(|detail| &detail.shown).filter(|shown| shown.health.state == State::Limited);
    if let Some(shown) = limited {
        let id = shown.account.id.to_string();
        let fields = [
            ("platform", session.platform.as_str()),
            ("method", session.method.as_str()),
            ("account", id.as_str()),
            ("fresh_consent", "true"),
        ];
        return Flash {
            kind: FlashKind::Warning,
            title: format!("{title}, but not everything was allowed"),
            text: why(&shown.health),
            next: remedy(&shown.health)
                .map(|label| press(visitor, &label, "/console/connect".to_owned(), &fields).first()),
        };
    }
    let platform = named(services, &session.platform).name;
    let text = (count > 1).then(|| format!("They are from {platform}."));
    Flash { kind: FlashKind::Success, title, text, next: None }
}

fn failed(services: &Services, visitor: &Visitor, session: &ConnectSession, error: &SessionError) -> Flash {
    let entry = services.platforms.entry(&session.platform, Some(&session.method));
    let text = match error.code {
        // The platform's own rule says more than ours.
        Code::AccountTypeUnsupported => {
            let rule = entry.iter().flat_map(|e| &e.requirements).next().map(|r| r.text.as_str());
            format!("{} Switch it there, or sign in to another account.", rule.unwrap_or(&error.detail))
        }
        code => sentence(code, &error.detail),
    };
    let platform = named(services, &session.platform).name;
    let next = match error.code {
        // Another try would end alike.
        Code::PlanLimitReached | Code::PlatformNotConfigured | Code::NotFound => None,
        Code::ConsentDenied => Some(again(visitor, &format!("Connect {platform} again"), session, false)),
        Code::AccountMismatch | Code::AlreadyConnectedElsewhere | Code::AccountTypeUnsupported => {
            Some(again(visitor, "Sign in to another account", session, true))
        }
        Code::NoPagesFound | Code::InsufficientPermissions => Some(again(visitor, "Try again", session, true)),
        _ => Some(again(visitor, "Try again", session, false)),
    };
    Flash { kind: FlashKind::Error, title: error.code.title().to_owned(), text: Some(text), next }
}
