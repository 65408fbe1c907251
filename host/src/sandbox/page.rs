//! Calling a connector: a fresh store, the limits, the call, and the store is gone.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt as _;
use probity_core::connector::{Failure, Manifest};
use probity_core::journal::{Journal, VERSION};
use tokio::time::timeout;
use wasmtime::{Store, UpdateDeadline};

use super::bindings::exports::probity::connector::source;
use super::bindings::probity::connector::types::Failure as WitFailure;
use super::doorway::Behind;
use super::error::PageError;
use super::log::LogGate;
use super::state::Guest;
use super::{Connector, Doors, Execution, PageCall, Usage, convert, text, trap};

/// Which export is called.
#[derive(Clone, Copy)]
pub(super) enum Ask {
    Describe,
    Check,
    Collect,
}

/// What it answered.
pub(super) enum Answer {
    Manifest(Manifest),
    Works(Vec<String>),
    Page(source::Page),
}

type Returned = wasmtime::Result<Result<Answer, WitFailure>>;

impl Connector {
    /// Runs one page: the `collect` of the connector in a fresh instance, with `doors` behind its doors.
    ///
    /// What it returned is converted, not admitted: whether the page keeps the contract is for
    /// [`probity_core::page`] to say.
    pub async fn collect(&self, call: &PageCall, doors: Box<dyn Doors>) -> Result<Execution, PageError> {
        self.page(call, Behind::World(doors)).await
    }

    /// Runs the connector's `check`: what works, one line each. `call.stream` and `call.cursor` are not used.
    pub async fn check(&self, call: &PageCall, doors: Box<dyn Doors>) -> Result<Vec<String>, PageError> {
        match self.ask(call, Behind::World(doors), Ask::Check).await?.0 {
            Answer::Works(lines) => {
                Ok(lines.iter().take(CHECK_LINES).map(|line| text::plain(line, CHECK_LINE)).collect())
            }
            _ => Err(another_answer()),
        }
    }

    pub(super) async fn page(&self, call: &PageCall, behind: Behind) -> Result<Execution, PageError> {
        let (answer, guest) = self.ask(call, behind, Ask::Collect).await?;
        let Answer::Page(page) = answer else { return Err(another_answer()) };
        let page = convert::page(page);
        let digest = page.digest().map_err(|error| PageError::Contract { breach: error.to_string() })?;
        let usage = usage(&guest);
        let (calls, captures) = guest.doors.into_record();
        let journal = Journal {
            v: VERSION,
            connector: self.digest(),
            stream: call.stream.clone(),
            cursor: call.cursor.clone(),
            config: call.config.clone(),
            instant: call.instant,
            seed: call.seed,
            calls,
            page: digest,
        };
        Ok(Execution { page, journal, captures, usage })
    }

    /// One call from start to end. The store is dropped whatever happened: a call that was cut short must
    /// never be entered again.
    pub(super) async fn ask(
        &self,
        call: &PageCall,
        behind: Behind,
        ask: Ask,
    ) -> Result<(Answer, Guest), PageError> {
        let limits = self.0.sandbox.limits();
        // Waiting for a place is not the connector's time.
        let _place = self.0.sandbox.0.running.acquire().await.map_err(|_| closed())?;
        let log = LogGate::new(Arc::clone(&self.0.label), limits, !matches!(ask, Ask::Describe));
        let mut store = self.store(Guest::new(limits, call, behind, log));
        let run = AssertUnwindSafe(self.run(&mut store, call, ask)).catch_unwind();
        let returned = timeout(limits.wall, run).await;
        let guest = store.into_data();
        remark(&self.0.label, &guest);
        match returned {
            Ok(Ok(Ok(Ok(answer)))) => Ok((answer, guest)),
            Ok(Ok(Ok(Err(failure)))) => Err(PageError::Failure(told(failure))),
            Ok(Ok(Err(error))) => Err(trap::explain(&error, &guest, limits)),
            Ok(Err(_)) => Err(PageError::Host { reason: "it panicked".into() }),
            Err(_) => Err(trap::out_of_time(limits)),
        }
    }

    fn store(&self, guest: Guest) -> Store<Guest> {
        let limits = self.0.sandbox.limits();
        let mut store = Store::new(self.0.sandbox.engine(), guest);
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

    async fn run(&self, store: &mut Store<Guest>, call: &PageCall, ask: Ask) -> Returned {
        let connector = self.0.pre.instantiate_async(&mut *store).await?;
        let source = connector.probity_connector_source();
        Ok(match ask {
            Ask::Describe => {
                let manifest = connector.probity_connector_manifest().call_describe(store).await?;
                Ok(Answer::Manifest(manifest.into()))
            }
            Ask::Check => source.call_check(store, &call.config).await?.map(Answer::Works),
            Ask::Collect => source
                .call_collect(store, &call.config, &call.stream, call.cursor.as_ref())
                .await?
                .map(Answer::Page),
        })
    }
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

fn another_answer() -> PageError {
    PageError::Host { reason: "the answer is to another question".into() }
}

fn closed() -> PageError {
    PageError::Host { reason: "the sandbox is closed".into() }
}

fn usage(guest: &Guest) -> Usage {
    let (log_lines, log_lines_dropped) = guest.log.counts();
    Usage {
        ticks: guest.ticks,
        memory: guest.guard.memory(),
        log_lines,
        log_lines_dropped,
        output_truncated: guest.stdout.is_truncated() || guest.stderr.is_truncated(),
    }
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

/// For messages: a number of bytes as people write it.
pub(super) fn mebibytes(bytes: usize) -> String {
    format!("{} MiB", bytes >> 20)
}
