//! What Request Tracker's refusals mean, in words.
//!
//! It answers in English sentences of its own, which are passed on, and says "Forbidden" where it does not want to
//! say that there is no such thing.

use probity_sdk::prelude::*;

#[derive(Deserialize)]
struct Refusal {
    message: String,
}

/// What Request Tracker says in an answer that was accepted here and is a refusal all the same.
pub(crate) fn words(answer: Captured) -> String {
    let status = answer.status();
    match answer.json::<Refusal>() {
        Ok(refusal) => format!("it answers {status}, {}", refusal.value.message.trim()),
        Err(_) => format!("it answers {status}"),
    }
}

/// A failure with a hint where its kind alone would leave the operator to guess.
pub(crate) fn explained(failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::Auth => Failure::auth(
            "Request Tracker does not accept the token: it was revoked, has expired or is mistyped. Make one in the \
             settings of the user that files (Auth Tokens), and give it to the connection as the header \
             `Authorization` with the prefix `token `",
        ),
        _ => failure,
    }
}
