//! `probity demo`: a whole Probity on sample sources, all on this machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::host::Host;
use super::output::{Output, say};
use super::{Exit, collect, serve};
use crate::casework::{RunRequest, Slice};
use crate::config::Config;
use crate::demo::dojo::{SampleDojo, Token, Tracker};
use crate::demo::{packet, story};

const ABOUT: &str = "\
The demo keeps everything in one folder, by default a fresh one below the system's folder for temporary
files: the configuration it wrote for you to read, the database, the raw bytes. Its sources are samples served
on loopback by this very process; nothing on the network is asked.";

#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub struct DemoArguments {
    /// Keep the demo here instead of in a temporary folder.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Where the API listens. Port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7171")]
    listen: SocketAddr,
    /// Stop after collecting, instead of serving until interrupted.
    #[arg(long)]
    once: bool,
}

pub async fn run(arguments: &DemoArguments, output: &Output) -> anyhow::Result<Exit> {
    let folder = match &arguments.folder {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("probity-demo-{}", std::process::id())),
    };
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let folder = folder.canonicalize()?;
    let clock = crate::clock::Clock::system();
    say("demo 1/5  sample sources: a findings tracker and a standards folder, on loopback");
    let dojo = SampleDojo::start(Tracker::story(clock.now()), Token::from_bytes(clock.bytes())).await?;
    let file = story::write(&folder, &dojo)?;
    say(&format!("demo 2/5  configuration: {}", file.display()));
    say("demo 3/5  loading connectors into the sandbox");
    let (host, collector) = Host::collecting(Config::load(&file)?).await?;
    let listener =
        if arguments.once { None } else { Some(serve::bind(&host, Some(arguments.listen)).await?) };
    say("demo 4/5  collecting");
    let names: Vec<String> = collector.connections().map(|bound| bound.record.name.to_string()).collect();
    let exit = collect::collect(&host, &collector, &names, &RunRequest::default(), output).await?;
    say("demo 5/5  a packet over it: claims, objections, an agent's draft");
    prepare(&host, &folder).await?;
    let Some(listener) = listener else {
        collector.shut_down().await;
        return Ok(exit);
    };
    say(&next_steps(&file, listener.local_addr()?));
    let stop = CancellationToken::new();
    serve::until_interrupted(stop.clone());
    serve::serve(&host, &collector, listener, stop).await?;
    Ok(exit)
}

/// Prepares the packet, unless the folder was used before and has one.
async fn prepare(host: &Host, folder: &std::path::Path) -> anyhow::Result<()> {
    let casework = host.casework();
    let query = crate::casework::PacketQuery::default();
    let there = casework.packet_list(&super::host::local()?, query, &Slice::first(1)).await?;
    if there.items.is_empty() {
        packet::prepare(&casework, folder).await?;
    }
    Ok(())
}

/// Commands to try, ready to copy. The API asks who calls, so the one over REST shows a token of the demo.
fn next_steps(config: &Path, address: SocketAddr) -> String {
    let token = config.with_file_name("tokens").join("author");
    let (config, token) = (config.display(), token.display());
    let binary = std::env::args().next().unwrap_or_else(|| "probity".to_owned());
    format!(
        "\nthe API is at http://{address}/api/v1/evidence  (description: http://{address}/docs)\n\n\
         try, in another terminal:\n  \
         export PROBITY_CONFIG={config}\n  \
         {binary} evidence list --kind exception\n  \
         {binary} packet readiness\n  \
         curl -s -H \"Authorization: Bearer $(cat {token})\" 'http://{address}/api/v1/evidence?kind=finding&state=open&limit=3'\n  \
         {binary} connector inspect defectdojo\n\n\
         Ctrl-C ends the demo"
    )
}
