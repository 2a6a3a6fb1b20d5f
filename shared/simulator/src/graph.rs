//! What the Graph API's hosts have in common: errors, fields, versions, budgets.

pub(crate) mod demographic;
mod error;
mod field;
pub(crate) mod login;
mod period;
mod usage;
mod version;

pub(crate) use self::error::{ErrorRow, GraphError};
pub(crate) use self::field::{Field, parse, select};
pub(crate) use self::period::{days, end_time};
pub(crate) use self::usage::{Usage, business_use};
pub(crate) use self::version::{Versions, is_node, versioned};

use crate::call::Call;

/// The token of a call: in the query, in the form, or in the header.
pub(crate) fn presented(call: &Call) -> Option<&str> {
    call.param("access_token").or_else(|| call.authorization("Bearer")).or_else(|| call.authorization("OAuth"))
}
