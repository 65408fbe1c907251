//! What the host does on its own, held by a fixed clock.

mod checkpoints;
mod crashed;
mod filing;
mod listings;
mod looking;
mod queue;
mod scripted;
mod told;

use std::sync::Arc;
use std::time::Duration;

use probity::intake::Intake;
use probity::rounds::{Intakes, Rounds, Settings};
use probity_core::run::Backoff;
use probity_tests::packet::{Office, POLICY};

use scripted::Scripted;

/// Three attempts, each within a minute.
fn settings() -> Settings {
    let backoff = Backoff {
        base: Duration::from_secs(10),
        cap: Duration::from_secs(30),
        attempts: 3,
        retry_after_cap: Duration::from_secs(30),
    };
    Settings { retry: backoff, search: backoff, ..Settings::default() }
}

/// Long enough for every wait of [`settings`], and for a lease to lapse.
const LATER: Duration = Duration::from_mins(10);

/// The rounds of an office with the queue of its own.
fn rounds(office: &Office) -> Rounds {
    Rounds::new(office.casework.clone(), settings())
}

/// The same with an intake called `board`.
fn rounds_with(office: &Office, board: &Arc<Scripted>) -> Rounds {
    let board = Arc::clone(board) as Arc<dyn Intake>;
    rounds(office).with_intakes(Intakes::from([("board".to_owned(), board)]))
}

/// The policy of a board whose queue is elsewhere.
fn policy_elsewhere() -> String {
    POLICY.replace("intake = \"queue\"", "intake = \"board\"")
}
