//! The command line: arguments in, use cases called, tables or JSON out.
//!
//! Data goes to stdout, talk (progress, hints, errors) to stderr, so that a pipe carries only data. Colours
//! and progress bars appear only on terminals. Nothing here takes a secret as an argument: the process list
//! shows arguments to everybody.
//!
//! Exit codes are part of the interface: see [`exit`].

mod acting;
mod board;
mod check;
mod collect;
mod config;
mod connector;
mod demo;
mod evidence;
mod exit;
mod host;
mod key;
mod ledger;
mod output;
mod packet;
mod principal;
mod progress;
mod queue;
mod replay;
mod rounds;
mod run;
mod serve;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use exit::Exit;
use output::{Format, Output};

const EXAMPLES: &str = "\
First steps:
  probity demo                          a running host with sample sources, nothing to install
  probity connector inspect standards   all that a connector can do, before you grant it anything
  probity config check                  whether your probity.toml is right, and what to mend
  probity collect --all                 collect every connection once
  probity evidence list --kind finding  what was found
  probity evidence trace ID             the way back to the raw bytes
  probity packet readiness              what stands between a packet and the board
  probity packet --help                 the loop: who does what

Exit codes:
  0  done                       4  the configuration is not valid; nothing was started
  1  failed                     5  integrity: a replay, a ledger, a bundle or kept bytes differ
  2  the arguments are wrong    6  refused: a rule says no, or somebody else was first
  3  a run or a check did not end complete, or a packet is not ready";

/// The options that every command takes; they would else stand between its own.
const EVERYWHERE: &str = "Options of every command";

/// Evidence connectors you don't have to trust, and a review packet you can.
#[derive(Debug, Parser)]
#[command(name = "probity", version, about, after_help = EXAMPLES, max_term_width = 100)]
pub struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Global {
    /// The configuration file.
    #[arg(
        long,
        short,
        global = true,
        env = "PROBITY_CONFIG",
        default_value = "probity.toml",
        value_name = "FILE",
        help_heading = EVERYWHERE
    )]
    config: PathBuf,
    /// How results are written to stdout.
    #[arg(long, short, global = true, env = "PROBITY_OUTPUT", value_enum, default_value_t = Format::Table, help_heading = EVERYWHERE)]
    output: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the REST API and collect on schedule, until interrupted.
    Serve(serve::ServeArguments),
    /// Run a whole Probity on sample sources, all on this machine: the quickest way to see it work.
    Demo(demo::DemoArguments),
    /// Collect connections now, and wait for the runs to end.
    Collect(collect::CollectArguments),
    /// Probe connections and intakes, collecting nothing: credential, grant, source.
    Check(check::CheckArguments),
    /// Look at connectors, or write one.
    #[command(subcommand)]
    Connector(connector::ConnectorCommand),
    /// Look at evidence, and at the way back to the bytes it came from.
    #[command(subcommand)]
    Evidence(evidence::EvidenceCommand),
    /// Prepare a packet, challenge it, sign it, hand it to the board: the readiness loop.
    #[command(subcommand, after_help = packet::LOOP)]
    Packet(packet::PacketCommand),
    /// The board's intake queue: look at what was submitted, accept it, bounce it, decide.
    #[command(subcommand)]
    Queue(queue::QueueCommand),
    /// Check what packets' histories are kept as.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Verify a packet's bundle from its bytes alone: no server, no network, no configuration.
    Verify(verify::VerifyArguments),
    /// Look at runs.
    #[command(subcommand)]
    Run(run::RunCommand),
    /// Run a run's connector again over what was recorded, and compare: the same records, byte for byte.
    Replay(replay::ReplayArguments),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Look at the board policy that packets are held to.
    #[command(subcommand)]
    Board(board::BoardCommand),
    /// Say who is known: people, agents and services, and the tokens they call with.
    #[command(subcommand)]
    Principal(principal::PrincipalCommand),
    /// Say which key is whose: people decide by signing.
    #[command(subcommand)]
    Key(key::KeyCommand),
}

