//! Names that come from the catalogue or from an operator: platforms and methods.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The text is not `[a-z0-9_]{1,40}`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a name: lower-case letters, digits and _ only, 40 at most")]
pub struct BadName;

text_with_grammar!(
    /// Where accounts live: `facebook`, `x`, or an operator's own id; `[a-z0-9_]{1,40}`.
    PlatformId, BadName, 40, is_name_letter
);
text_with_grammar!(
    /// How one connects there: `facebook_login`, `x_login`, `oauth2_generic`; `[a-z0-9_]{1,40}`.
    MethodId, BadName, 40, is_name_letter
);

fn is_name_letter(letter: u8) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_'
}
