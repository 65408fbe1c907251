//! What a connector may use: every number in one place, each with its reason.
//!
//! All of them are enforced; a number that nothing enforces does not belong here. What a connector may ask
//! of the network (bytes, time, concurrency of requests) is the egress' affair and absent.

use std::time::Duration;

/// How often the CPU budget is looked at. Ten milliseconds keep the cost of the ticks below what can be
/// measured, and bound what a loop can take beyond its budget.
pub const TICK: Duration = Duration::from_millis(10);

/// The limits of one sandbox. The defaults suit connectors written in Rust; those in Python or JavaScript
/// need at least 128 MiB of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a component's file. The largest honest ones (an interpreter inside) are about 35 MiB.
    pub component_bytes: usize,
    /// How long compiling may take. A large honest component takes some ten seconds; beyond this it is
    /// made to be slow. Compilation cannot be stopped from outside: the load fails, and the thread goes on
    /// until it is done, keeping the one place for compiling meanwhile.
    pub compile: Duration,
    /// Bytes of linear memory, all memories of a page together: a limit per memory would be one per
    /// memory the component chooses to have.
    pub memory: usize,
    /// Linear memories of a component. Composed components have a few.
    pub memories: u32,
    /// Core instances of a component, the adapters between its parts among them.
    pub instances: u32,
    /// Tables of a component.
    pub tables: u32,
    /// Elements of all tables together: a table of function pointers grows with the program, not with data.
    pub table_elements: usize,
    /// Bytes of stack for the connector's code. Parsing deeply nested data needs some of it.
    pub stack: usize,
    /// Computing time of one call, in steps of [`TICK`]. Waiting at a door does not count.
    pub cpu: Duration,
    /// Time of one call from start to end, doors included: the end of everything that waits.
    pub wall: Duration,
    /// Bytes the connector may hand to the host in one go: a request, or a page. It bounds what the host
    /// allocates on behalf of a connector.
    pub hostcall_bytes: usize,
    /// Handles alive at once. Connectors need a handful (the streams of stdout and stderr).
    pub handles: usize,
    /// Resources the host keeps for one instance, for the same reason.
    pub resources: usize,
    /// Bytes of randomness in one call.
    pub random_bytes: u64,
    /// Door calls of one page; each request of `fetch-all` counts. A page that needs more is more than a page.
    pub calls: u32,
    /// Bytes of stdout, and of stderr, that are kept; what comes after is thrown away.
    pub output_bytes: usize,
    /// Log lines of one call; further ones are counted and thrown away.
    pub log_lines: u32,
    /// Bytes of one log line, its fields included; longer ones are cut.
    pub log_line_bytes: usize,
    /// Pages that run at the same time; further ones wait. Times `memory`, it is what connectors may take of
    /// the machine.
    pub pages_at_once: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            component_bytes: 48 << 20,
            compile: Duration::from_mins(2),
            memory: 64 << 20,
            memories: 16,
            instances: 64,
            tables: 32,
            table_elements: 100_000,
            stack: 512 << 10,
            cpu: Duration::from_secs(5),
            wall: Duration::from_mins(1),
            hostcall_bytes: 8 << 20,
            handles: 4096,
            resources: 1024,
            random_bytes: 64 << 10,
            calls: 1000,
            output_bytes: 64 << 10,
            log_lines: 1000,
            log_line_bytes: 4 << 10,
            pages_at_once: 8,
        }
    }
}

impl Limits {
    /// The CPU budget in ticks, at least one.
    pub(super) fn cpu_ticks(&self) -> u64 {
        u64::try_from(self.cpu.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX).max(1)
    }
}