/// Runs the command and says how it ended.
pub fn main(arguments: Arguments) -> ExitCode {
    if let Err(error) = telemetry(&arguments.command) {
        output::complain(&error);
        return Exit::Failed.into();
    }
    crate::egress::install_crypto();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::complain(&anyhow::Error::new(error).context("cannot start the runtime"));
            return Exit::Failed.into();
        }
    };
    let exit = match runtime.block_on(dispatch(arguments)) {
        Ok(exit) => exit,
        Err(error) => {
            output::complain(&error);
            Exit::of(&error)
        }
    };
    // Blocking threads may still hold a compile that ran out of time; nobody waits for it any more.
    runtime.shutdown_background();
    exit.into()
}

/// Logging as the environment asks for it.
fn telemetry(command: &Command) -> anyhow::Result<()> {
    use crate::telemetry::{FILTER_VARIABLE, LogFormat, init};
    let format = match std::env::var("PROBITY_LOG_FORMAT").as_deref() {
        Ok("json") => LogFormat::Json,
        _ => LogFormat::Human,
    };
    // A command that people wait for says by itself what matters; a server is watched through its log.
    let quiet = if matches!(command, Command::Serve(_)) { None } else { Some("warn".to_owned()) };
    Ok(init(format, std::env::var(FILTER_VARIABLE).ok().or(quiet).as_deref())?)
}

async fn dispatch(arguments: Arguments) -> anyhow::Result<Exit> {
    let Arguments { global, command } = arguments;
    let output = Output::new(global.output);
    match command {
        Command::Serve(arguments) => serve::run(&global.config, &arguments).await,
        Command::Demo(arguments) => demo::run(&arguments, &output).await,
        Command::Collect(arguments) => collect::run(&global.config, &arguments, &output).await,
        Command::Check(arguments) => check::run(&global.config, &arguments, &output).await,
        Command::Connector(command) => connector::run(&global.config, command, &output).await,
        Command::Evidence(command) => evidence::run(&global.config, command, &output).await,
        Command::Packet(command) => packet::run(&global.config, command, &output).await,
        Command::Queue(command) => queue::run(&global.config, command, &output).await,
        Command::Ledger(command) => ledger::run(&global.config, &command, &output).await,
        Command::Verify(arguments) => verify::run(&arguments, &output).await,
        Command::Run(command) => run::run(&global.config, command, &output).await,
        Command::Replay(arguments) => replay::run(&global.config, &arguments, &output).await,
        Command::Config(command) => config::run(&global.config, &command, &output).await,
        Command::Board(command) => board::run(&global.config, &command, &output).await,
        Command::Principal(command) => principal::run(&global.config, command, &output).await,
        Command::Key(command) => key::run(&global.config, command, &output).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Arguments;

    /// Every option and operand of a command and of those below it, with the command's name.
    fn every(command: &clap::Command, at: &str, into: &mut Vec<(String, clap::Arg)>) {
        let at = format!("{at} {}", command.get_name());
        into.extend(command.get_arguments().map(|argument| (at.clone(), argument.clone())));
        command.get_subcommands().for_each(|below| every(below, &at, into));
    }

    #[test]
    fn no_argument_takes_a_secret() {
        let mut all = Vec::new();
        every(&Arguments::command(), "", &mut all);
        assert!(all.len() > 100, "{}", all.len());
        let takes_text = |argument: &clap::Arg| {
            let values = argument.get_value_names().unwrap_or_default();
            argument.get_action().takes_values() && !values.iter().any(|name| name.starts_with("FILE"))
        };
        let secret = |argument: &clap::Arg| {
            let id = argument.get_id().as_str();
            // What checkpoints are verified with is public.
            ["token", "secret", "password", "passphrase", "key", "credential"]
                .iter()
                .any(|word| id.contains(word))
                && !["checkpoint_key", "credential", "no_credential"].contains(&id)
        };
        let bad: Vec<_> = all
            .iter()
            .filter(|(_, argument)| secret(argument) && takes_text(argument))
            .map(|(at, argument)| format!("{at} {}", argument.get_id()))
            .collect();
        assert_eq!(bad, Vec::<String>::new(), "the process list shows arguments to everybody");
    }
}
