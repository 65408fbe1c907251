//! Whom a reader of a bundle believes: OpenSSH's `allowed_signers`.
//!
//! A bundle carries its key registry, and a registry says of itself whatever its writer wanted. So the keys inside vouch for
//! nothing; what vouches is a file the reader keeps, in the format `ssh-keygen -Y verify -f` reads, so that a board
//! keeps one list for Probity and for everything else its people sign.
//!
//! Where a line cannot be honoured exactly, reading fails with its number: a trust file that is half understood is worse
//! than none. Lines with kinds of key that can sign nothing here (RSA) are listed in [`Trust::unused`] and vouch for nothing.
//!
//! The format has no kind of key for passkeys. But a passkey is a point on a curve, and the line of the plain key with that point
//! ([`PublicKey::line`]) names it. Such a line says whose the key is, and nothing of the site it signs for or of where it is kept.
//!
//! Deliberately absent: certificate authorities.

mod line;

#[cfg(test)]
mod tests;

use crate::instant::Instant;
use crate::signature::{BadKey, NAMESPACE, PublicKey};

use line::{Signer, matches_list};

/// The longest trust file that is read.
const MAX_FILE: usize = 1024 * 1024;

/// An `allowed_signers` file.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    signers: Vec<Signer>,
    unused: Vec<(usize, BadKey)>,
}

/// The line that vouches for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voucher {
    /// Counted from 1.
    pub line: usize,
}

/// Why a text is not a trust file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTrust {
    #[error("the trust file is {0} bytes long; at most {MAX_FILE} are read")]
    TooLarge(usize),
    #[error("line {line} of the trust file cannot be honoured: {why}")]
    Line { line: usize, why: String },
    #[error(
        "line {0} of the trust file trusts a certificate authority; Probity lists keys, not issuers: write a line for \
         each person's own key"
    )]
    CertAuthority(usize),
}

/// Why nobody vouches for a key, from the line that came closest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum NotVouched {
    #[error("the trust file does not have the key")]
    NotListed,
    #[error("the trust file has the key for somebody else")]
    OtherPrincipal,
    #[error("the trust file has the key, but not for the namespace `{NAMESPACE}`")]
    OtherNamespace,
    #[error("the trust file has the key, but from a later time on (line {line}: valid-after)")]
    NotYet { line: usize },
    #[error("the trust file has the key, but up to an earlier time (line {line}: valid-before)")]
    NoLonger { line: usize },
}

impl Trust {
    /// Reads a file.
    pub fn parse(text: &str) -> Result<Self, BadTrust> {
        if text.len() > MAX_FILE {
            return Err(BadTrust::TooLarge(text.len()));
        }
        let mut trust = Self::default();
        for (line, text) in (1..).zip(text.lines()) {
            match line::read(line, text)? {
                line::Line::Nothing => {}
                line::Line::Signer(signer) => trust.signers.push(*signer),
                line::Line::Unused(kind) => trust.unused.push((line, kind)),
            }
        }
        Ok(trust)
    }

    /// Whether the file says that this was the principal's key for Probity at that instant.
    pub fn vouches(&self, principal: &str, key: &PublicKey, at: Instant) -> Result<Voucher, NotVouched> {
        let mut closest = NotVouched::NotListed;
        for signer in self.signers.iter().filter(|signer| signer.key.names(key)) {
            let line = signer.line;
            let reason = if !matches_list(principal, &signer.principals) {
                NotVouched::OtherPrincipal
            } else if signer.namespaces.as_ref().is_some_and(|list| !matches_list(NAMESPACE, list)) {
                NotVouched::OtherNamespace
            } else if signer.valid_after.is_some_and(|after| at < after) {
                NotVouched::NotYet { line }
            } else if signer.valid_before.is_some_and(|before| before < at) {
                NotVouched::NoLonger { line }
            } else {
                return Ok(Voucher { line });
            };
            closest = closest.max(reason);
        }
        Err(closest)
    }

    /// Lines whose kind of key can sign nothing here, with the reason.
    pub fn unused(&self) -> &[(usize, BadKey)] {
        &self.unused
    }

    /// How many lines can vouch.
    pub fn len(&self) -> usize {
        self.signers.len()
    }

    /// Whether the file can vouch for nobody.
    pub fn is_empty(&self) -> bool {
        self.signers.is_empty()
    }
}

impl BadTrust {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "trust.too-large",
            Self::Line { .. } => "trust.line",
            Self::CertAuthority(_) => "trust.cert-authority",
        }
    }
}

impl NotVouched {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotListed => "trust.not-listed",
            Self::OtherPrincipal => "trust.other-principal",
            Self::OtherNamespace => "trust.other-namespace",
            Self::NotYet { .. } => "trust.not-yet",
            Self::NoLonger { .. } => "trust.no-longer",
        }
    }
}
