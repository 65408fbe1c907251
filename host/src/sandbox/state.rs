//! What belongs to one call of a connector: made for it, dropped after it. Nothing of it reaches the next.

use wasmtime::component::ResourceTable;
use wasmtime_wasi::WasiCtx;

use super::call::Moment;
use super::doorway::{Behind, Doorway};
use super::guard::Guard;
use super::limits::Limits;
use super::log::LogGate;
use super::output::Output;
use super::wasi::{self, VirtualClock};

/// The data of one store.
pub(super) struct Guest {
    pub(super) wasi: WasiCtx,
    pub(super) table: ResourceTable,
    pub(super) clock: VirtualClock,
    pub(super) guard: Guard,
    pub(super) doors: Doorway,
    pub(super) log: LogGate,
    pub(super) stdout: Output,
    pub(super) stderr: Output,
    /// Ticks spent computing.
    pub(super) ticks: u64,
}

impl Guest {
    pub(super) fn new(limits: &Limits, moment: Moment, behind: Behind, log: LogGate) -> Self {
        let stdout = Output::new(limits.output_bytes);
        let stderr = Output::new(limits.output_bytes);
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.resources);
        Self {
            wasi: wasi::context(limits, moment.instant, moment.seed, &stdout, &stderr),
            table,
            clock: VirtualClock::default(),
            guard: Guard::new(limits),
            doors: Doorway::new(behind, limits.calls),
            log,
            stdout,
            stderr,
            ticks: 0,
        }
    }
}
