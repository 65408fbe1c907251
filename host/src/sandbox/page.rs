//! Collecting: one page, from the call to the journal of it.

use probity_core::journal::{Journal, VERSION};

use super::call::{Answer, Ask, Moment, another_answer};
use super::doorway::Behind;
use super::error::PageError;
use super::state::Guest;
use super::{Connector, Doors, Execution, PageCall, Usage, convert};

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
        self.0.works(moment(call), Behind::World(doors), &call.config).await
    }

    pub(super) async fn page(&self, call: &PageCall, behind: Behind) -> Result<Execution, PageError> {
        let ask = Ask::Collect { config: &call.config, stream: &call.stream, cursor: call.cursor.as_ref() };
        let (answer, guest) = self.0.ask(moment(call), behind, ask).await?;
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
}

const fn moment(call: &PageCall) -> Moment {
    Moment { instant: call.instant, seed: call.seed }
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
