//! The `probity` binary: arguments, configuration, telemetry, run. Everything else is in the library.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    probity::cli::main(probity::cli::Arguments::parse())
}
