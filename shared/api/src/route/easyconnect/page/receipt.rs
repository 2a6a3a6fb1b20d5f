//! What a client keeps of it: the receipt, and the way out.

use app::{
    Services,
    easyconnect::{
        connect, receipt,
        visit::{self as visits},
    },
    revoke::Revoked,
};
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{Code, Error, easyconnect::Item};
use web::easyconnect::{Line, Receipt, Withdraw, Withdrawal, WithdrawalNotice};

use super::{Asked, Client, HOME, Sent, chosen, face, named, show};
use crate::{problem::Problem, receive::Query, view::visit::ReceiptView};

/// What was connected, and how to take it back.
pub(super) async fn show_receipt(
    State(services): State<Services>,
    client: Client,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    if let Some(kept) = chosen(&services, &client, &asked, "/c/receipt") {
        return kept;
    }
    if !client.visited.visit.receipt_only && !client.visited.visit.opened {
        return Ok(Redirect::to(HOME).into_response());
    }
    show(&receipt_page(&services, &client, None))
}

fn receipt_page(services: &Services, client: &Client, notice: Option<WithdrawalNotice>) -> Receipt {
    let link = &client.visited.link;
    let told = |(item, number): (&Item, u16)| {
        let consented = item.consented.as_ref()?;
        let entry = services.platforms.entry(&item.platform, Some(&consented.method));
        Some(Line {
            face: face(item)?,
            platform: named(services, &item.platform),
            kind: consented.kind.clone(),
            connected_at: consented.at,
            allowed: consented.capabilities.clone(),
            withdrawn_at: consented.withdrawn_at,
            withdraw: consented.withdrawn_at.is_none().then(|| format!("/c/withdraw?item={number}")),
            at_platform: entry.and_then(|entry| entry.manual_revoke_url.clone()),
        })
    };
    let is_open = !client.visited.visit.receipt_only && link.barrier(services.now()).is_none();
    Receipt {
        shell: client.shell(),
        title: link.title.clone(),
        notice,
        lines: link.items.iter().zip(1..).filter_map(told).collect(),
        download: client.receipt().map(|_| "/c/receipt.json".to_owned()),
        list: is_open.then(|| HOME.to_owned()),
        back: link.return_url.clone(),
    }
}

/// The same, signed.
pub(super) async fn download(State(services): State<Services>, client: Client) -> Result<Response, Problem> {
    let signed = receipt::receipt(&services, &client.visited)?;
    let name = HeaderValue::from_static("attachment; filename=\"receipt.json\"");
    Ok(([(header::CONTENT_DISPOSITION, name)], axum::Json(ReceiptView::of(&signed))).into_response())
}

/// Asks once more before something is taken back.
pub(super) async fn confirm_withdrawal(
    State(services): State<Services>,
    client: Client,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let number = asked.item.unwrap_or_default();
    if let Some(kept) = chosen(&services, &client, &asked, &format!("/c/withdraw?item={number}")) {
        return kept;
    }
    // Who has not opened the link is not told what is connected by it.
    let visit = &client.visited.visit;
    let link = Some(&client.visited.link).filter(|_| visit.opened || visit.receipt_only);
    let found = link.and_then(|link| link.numbered(number)).and_then(|(_, item)| Some((item, face(item)?)));
    let Some((item, face)) = found else { return Ok(Redirect::to("/c/receipt").into_response()) };
    show(&Withdraw {
        shell: client.shell(),
        face,
        platform: named(&services, &item.platform),
        confirm: client.form(&services, "/c/withdraw", &[("item", &number.to_string())]),
        back: "/c/receipt".to_owned(),
    })
}

/// Takes a connection back.
pub(super) async fn withdraw(
    State(services): State<Services>,
    Sent { mut client, form }: Sent,
) -> Result<Response, Problem> {
    let number: u16 = form.one("item").and_then(|number| number.parse().ok()).ok_or(Code::NotFound)?;
    let done = match Box::pin(connect::withdraw(&services, &client.visited, number)).await {
        Ok(done) => done,
        Err(Error::Refused(refusal)) => return client.refused(&services, &refusal),
        Err(fault) => return Err(fault.into()),
    };
    client.visited = visits::find(&services, &client.visited.sealed(&services)).await?;
    let item = client.visited.link.numbered(number).map(|(_, item)| item);
    let notice = item.and_then(|item| {
        let consented = item.consented.as_ref()?;
        let revocation = match &done {
            connect::Withdrawal::Ended(receipt) => Some(&receipt.revocation),
            connect::Withdrawal::NothingLeft => None,
        };
        let by_hand = revocation.and_then(|revocation| revocation.by_hand.as_ref());
        let result = match (revocation.and_then(|revocation| revocation.status), by_hand) {
            (Some(Revoked::Revoked), _) => Withdrawal::Revoked,
            (Some(Revoked::Pending), None) => Withdrawal::Retrying,
            (_, by_hand) => Withdrawal::ByHand { url: by_hand.and_then(|by_hand| by_hand.settings_url.clone()) },
        };
        Some(WithdrawalNotice { name: consented.name.clone(), platform: named(&services, &item.platform), result })
    });
    show(&receipt_page(&services, &client, notice))
}
