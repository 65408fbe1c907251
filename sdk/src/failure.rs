//! How things fail: constructors for [`Failure`], and what an HTTP status means.
//!
//! The contract's failure is a closed kind the host acts upon (retry later, ask the operator, tell a gap) and a
//! sentence for a person. What a connector cannot judge, it passes on with `?`.

use std::fmt::Display;

use crate::time;
use crate::{Failure, FailureKind};

/// What most of a connector's functions return.
pub type Result<T, E = Failure> = core::result::Result<T, E>;

/// Longest pause that is passed on to the host, in seconds: a day. Sources have been seen to ask for centuries.
const LONGEST_PAUSE: i64 = 86_400;

/// The contract's limit is 4 KiB; most of a message this long is somebody else's text.
const LONGEST_MESSAGE: usize = 2_000;

impl Failure {
    /// A failure of some kind. Say what was attempted, what went wrong and what to change; long messages are cut.
    pub fn new(kind: FailureKind, message: impl Display) -> Self {
        let mut message = message.to_string();
        if message.len() > LONGEST_MESSAGE {
            let end = (0..=LONGEST_MESSAGE).rev().find(|at| message.is_char_boundary(*at)).unwrap_or(0);
            message.truncate(end);
            message.push('…');
        }
        Self { kind, message }
    }

    /// The connection's configuration is wrong: the operator must change it.
    pub fn config(message: impl Display) -> Self {
        Self::new(FailureKind::Config, message)
    }

    /// The source did not accept the credential.
    pub fn auth(message: impl Display) -> Self {
        Self::new(FailureKind::Auth, message)
    }

    /// The credential is accepted but may not read this.
    pub fn permission(message: impl Display) -> Self {
        Self::new(FailureKind::Permission, message)
    }

    /// The source answered something the connector does not understand.
    pub fn shape(message: impl Display) -> Self {
        Self::new(FailureKind::Shape, message)
    }

    /// Something is over a size limit.
    pub fn too_large(message: impl Display) -> Self {
        Self::new(FailureKind::TooLarge, message)
    }

    /// The source says there is no such thing.
    pub fn not_found(message: impl Display) -> Self {
        Self::new(FailureKind::NotFound, message)
    }

    /// A defect of the connector itself.
    pub fn internal(message: impl Display) -> Self {
        Self::new(FailureKind::Internal, message)
    }

    /// The same failure with what was attempted put before its message.
    #[must_use]
    pub fn during(self, attempt: impl Display) -> Self {
        Self::new(self.kind, format_args!("{attempt}: {}", self.message))
    }
}

/// What a status outside 200–299 means, or `None` when it is a success.
pub(crate) fn of_status(
    status: u16,
    header: impl Fn(&str) -> Option<String>,
    attempt: &str,
) -> Option<Failure> {
    let kind = match status {
        200..=299 => return None,
        401 => FailureKind::Auth,
        403 => FailureKind::Permission,
        404 | 410 => FailureKind::NotFound,
        408 | 425 => FailureKind::Unavailable,
        413 => FailureKind::TooLarge,
        429 => FailureKind::RateLimited(retry_after(&header)),
        // A maintenance window and a throttled client both use 503, and only the pause tells them apart.
        503 if header("retry-after").is_some() => FailureKind::RateLimited(retry_after(&header)),
        500..=599 => FailureKind::Unavailable,
        _ => FailureKind::Shape,
    };
    Some(Failure::new(kind, format_args!("{attempt}: the source answered {status}{}", meaning(status))))
}

const fn meaning(status: u16) -> &'static str {
    match status {
        300..=399 => {
            ", a redirect, which is not followed: check the connection's URL (http or https, the path, a slash)"
        }
        400 | 422 => ": it refuses the request as the connector wrote it",
        401 => ": it does not accept the credential",
        403 => ": the credential may not read this",
        404 | 410 => ": there is no such thing there",
        429 => ": too many requests",
        _ => "",
    }
}

/// Seconds to wait by `Retry-After` (RFC 9110, 10.2.3). A date is counted from the answer's own `Date`, never
/// from a clock, so that a replay computes the same; without a `Date` it says nothing.
fn retry_after(header: &impl Fn(&str) -> Option<String>) -> Option<u32> {
    let text = header("retry-after")?;
    let text = text.trim();
    let seconds = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a long time, not a mistake.
        text.parse::<i64>().unwrap_or(i64::MAX)
    } else {
        let until = time::http_date(text).ok()??;
        let from = time::http_date(header("date")?.trim()).ok()??;
        until.seconds_since(from)
    };
    u32::try_from(seconds.clamp(0, LONGEST_PAUSE)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, headers: &[(&str, &str)]) -> Option<FailureKind> {
        let header = |name: &str| {
            headers.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned())
        };
        of_status(status, header, "reading").map(|failure| failure.kind)
    }

    #[test]
    fn statuses_have_the_meaning_the_host_acts_upon() {
        assert_eq!(kind(200, &[]), None);
        assert_eq!(kind(204, &[]), None);
        assert_eq!(kind(401, &[]), Some(FailureKind::Auth));
        assert_eq!(kind(403, &[]), Some(FailureKind::Permission));
        assert_eq!(kind(404, &[]), Some(FailureKind::NotFound));
        assert_eq!(kind(500, &[]), Some(FailureKind::Unavailable));
        assert_eq!(kind(503, &[]), Some(FailureKind::Unavailable));
        assert_eq!(kind(302, &[]), Some(FailureKind::Shape));
        assert_eq!(kind(400, &[]), Some(FailureKind::Shape));
    }

    #[test]
    fn a_pause_is_read_in_seconds_or_as_a_date_and_never_taken_literally_when_absurd() {
        let limited = |headers: &[(&str, &str)]| match kind(429, headers) {
            Some(FailureKind::RateLimited(pause)) => pause,
            other => panic!("not rate limited: {other:?}"),
        };
        assert_eq!(limited(&[]), None);
        assert_eq!(limited(&[("retry-after", "120")]), Some(120));
        assert_eq!(limited(&[("retry-after", "99999999999999999999999")]), Some(86_400));
        assert_eq!(limited(&[("retry-after", "-5")]), None);
        assert_eq!(limited(&[("retry-after", "soon")]), None);
        let date = ("date", "Sun, 22 Nov 2026 21:29:09 GMT");
        assert_eq!(limited(&[date, ("retry-after", "Sun, 22 Nov 2026 21:30:09 GMT")]), Some(60));
        assert_eq!(limited(&[date, ("retry-after", "Sun, 22 Nov 2026 21:00:00 GMT")]), Some(0));
        assert_eq!(limited(&[date, ("retry-after", "Fri, 22 Nov 2999 21:00:00 GMT")]), Some(86_400));
        assert_eq!(limited(&[("retry-after", "Sun, 22 Nov 2026 21:30:09 GMT")]), None);
        assert_eq!(kind(503, &[("retry-after", "7")]), Some(FailureKind::RateLimited(Some(7))));
    }

    #[test]
    fn long_messages_are_cut_between_characters() {
        let failure = Failure::shape("ä".repeat(5_000));
        assert!(failure.message.len() <= 2_003, "{}", failure.message.len());
        assert!(failure.message.ends_with('…'));
    }
}
