//! A bearer token on the day it is made, the only day on which it can be read.
//!
//! 256 bits of chance in base64url, behind a prefix by which secret scanners and people know it. The host keeps its SHA-256;
//! the token itself is handed over once.
//!
//! Deliberately absent: tokens that expire, or that say who they are. Revoking is a row in the store, looked at on each call.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use probity_core::canonical::Digest;
use zeroize::Zeroizing;

/// How every token begins.
const PREFIX: &str = "probity_";

/// A token nobody has seen yet.
pub struct NewToken(Zeroizing<String>);

impl NewToken {
    /// The token that these bytes of chance make.
    pub fn of(chance: &[u8; 32]) -> Self {
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(chance));
        Self(Zeroizing::new(format!("{PREFIX}{}", text.as_str())))
    }

    /// What is kept of it: its SHA-256.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// The token itself: whoever takes it hands it to its owner, and it is gone here.
    pub fn hand_over(self) -> Zeroizing<String> {
        self.0
    }
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::NewToken;
    use crate::authz::TokenHash;

    #[test]
    fn a_token_is_known_by_its_prefix_and_shown_by_being_handed_over_alone() {
        let token = NewToken::of(&[0xff; 32]);
        assert_eq!(format!("{token:?}"), "NewToken(…)");
        let kept = TokenHash::from(token.digest());
        let text = token.hand_over();
        assert_eq!(text.as_str(), format!("probity_{}8", "_".repeat(42)));
        assert_eq!(kept, TokenHash::of(&text));
    }
}
