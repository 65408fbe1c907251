//! `probity serve`: the API and the schedule, until interrupted.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::Exit;
use super::host::{Host, check_listening};
use super::output::say;
use super::rounds;
use crate::authz::listen_rule;
use crate::collect::Collector;
use crate::config::Config;

#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Listen here instead of where the configuration says. Port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

pub async fn run(file: &Path, arguments: &ServeArguments) -> anyhow::Result<Exit> {
    let config = Config::load(file)?;
    check_listening(&config).await?;
    let (host, collector) = Host::collecting(config).await?;
    let listener = bind(&host, arguments.listen).await?;
    say(&format!("listening on http://{}/  (API description: /docs)", listener.local_addr()?));
    let stop = CancellationToken::new();
    until_interrupted(stop.clone());
    serve(&host, &collector, listener, stop).await?;
    Ok(Exit::Done)
}

/// Listens where the configuration says, or where `instead` does, under the same rule.
pub(super) async fn bind(
    host: &Host,
    instead: Option<SocketAddr>,
) -> anyhow::Result<tokio::net::TcpListener> {
    let address = instead.unwrap_or(host.config.serve.listen);
    listen_rule(address, &host.casework().who_may_call().await?)?;
    tokio::net::TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; choose another with --listen, or end what holds it")
    })
}

/// Serves the API, keeps the schedule and goes the rounds until `stop`; then lets runs end their page and filings their call.
pub(super) async fn serve(
    host: &Host,
    collector: &Collector,
    listener: tokio::net::TcpListener,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let rounds = std::sync::Arc::new(rounds::of(host, collector).await?);
    let state = host.api_state(collector, listener.local_addr()?);
    let schedule = tokio::spawn({
        let (collector, stop) = (collector.clone(), stop.clone());
        async move { collector.keep_schedule(stop).await }
    });
    let going = tokio::spawn({
        let stop = stop.clone();
        async move { rounds.keep(stop).await }
    });
    let served = crate::api::serve(listener, crate::api::router(state), stop.clone().cancelled_owned()).await;
    stop.cancel();
    schedule.await?;
    going.await?;
    collector.shut_down().await;
    Ok(served?)
}

/// Cancels `stop` on Ctrl-C or SIGTERM.
pub(super) fn until_interrupted(stop: CancellationToken) {
    tokio::spawn(async move {
        let terminate = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminate => {}
        }
        say("stopping: runs end their page and can be taken up again");
        stop.cancel();
    });
}
