//! The client's pages of EasyConnect: who opens an agency's link connects the right accounts.
//!
//! Each page speaks one of nine languages and shows the agency, not us.

mod brand;
mod checklist;
mod consent;
mod device;
mod invitation;
mod landing;
mod outcome;
mod pick;
mod receipt;
mod shell;
mod text;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

pub use brand::{brand_of, brand_path, brand_stylesheet};
pub use checklist::{Add, Checklist, Item, ItemState, Notice};
pub use consent::Consent;
pub use device::{Device, Waiting};
pub use invitation::{Invitation, invitation};
pub use landing::{Elsewhere, Gate, Landing};
pub use outcome::{FreshAsked, Next, Outcome, OutcomePage, user_message};
pub use pick::{Candidate, CandidateState, Missing, Pick};
pub use receipt::{Line, Receipt, Withdraw, Withdrawal, WithdrawalNotice};
pub use shell::{Form, Shell};
