//! What an error of the engine means: which limit was met, or what the connector did.
//!
//! Two limits have no type of their own in wasmtime and are known by their words; the tests over real
//! components hold those. Only the innermost cause is looked at: the outer ones carry names out of the component,
//! which could say anything.

use wasmtime::{Trap, WasmBacktrace};
use wasmtime_wasi::{I32Exit, ResourceTableError};

use super::doorway::Stop;
use super::error::{Limit, PageError};
use super::limits::Limits;
use super::state::Guest;
use super::text;

/// Bytes of a connector's last words, and of a trap's explanation.
const LAST_WORDS: usize = 4 << 10;
const EXPLANATION: usize = 1 << 10;

/// Names an error.
pub(super) fn explain(error: &wasmtime::Error, guest: &Guest, limits: &Limits) -> PageError {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return stopped(stop);
    }
    if let Some(limit) = limit_of(error, guest) {
        return exceeded(limit, limits);
    }
    if let Some(I32Exit(status)) = error.downcast_ref::<I32Exit>() {
        return PageError::Exit { status: *status };
    }
    PageError::Trap { trap: trap(error), last_words: guest.stderr.beginning(LAST_WORDS) }
}

/// The end of a call that took longer than it may, waiting included.
pub(super) fn out_of_time(limits: &Limits) -> PageError {
    exceeded(Limit::Wall, limits)
}

fn stopped(stop: &Stop) -> PageError {
    match stop.clone() {
        Stop::Calls { max } => PageError::Limit {
            limit: Limit::Calls,
            rule: format!("a call makes at most {max} door calls"),
            remedy: "return what was read and a cursor for the rest",
        },
        Stop::Shut { door } => PageError::DoorShut { door },
        Stop::Diverged { call, expected, actual } => PageError::Diverged { call, expected, actual },
    }
}

fn limit_of(error: &wasmtime::Error, guest: &Guest) -> Option<Limit> {
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => return Some(Limit::Cpu),
        Some(Trap::StackOverflow) => return Some(Limit::Stack),
        _ => {}
    }
    if matches!(error.downcast_ref::<ResourceTableError>(), Some(ResourceTableError::Full)) {
        return Some(Limit::Handles);
    }
    let cause = error.root_cause().to_string();
    if cause.contains("fuel allocated for hostcalls has been exhausted")
        || cause.starts_with("requested len ")
    {
        return Some(Limit::Hostcall);
    }
    if cause.contains("store handle limit exceeded") {
        return Some(Limit::Handles);
    }
    if cause.starts_with("resource limit exceeded: table") {
        return Some(Limit::Table);
    }
    if cause.starts_with("resource limit exceeded: ") {
        return Some(Limit::Memory);
    }
    // A refused growth is only a -1 inside; whatever crash follows is its consequence.
    guest.guard.refused()
}

fn exceeded(limit: Limit, limits: &Limits) -> PageError {
    let (rule, remedy) = match limit {
        Limit::Cpu => (format!("a call may compute for {:?}", limits.cpu), "return fewer items a page"),
        Limit::Wall => (
            format!("a call may take {:?}, waiting included", limits.wall),
            "ask for less a page, or see why the source is slow",
        ),
        Limit::Memory => (
            format!(
                "it may use {} of memory and {} instances in all",
                mebibytes(limits.memory),
                limits.instances
            ),
            "read smaller answers, or raise the limit",
        ),
        Limit::Table => (
            format!("it may use {} table elements in all", limits.table_elements),
            "build it with current tools",
        ),
        Limit::Stack => (
            format!("its stack is {} KiB", limits.stack >> 10),
            "recurse less deeply: data from a source decides how deep",
        ),
        Limit::Hostcall => (
            format!("it may hand {} to the host in one go", mebibytes(limits.hostcall_bytes)),
            "return fewer items a page, or send smaller requests",
        ),
        Limit::Handles => (
            format!("it may hold {} handles at once", limits.resources.min(limits.handles)),
            "close streams after use",
        ),
        Limit::Calls => {
            (format!("a call makes at most {} door calls", limits.calls), "return a cursor for the rest")
        }
    };
    PageError::Limit { limit, rule, remedy }
}

/// For messages: a number of bytes as people write it.
fn mebibytes(bytes: usize) -> String {
    format!("{} MiB", bytes >> 20)
}

/// The cause, and the functions it happened in.
fn trap(error: &wasmtime::Error) -> String {
    let mut told = text::plain(&error.root_cause().to_string(), EXPLANATION);
    let names: Vec<String> = error
        .downcast_ref::<WasmBacktrace>()
        .map(|trace| trace.frames().iter().filter_map(|frame| frame.func_name()).take(6))
        .into_iter()
        .flatten()
        .map(|name| text::plain(name, 80))
        .collect();
    if !names.is_empty() {
        told = format!("{told} (in {})", names.join(" < "));
    }
    told
}
