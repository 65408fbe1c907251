//! The deterministic WASI profile: what a standard library needs, none of it telling anything about the
//! machine or the moment.
//!
//! The wall clock stands at the page's instant. The monotonic clock is virtual: it advances a microsecond with
//! each reading, and a wait is over at once, with the clock at its end; so a connector cannot idle, and what
//! a poll returns never depends on real time. Randomness grows from the page's seed. No environment, no
//! arguments, no directories; stdin is closed, stdout and stderr are kept for the message of a crash.
//!
//! Deliberately absent: sockets, name lookup and HTTP. They are not linked, so a component that wants them
//! does not load.

use std::time::Duration;

use async_trait::async_trait;
use chacha20::ChaCha20Rng;
use probity_core::instant::Instant;
use rand::{Rng as _, SeedableRng as _};
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::clocks::{HostWallClock, WasiClocks, WasiClocksView as _};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, random};
use wasmtime_wasi::random::{WasiRandom, WasiRandomView as _};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_io::bindings::wasi::io;
use wasmtime_wasi_io::poll::{DynPollable, Pollable, subscribe};

use super::limits::Limits;
use super::output::Output;
use super::state::Guest;

/// The interfaces that are linked, without their version: any 0.2 is served.
pub(super) const OFFERED: &[&str] = &[
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// Links every interface of [`OFFERED`].
pub(super) fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    let l = linker;
    io::error::add_to_linker::<Guest, HasTable>(l, |guest| &mut guest.table)?;
    io::poll::add_to_linker::<Guest, HasTable>(l, |guest| &mut guest.table)?;
    io::streams::add_to_linker::<Guest, HasTable>(l, |guest| &mut guest.table)?;
    clocks::wall_clock::add_to_linker::<Guest, WasiClocks>(l, Guest::clocks)?;
    clocks::monotonic_clock::add_to_linker::<Guest, HasClock>(l, |guest| ClockView {
        clock: &guest.clock,
        table: &mut guest.table,
    })?;
    filesystem::types::add_to_linker::<Guest, WasiFilesystem>(l, Guest::filesystem)?;
    filesystem::preopens::add_to_linker::<Guest, WasiFilesystem>(l, Guest::filesystem)?;
    random::random::add_to_linker::<Guest, WasiRandom>(l, Guest::random)?;
    random::insecure::add_to_linker::<Guest, WasiRandom>(l, Guest::random)?;
    random::insecure_seed::add_to_linker::<Guest, WasiRandom>(l, Guest::random)?;
    cli::exit::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::environment::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::stdin::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::stdout::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::stderr::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::terminal_input::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::terminal_output::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::terminal_stdin::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::terminal_stdout::add_to_linker::<Guest, WasiCli>(l, Guest::cli)?;
    cli::terminal_stderr::add_to_linker::<Guest, WasiCli>(l, Guest::cli)
}

/// A context for one page.
pub(super) fn context(
    limits: &Limits,
    instant: Instant,
    seed: u64,
    stdout: &Output,
    stderr: &Output,
) -> WasiCtx {
    let mut insecure = generator(b"probity/insecure-random", seed);
    WasiCtxBuilder::new()
        .stdout(stdout.clone())
        .stderr(stderr.clone())
        .wall_clock(StandingClock(instant))
        .max_random_size(limits.random_bytes)
        .secure_random(generator(b"probity/random", seed))
        .insecure_random_seed(u128::from(insecure.next_u64()) << 64 | u128::from(insecure.next_u64()))
        .insecure_random(insecure)
        .build()
}

/// `ChaCha20` keyed with the seed and a label. Named by its algorithm and keyed by hand, because a journal
/// must replay on a host of any later version.
fn generator(label: &[u8], seed: u64) -> ChaCha20Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    for (place, byte) in key[8..].iter_mut().zip(label) {
        *place = *byte;
    }
    ChaCha20Rng::from_seed(key)
}

/// A wall clock that stands still.
struct StandingClock(Instant);

impl HostWallClock for StandingClock {
    fn resolution(&self) -> Duration {
        Duration::from_micros(1)
    }

    fn now(&self) -> Duration {
        // WASI knows no time before 1970.
        Duration::from_micros(u64::try_from(self.0.as_micros()).unwrap_or(0))
    }
}

/// A monotonic clock that only moves when it is looked at or waited for. In nanoseconds from the page's start.
#[derive(Clone, Default)]
pub(super) struct VirtualClock(std::sync::Arc<std::sync::atomic::AtomicU64>);

impl VirtualClock {
    const STEP: u64 = 1000;

    fn read(&self) -> u64 {
        let at = self.at().saturating_add(Self::STEP);
        self.advance_to(at);
        at
    }

    fn at(&self) -> u64 {
        self.0.load(std::sync::atomic::Ordering::Relaxed)
    }

    fn advance_to(&self, instant: u64) {
        self.0.fetch_max(instant, std::sync::atomic::Ordering::Relaxed);
    }
}

struct HasTable;

impl HasData for HasTable {
    type Data<'a> = &'a mut ResourceTable;
}

struct HasClock;

impl HasData for HasClock {
    type Data<'a> = ClockView<'a>;
}

struct ClockView<'a> {
    clock: &'a VirtualClock,
    table: &'a mut ResourceTable,
}

impl ClockView<'_> {
    fn wait_until(&mut self, end: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let wait = self.table.push(Wait { clock: self.clock.clone(), end })?;
        subscribe(self.table, wait)
    }
}

impl monotonic_clock::Host for ClockView<'_> {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.clock.read())
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(VirtualClock::STEP)
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.wait_until(when)
    }

    fn subscribe_duration(&mut self, duration: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let end = self.clock.at().saturating_add(duration);
        self.wait_until(end)
    }
}

/// A wait on the virtual clock.
struct Wait {
    clock: VirtualClock,
    end: u64,
}

#[async_trait]
impl Pollable for Wait {
    async fn ready(&mut self) {
        self.clock.advance_to(self.end);
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn randomness_is_the_same_on_every_host_version() {
        // The first words of ChaCha20 (RFC 8439) under this key, computed apart from this code. Were they to
        // change, journals of older versions would no longer replay.
        assert_eq!(generator(b"probity/random", 7).next_u64(), 11_184_519_538_420_990_834);
        assert_ne!(generator(b"probity/random", 7).next_u64(), generator(b"probity/random", 8).next_u64());
    }

    #[tokio::test]
    async fn a_wait_is_over_at_once_and_the_clock_stands_at_its_end() {
        let clock = VirtualClock::default();
        let mut wait = Wait { clock: clock.clone(), end: u64::MAX - 5000 };
        wait.ready().await;
        assert_eq!(clock.read(), u64::MAX - 4000);
        clock.advance_to(u64::MAX);
        assert_eq!(clock.read(), u64::MAX, "the clock never wraps");
    }
}
