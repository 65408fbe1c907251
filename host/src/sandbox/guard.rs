//! The guard of an instance's memories and tables: it adds up all of them, and remembers what it refused.
//!
//! Remembering matters because a refused growth is only a `-1` inside: what the connector does about it,
//! mostly crashing somewhere else, must still be told as the limit it was.

use wasmtime::ResourceLimiter;

use super::error::Limit;
use super::limits::Limits;

pub(super) struct Guard {
    memory: Tally,
    table: Tally,
    instances: usize,
    memories: usize,
    tables: usize,
    refused: Option<Limit>,
}

/// One sum with its bound. It only grows: memories and tables live as long as their page.
struct Tally {
    used: usize,
    max: usize,
}

enum Verdict {
    Permitted,
    /// The memory or table may not become that large by its own declaration.
    BeyondItself,
    OverLimit,
}

impl Tally {
    fn grow(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Verdict {
        let sum = self.used.saturating_add(desired.saturating_sub(current));
        if sum > self.max {
            return Verdict::OverLimit;
        }
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Verdict::BeyondItself;
        }
        self.used = sum;
        Verdict::Permitted
    }
}

impl Guard {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            memory: Tally { used: 0, max: limits.memory },
            table: Tally { used: 0, max: limits.table_elements },
            instances: limits.instances as usize,
            memories: limits.memories as usize,
            tables: limits.tables as usize,
            refused: None,
        }
    }

    /// The last growth that was refused, if any.
    pub(super) const fn refused(&self) -> Option<Limit> {
        self.refused
    }

    /// The memory in use at the end, which is the most that ever was, in bytes.
    pub(super) const fn memory(&self) -> usize {
        self.memory.used
    }

    const fn note(&mut self, verdict: &Verdict, limit: Limit) -> bool {
        if matches!(verdict, Verdict::OverLimit) {
            self.refused = Some(limit);
        }
        matches!(verdict, Verdict::Permitted)
    }
}

// `memory_grow_failed` and `table_grow_failed` are left as they are, on purpose: the engine also reports
// failures of growths it never asked about (beyond what 32 bits can address), so taking something back on
// a report would let a connector count itself down to nothing and grow for ever. What is counted too much is
// only a growth the operating system refused.
impl ResourceLimiter for Guard {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let verdict = self.memory.grow(current, desired, maximum);
        Ok(self.note(&verdict, Limit::Memory))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let verdict = self.table.grow(current, desired, maximum);
        Ok(self.note(&verdict, Limit::Table))
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(memory: usize) -> Guard {
        Guard::new(&Limits { memory, table_elements: 10, ..Limits::default() })
    }

    #[test]
    fn memories_are_added_up() {
        let mut guard = guard(100);
        assert!(guard.memory_growing(0, 60, None).unwrap());
        assert_eq!(guard.refused(), None);
        assert!(
            !guard.memory_growing(0, 60, None).unwrap(),
            "a second memory counts together with the first"
        );
        assert_eq!(guard.refused(), Some(Limit::Memory));
        assert!(guard.memory_growing(0, 40, None).unwrap(), "what was refused was not counted");
        assert_eq!(guard.memory(), 100);
    }

    #[test]
    fn a_failure_that_was_never_asked_about_takes_nothing_back() {
        let mut guard = guard(100);
        assert!(guard.memory_growing(0, 60, None).unwrap());
        guard.memory_grow_failed(wasmtime::Error::msg("memory growth exceeds memory type's limits")).unwrap();
        assert!(!guard.memory_growing(60, 120, None).unwrap());
    }

    #[test]
    fn growing_beyond_its_own_declaration_costs_nothing_and_is_no_limit_of_ours() {
        let mut guard = guard(100);
        for _ in 0..5 {
            assert!(!guard.memory_growing(0, 60, Some(50)).unwrap());
        }
        assert_eq!(guard.refused(), None);
        assert!(guard.memory_growing(0, 100, Some(100)).unwrap());
    }

    #[test]
    fn tables_are_added_up_too() {
        let mut guard = guard(100);
        assert!(guard.table_growing(0, 6, None).unwrap());
        assert!(!guard.table_growing(0, 6, None).unwrap());
        assert_eq!(guard.refused(), Some(Limit::Table));
    }
}
