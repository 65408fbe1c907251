//! A text that must not be seen.
//!
//! A [`Secret`] shows itself nowhere: no `Display`, a `Debug` without content, no serialization; its memory is wiped
//! when it goes. Configuration makes them, `egress` alone reads them: a search for `expose` finds every place
//! that sees one.

use std::fmt;

use zeroize::Zeroizing;

/// A credential's secret part.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret in. Surrounding white space, as files end with, is left out.
    pub fn new(text: impl Into<String>) -> Self {
        let text = Zeroizing::new(text.into());
        Self(Zeroizing::new(text.trim().to_owned()))
    }

    /// The secret itself.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
