//! Calling a component: a fresh store, the limits, the call, and the store is gone.
//!
//! The same for both worlds and for each of their exports: what differs is which export is called, and that is
//! a value ([`Ask`]).

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt as _;
use probity_core::connector::{Failure, Manifest};
use probity_core::instant::Instant;
use tokio::time::timeout;
use wasmtime::component::Instance;
use wasmtime::{Store, UpdateDeadline};

use super::bindings::exports::probity::connector::{intake, source};
use super::bindings::probity::connector::schema::Disposition;
use super::bindings::probity::connector::types::Failure as WitFailure;
use super::doorway::Behind;
use super::error::PageError;
use super::link::Work;
use super::log::LogGate;
use super::state::Guest;
use super::{Loaded, text, trap};

/// What the time of day and chance are inside, all through a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) instant: Instant,
    pub(super) seed: u64,
}

/// Which export is called, and with what.
#[derive(Clone, Copy)]
pub(super) enum Ask<'a> {
    Describe,
    Check { config: &'a str },
    Collect { config: &'a str, stream: &'a str, cursor: Option<&'a String> },
    Submit { config: &'a str, submission: &'a intake::Submission },
    Status { config: &'a str, reference: &'a str },
}

/// What it answered.
pub(super) enum Answer {
    Manifest(Manifest),
    Works(Vec<String>),
    Page(source::Page),
    Receipt(intake::Receipt),
    Disposition(Disposition),
}

type Returned = wasmtime::Result<Result<Answer, WitFailure>>;

impl Loaded {
    /// One call from start to end. The store is dropped whatever happened: a call that was cut short must
    /// never be entered again.
    pub(super) async fn ask(
        &self,
        moment: Moment,
        behind: Behind,
        ask: Ask<'_>,
    ) -> Result<(Answer, Guest), PageError> {
        let limits = self.sandbox.limits();
        // Waiting for a place is not the connector's time.
        let _place = self.sandbox.0.running.acquire().await.map_err(|_| closed())?;
        let log = LogGate::new(Arc::clone(&self.label), limits, !matches!(ask, Ask::Describe));
        let mut store = self.store(Guest::new(limits, moment, behind, log));
        let run = AssertUnwindSafe(self.run(&mut store, ask)).catch_unwind();
        let returned = timeout(limits.wall, run).await;
        let guest = store.into_data();
        remark(&self.label, &guest);
        match returned {
            Ok(Ok(Ok(Ok(answer)))) => Ok((answer, guest)),
            Ok(Ok(Ok(Err(failure)))) => Err(PageError::Failure(told(failure))),
            Ok(Ok(Err(error))) => Err(trap::explain(&error, &guest, limits)),
            Ok(Err(_)) => Err(PageError::Host { reason: "it panicked".into() }),
            Err(_) => Err(trap::out_of_time(limits)),
        }
    }

    /// What the connector's `check` says works, one line each.
    pub(super) async fn works(
        &self,
        moment: Moment,
        behind: Behind,
        config: &str,
    ) -> Result<Vec<String>, PageError> {
        match self.ask(moment, behind, Ask::Check { config }).await?.0 {
            Answer::Works(lines) => {
                Ok(lines.iter().take(CHECK_LINES).map(|line| text::plain(line, CHECK_LINE)).collect())
            }
            _ => Err(another_answer()),
        }
    }

    fn store(&self, guest: Guest) -> Store<Guest> {
        let limits = self.sandbox.limits();
        let mut store = Store::new(self.sandbox.engine(), guest);
        store.limiter(|guest| &mut guest.guard);
        store.set_hostcall_fuel(limits.hostcall_bytes);
        store.set_max_component_handles(limits.handles);
        store.set_epoch_deadline(1);
        let budget = limits.cpu_ticks();
        store.epoch_deadline_callback(move |mut context| {
            let guest = context.data_mut();
            guest.ticks += 1;
            // Yielding at each tick keeps other pages going, and lets the wall limit end this one.
            Ok(if guest.ticks > budget { UpdateDeadline::Interrupt } else { UpdateDeadline::Yield(1) })
        });
        store
    }

    async fn run(&self, store: &mut Store<Guest>, ask: Ask<'_>) -> Returned {
        let instance = self.linked.pre.instantiate_async(&mut *store).await?;
        if matches!(ask, Ask::Describe) {
            let exports = self.linked.manifest.load(&mut *store, &instance)?;
            return Ok(Ok(Answer::Manifest(exports.call_describe(store).await?.into())));
        }
        match &self.linked.work {
            Work::Source(exports) => read(exports, store, &instance, ask).await,
            Work::Intake(exports) => file(exports, store, &instance, ask).await,
        }
    }
}

async fn read(
    exports: &source::GuestIndices,
    store: &mut Store<Guest>,
    instance: &Instance,
    ask: Ask<'_>,
) -> Returned {
    let exports = exports.load(&mut *store, instance)?;
    Ok(match ask {
        Ask::Check { config } => exports.call_check(store, config).await?.map(Answer::Works),
        Ask::Collect { config, stream, cursor } => {
            exports.call_collect(store, config, stream, cursor).await?.map(Answer::Page)
        }
        _ => return Err(wasmtime::Error::msg("the world `connector` has no such function")),
    })
}

async fn file(
    exports: &intake::GuestIndices,
    store: &mut Store<Guest>,
    instance: &Instance,
    ask: Ask<'_>,
) -> Returned {
    let exports = exports.load(&mut *store, instance)?;
    Ok(match ask {
        Ask::Check { config } => exports.call_check(store, config).await?.map(Answer::Works),
        Ask::Submit { config, submission } => {
            exports.call_submit(store, config, submission).await?.map(Answer::Receipt)
        }
        Ask::Status { config, reference } => {
            exports.call_status(store, config, reference).await?.map(Answer::Disposition)
        }
        _ => return Err(wasmtime::Error::msg("the world `intake-connector` has no such function")),
    })
}

/// Lines of a `check` that are shown, and bytes of each: it is for a person to read.
const CHECK_LINES: usize = 200;
const CHECK_LINE: usize = 1000;
/// Bytes of a failure's message, as the contract says.
const FAILURE_MESSAGE: usize = 4 << 10;

fn told(failure: WitFailure) -> Failure {
    let Failure { kind, message } = failure.into();
    Failure { kind, message: text::plain(&message, FAILURE_MESSAGE) }
}

pub(super) fn another_answer() -> PageError {
    PageError::Host { reason: "the answer is to another question".into() }
}

fn closed() -> PageError {
    PageError::Host { reason: "the sandbox is closed".into() }
}

/// Tells the operator what was thrown away.
fn remark(connector: &str, guest: &Guest) {
    let (_, dropped) = guest.log.counts();
    if dropped > 0 {
        tracing::warn!(target: "connector", connector, dropped, "log lines over the limit were thrown away");
    }
    if guest.stdout.is_truncated() || guest.stderr.is_truncated() {
        tracing::warn!(target: "connector", connector, "output over the limit was thrown away");
    }
}
