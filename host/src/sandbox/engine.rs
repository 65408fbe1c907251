//! The engine: which WebAssembly is accepted, how it is compiled, where instances live, and the ticker that
//! lets computing be interrupted.
//!
//! Features are switched off one by one rather than trusted to be off: what the engine accepts by default
//! grows with its versions. (Threads, garbage collection and exceptions are not even compiled in.) Multi-memory stays on, since the adapters between the parts of a composed
//! component need it; memories are bounded by [`super::guard`] instead.

use std::thread::{self, JoinHandle};

use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::error::LoadError;
use super::limits::{Limits, TICK};

/// Where instances live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// In slots reserved when the sandbox was made: a page starts in microseconds.
    Pooling,
    /// Mapped for each page: for machines that do not give away enough address space.
    OnDemand,
}

/// An engine with the given limits, pooling where the machine allows it.
pub(super) fn engine(limits: &Limits) -> Result<(Engine, Allocation), LoadError> {
    // Making the engine reserves the pool's address space, so the attempt itself is the probe.
    match Engine::new(&config(limits, Allocation::Pooling)) {
        Ok(engine) => Ok((engine, Allocation::Pooling)),
        Err(error) => {
            tracing::warn!(%error, "instances are mapped on demand: the pool's address space cannot be reserved");
            let engine = Engine::new(&config(limits, Allocation::OnDemand)).map_err(LoadError::engine)?;
            Ok((engine, Allocation::OnDemand))
        }
    }
}

fn config(limits: &Limits, allocation: Allocation) -> Config {
    let mut config = Config::new();
    config
        .wasm_memory64(false)
        .wasm_shared_everything_threads(false)
        .wasm_relaxed_simd(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false)
        .wasm_stack_switching(false)
        .concurrency_support(false)
        .shared_memory(false)
        // The same component over the same journal must give the same bytes on any machine.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .epoch_interruption(true)
        .max_wasm_stack(limits.stack)
        .async_stack_size(limits.stack + HOST_STACK)
        // Nothing of one page is left on the stack for the next.
        .async_stack_zeroing(true)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(16));
    match allocation {
        Allocation::Pooling => {
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
        }
        Allocation::OnDemand => {
            // No generous reservation either: its failing is why we are here.
            config
                .allocation_strategy(InstanceAllocationStrategy::OnDemand)
                .memory_reservation(limits.memory as u64)
                .memory_reservation_for_growth(1 << 20);
        }
    }
    config
}

/// Stack of a door call: it runs on the same fiber as the connector that made it.
const HOST_STACK: usize = 1536 << 10;

/// Slots for the pages that may run at once, each as large as the limits of a page allow, so that a page
/// which got its permit never finds the pool full.
fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let pages = limits.pages_at_once;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(pages)
        .total_core_instances(pages.saturating_mul(limits.instances))
        .total_memories(pages.saturating_mul(limits.memories))
        .total_tables(pages.saturating_mul(limits.tables))
        .total_stacks(pages.saturating_mul(2))
        .max_core_instances_per_component(limits.instances)
        .max_memories_per_component(limits.memories)
        .max_memories_per_module(limits.memories)
        .max_tables_per_component(limits.tables)
        .max_tables_per_module(limits.tables)
        .max_memory_size(limits.memory)
        .table_elements(limits.table_elements);
    pool
}

/// Starts the thread that advances the engine's epoch until the engine is gone.
///
/// A thread of its own, because a task would starve together with the executor it is to protect.
pub(super) fn ticker(engine: &Engine) -> std::io::Result<JoinHandle<()>> {
    let engine = engine.weak();
    thread::Builder::new().name("sandbox-ticker".into()).spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            // Not held while sleeping: the engine must be able to go.
            drop(engine);
            thread::sleep(TICK);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticker_ends_with_the_engine() {
        let (engine, _) = engine(&Limits::default()).unwrap();
        let ticker = ticker(&engine).unwrap();
        assert!(!ticker.is_finished());
        drop(engine);
        ticker.join().unwrap();
    }

    #[test]
    fn a_machine_without_address_space_gets_instances_on_demand() {
        let (_, allocation) = engine(&Limits { pages_at_once: 1 << 20, ..Limits::default() }).unwrap();
        assert_eq!(allocation, Allocation::OnDemand);
        let (_, allocation) = engine(&Limits::default()).unwrap();
        assert_eq!(allocation, Allocation::Pooling);
    }

    #[test]
    fn features_beyond_the_contract_are_refused() {
        let (engine, _) = engine(&Limits::default()).unwrap();
        for (feature, module) in [
            ("memory64", "(module (memory i64 1))"),
            ("threads", "(module (memory 1 1 shared))"),
            (
                "relaxed simd",
                "(module (func (drop (i32x4.relaxed_trunc_f32x4_s (v128.const i32x4 0 0 0 0)))))",
            ),
            ("gc", "(module (type (struct)))"),
            ("exceptions", "(module (tag))"),
        ] {
            let component = wat::parse_str(format!("(component (core {}", &module[1..]) + ")").unwrap();
            assert!(wasmtime::component::Component::from_binary(&engine, &component).is_err(), "{feature}");
        }
    }
}
