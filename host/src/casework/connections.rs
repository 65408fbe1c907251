//! Connectors and connections: what is installed, what it is granted, and asking it to work.

use probity_core::canonical::Digest;
use probity_core::id::{ConnectionName, RunId};

use super::view::{CheckView, ConnectionView, ConnectorView, LastRunView};
use super::{Casework, CaseworkError, RunRequest, StartError};
use crate::authz::{Authorized, CheckConnection, ReadConnections, StartRun};
use crate::store::{Keyset, RunFilter};

impl Casework {
    /// Every connector this host ever loaded.
    pub async fn connector_list(
        &self,
        _: &Authorized<ReadConnections>,
    ) -> Result<Vec<ConnectorView>, CaseworkError> {
        Ok(self.store.component_list().await?.iter().map(ConnectorView::from).collect())
    }

    /// One connector.
    pub async fn connector_get(
        &self,
        _: &Authorized<ReadConnections>,
        digest: &Digest,
    ) -> Result<ConnectorView, CaseworkError> {
        let component = self.store.component_get(digest).await?;
        component.as_ref().map(ConnectorView::from).ok_or(CaseworkError::UnknownConnector(*digest))
    }

    /// Every configured connection, with its latest run.
    pub async fn connection_list(
        &self,
        _: &Authorized<ReadConnections>,
    ) -> Result<Vec<ConnectionView>, CaseworkError> {
        let mut connections = self.collector.connections();
        for connection in &mut connections {
            connection.last_run = self.last_run(&connection.name).await?;
        }
        Ok(connections)
    }

    /// One connection, with its latest run.
    pub async fn connection_get(
        &self,
        _: &Authorized<ReadConnections>,
        name: &ConnectionName,
    ) -> Result<ConnectionView, CaseworkError> {
        let mut connection = self.collector.connection(name).ok_or_else(|| self.unknown(name))?;
        connection.last_run = self.last_run(name).await?;
        Ok(connection)
    }

    /// Asks the source whether the connection works. That it does not is an answer, not an error.
    pub async fn connection_check(
        &self,
        _: &Authorized<CheckConnection>,
        name: &ConnectionName,
    ) -> Result<CheckView, CaseworkError> {
        let outcome = self.collector.check(name).await.ok_or_else(|| self.unknown(name))?;
        Ok(outcome.into())
    }

    /// Begins a run over the connection; it goes on in the background.
    pub async fn run_start(
        &self,
        permit: &Authorized<StartRun>,
        name: &ConnectionName,
        request: RunRequest,
    ) -> Result<RunId, CaseworkError> {
        let connection = name.clone();
        let run = self.collector.start(name, request).await.map_err(|error| match error {
            StartError::Unknown => self.unknown(name),
            StartError::Busy(run) => CaseworkError::Busy { connection, run },
            StartError::Stream { stream, known } => {
                CaseworkError::UnknownStream { connection, stream, known }
            }
            StartError::Unusable(failure) => CaseworkError::Unusable { connection, reason: failure.message },
            StartError::Store(error) => error.into(),
        })?;
        tracing::info!(caller.id = permit.caller().id(), connection.name = %name, run.id = %run, "run asked for");
        Ok(run)
    }

    async fn last_run(&self, name: &ConnectionName) -> Result<Option<LastRunView>, CaseworkError> {
        let filter = RunFilter { connection: Some(name.clone()), state: None };
        let runs = self.store.run_list(&filter, &Keyset { after: None, limit: 1 }).await?;
        Ok(runs.first().map(LastRunView::from))
    }

    fn unknown(&self, name: &ConnectionName) -> CaseworkError {
        let known = self.collector.connections().into_iter().map(|connection| connection.name).collect();
        CaseworkError::UnknownConnection { name: name.clone(), known }
    }
}
