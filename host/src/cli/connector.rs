//! `probity connector …`: look at connectors, or write one.

mod inspect;
mod new;
mod test;

use std::path::Path;

use clap::Subcommand;

use super::Exit;
use super::output::Output;

#[derive(Debug, Subcommand)]
pub enum ConnectorCommand {
    /// The connectors that ship inside this binary.
    List,
    /// All that a connector can do: its endpoints, folders, streams, and the grant to copy into your configuration.
    Inspect(inspect::InspectArguments),
    /// Start a connector of your own: a crate that builds and tests offline at once.
    New(new::NewArguments),
    /// Build and test a connector: its own tests, the component, its manifest, and that the sandbox takes it.
    Test(test::TestArguments),
}

pub async fn run(file: &Path, command: ConnectorCommand, output: &Output) -> anyhow::Result<Exit> {
    match command {
        ConnectorCommand::List => inspect::list(output).await,
        ConnectorCommand::Inspect(arguments) => inspect::run(file, &arguments, output).await,
        ConnectorCommand::New(arguments) => new::run(&arguments, output),
        ConnectorCommand::Test(arguments) => test::run(&arguments, output).await,
    }
}
