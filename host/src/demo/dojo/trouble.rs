//! The ways in which the sample tracker can be told to misbehave, one request at a time.
//!
//! Each is something a real source, or a proxy before it, has done to a reader.

use std::collections::VecDeque;
use std::time::Duration;

/// How a request is answered badly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misbehaviour {
    /// 429, with a `Retry-After` of these words: seconds, a date, or nonsense.
    TooManyRequests { retry_after: Option<String> },
    /// Any other status, with a page of HTML as proxies write it.
    Status(u16),
    /// Closes the connection without an answer.
    Drop,
    /// Begins the right answer, with its full length announced, and closes the connection in the middle.
    CutShort,
    /// The right answer, after a while.
    Slow(Duration),
    /// The right answer, but not before [`super::SampleDojo::behave`] is called.
    Hold,
    /// 500, repeating the request's `Authorization` header in the body as a debug page would.
    EchoToken,
}

#[derive(Debug)]
struct Trouble {
    path: String,
    how: Misbehaviour,
    left: u32,
}

/// What is still to go wrong, in order.
#[derive(Debug, Default)]
pub(super) struct Troubles(VecDeque<Trouble>);

impl Troubles {
    pub(super) fn add(&mut self, path: &str, how: Misbehaviour, times: u32) {
        if times > 0 {
            self.0.push_back(Trouble { path: path.to_owned(), how, left: times });
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first trouble for a path, used up by one.
    pub(super) fn take(&mut self, path: &str) -> Option<Misbehaviour> {
        let at = self.0.iter().position(|trouble| path.starts_with(&trouble.path))?;
        let trouble = self.0.get_mut(at)?;
        trouble.left -= 1;
        if trouble.left > 0 {
            return Some(trouble.how.clone());
        }
        self.0.remove(at).map(|trouble| trouble.how)
    }
}

#[cfg(test)]
mod tests {
    use super::{Misbehaviour, Troubles};

    #[test]
    fn troubles_are_used_up_in_order_and_only_on_their_path() {
        let mut troubles = Troubles::default();
        troubles.add("/api/v2/findings/", Misbehaviour::Drop, 2);
        troubles.add("/", Misbehaviour::Status(503), 1);
        assert_eq!(troubles.take("/api/v2/findings/"), Some(Misbehaviour::Drop));
        assert_eq!(troubles.take("/api/v2/tests/"), Some(Misbehaviour::Status(503)));
        assert_eq!(troubles.take("/api/v2/tests/"), None);
        assert_eq!(troubles.take("/api/v2/findings/7/notes/"), Some(Misbehaviour::Drop));
        assert_eq!(troubles.take("/api/v2/findings/"), None);
    }

    #[test]
    fn no_times_is_no_trouble() {
        let mut troubles = Troubles::default();
        troubles.add("/", Misbehaviour::Drop, 0);
        assert_eq!(troubles.take("/"), None);
    }
}
