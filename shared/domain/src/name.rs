//! Names that come from the catalogue or from an operator: platforms and methods.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The text is not `[a-z0-9_]{1,40}`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a name: lower-case letters, digits and _ only, 40 at most")]
pub struct BadName;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text, `[a-z0-9_]{1,40}`.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;

            fn try_from(text: String) -> Result<Self, BadName> {
                let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
                if (1..=40).contains(&text.len()) && text.bytes().all(legal) {
                    Ok(Self(text))
                } else {
                    Err(BadName)
                }
            }
        }

        impl FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, BadName> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// Where accounts live: `facebook`, `x`, or an operator's own id.
    PlatformId
);
name!(
    /// How one connects there: `facebook_login`, `x_login`, `oauth2_generic`.
    MethodId
);
