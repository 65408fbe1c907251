//! Evidence committed straight into the store, as if it had been collected.

use std::collections::BTreeMap;
use std::time::Duration;

use probity::clock::Clock;
use probity::store::blobs::Blobs;
use probity::store::{
    CaptureRecord, ComponentRecord, EvidenceFilter, Keyset, NewRun, PageCommit, Store, StreamEnd, StreamPlan,
};
use probity_core::canonical::Digest;
use probity_core::connector::{Manifest, Stream, SyncMode};
use probity_core::evidence::{Item, Kind, Locator};
use probity_core::id::{ConnectionId, ConnectionName, EvidenceId};
use probity_core::journal::{Journal, VERSION};
use probity_core::page::{Admitted, AdmittedPage, CitedPlace, Next};
use probity_core::run::{Mode, RunState, Trigger};
use serde_json::{Value, json};

/// Connections, the stream of each, and what it brings.
const CONNECTIONS: &[(&str, &str, Kind)] = &[
    ("vault", "secrets", Kind::Secret),
    ("tracker", "findings", Kind::Finding),
    ("standards", "requirements", Kind::Requirement),
];

/// The shared credential, last rotated then; with `exposure`, the store says that it leaked.
pub fn secret(last_rotated: &str, exposure: Option<&str>) -> Item {
    let body = json!({
        "kind": "secret", "path": "kv/payments/legacy-broker", "engine": "kv", "owner": null, "created": null,
        "last-rotated": last_rotated, "next-rotation": null, "rotation-enabled": true,
        "rotation-period-seconds": "2592000", "last-used": null, "versions": [],
    });
    item("legacy-broker", "Legacy broker credential", &[super::SYSTEM, super::CREDENTIAL], exposure, body)
}

/// An open finding on the system; with `exposure`, an immediate one.
pub fn finding(id: &str, severity: &str, exposure: Option<&str>) -> Item {
    let body = json!({
        "kind": "finding", "severity": severity, "state": "open", "verified": null, "description": "sample",
        "impact": null, "mitigation": null, "found": null, "mitigated-at": null, "due": null, "weakness": null,
        "vulnerabilities": [], "component": null, "location": null, "known-exploited": null, "exceptions": [],
    });
    item(id, id, &[super::SYSTEM], exposure, body)
}

/// A criterion of the standard `exceptions.md`.
pub fn requirement(reference: &str, text: &str) -> Item {
    let body = json!({
        "kind": "requirement", "class": "criterion",
        "document": {
            "id": "exceptions.md", "title": "Exceptions", "version": null, "status": null, "owner": null,
            "modified": null, "review-due": null,
        },
        "section": ["Exception criteria"], "reference": reference, "text": text, "resolved": null,
        "strength": "must", "parent": null, "parameters": [],
    });
    item(reference, reference, &[], None, body)
}

fn item(id: &str, title: &str, subjects: &[&str], exposure: Option<&str>, body: Value) -> Item {
    serde_json::from_value(json!({
        "id": id, "title": title, "summary": "sample data", "url": null, "subjects": subjects,
        "source-time": null, "expires": null, "labels": [],
        "citations": [{"capture": 0, "locator": {"kind": "whole"}}], "exposure": exposure, "body": body,
    }))
    .expect("an item of the schema")
}

fn component(connection: &str) -> Digest {
    Digest::of(format!("the component of {connection}").as_bytes())
}

/// Makes the connections, or finds them.
pub(super) async fn register(store: &dyn Store, clock: &Clock) -> BTreeMap<ConnectionName, ConnectionId> {
    let mut made = BTreeMap::new();
    for (connection, stream, kind) in CONNECTIONS {
        let manifest = Manifest {
            name: format!("sample-{connection}"),
            version: "1.0.0".to_owned(),
            title: "Sample".to_owned(),
            summary: "Sample data.".to_owned(),
            config_schema: "{\"type\": \"object\"}".to_owned(),
            auth: vec![],
            endpoints: vec![],
            mounts: vec![],
            streams: vec![Stream {
                id: (*stream).to_owned(),
                purpose: "Sample data.".to_owned(),
                kinds: vec![*kind],
                sync: SyncMode::Full,
            }],
        };
        let recorded = store.now().await.expect("a time");
        let record = ComponentRecord { digest: component(connection), size: 1, manifest, recorded };
        store.component_put(&record).await.expect("the component is kept");
        let name: ConnectionName = connection.parse().expect("a connection's name");
        let record = store.connection_register(&name, None, clock.connection_id()).await;
        made.insert(name, record.expect("the connection is kept").id);
    }
    made
}

/// One complete full sweep that returned these items.
pub(super) async fn sweep(
    store: &dyn Store,
    blobs: &Blobs,
    clock: &Clock,
    id: &ConnectionId,
    connection: &str,
    items: &[Item],
) {
    let (_, stream, _) = CONNECTIONS.iter().find(|(name, _, _)| *name == connection).expect("a connection");
    let stream: probity_core::id::StreamId = stream.parse().expect("a stream's id");
    let run = NewRun {
        id: clock.run_id(),
        connection: id.clone(),
        component: component(connection),
        trigger: Trigger::Manual,
        config: "{}".to_owned(),
        seed: 7,
        started: store.now().await.expect("a time"),
        streams: vec![StreamPlan { stream: stream.clone(), mode: Mode::Full, cursor: None }],
        owner: "host-1".to_owned(),
        lease: Duration::from_hours(1),
    };
    let run = store.run_begin(&run).await.expect("a run begins");
    clock.advance(Duration::from_secs(1));
    let bytes = serde_json::to_vec(items).expect("JSON");
    let capture = blobs.put(&bytes).await.expect("the capture is kept");
    let commit = PageCommit {
        run: run.id.clone(),
        epoch: 1,
        stream: stream.clone(),
        number: 1,
        page: AdmittedPage {
            items: items.iter().map(|item| admitted(item, capture)).collect(),
            next: Next::Done { bookmark: None },
            gaps: vec![],
        },
        journal: Journal {
            v: VERSION,
            connector: component(connection),
            stream: stream.to_string(),
            cursor: None,
            config: "{}".to_owned(),
            instant: clock.now(),
            seed: 7,
            calls: vec![],
            page: Digest::of(b"a page"),
        },
        captures: vec![CaptureRecord {
            digest: capture,
            size: bytes.len() as u64,
            media_type: Some("application/json".to_owned()),
        }],
        fresh_ids: items.iter().map(|_| clock.evidence_id()).collect(),
    };
    store.page_commit(&commit).await.expect("the page is kept");
    let end = StreamEnd { state: RunState::Complete, failure: None };
    store.stream_end(&run.id, 1, &stream, &end).await.expect("the stream ends");
    store.run_end(&run.id, 1, RunState::Complete).await.expect("the run ends");
    clock.advance(Duration::from_secs(1));
}

fn admitted(item: &Item, capture: Digest) -> Admitted {
    Admitted {
        content: item.content_hash().expect("canonical"),
        digest: item.digest().expect("canonical"),
        cited: vec![CitedPlace { capture, locator: Locator::Whole }],
        item: item.clone(),
    }
}

pub(super) async fn id_of(store: &dyn Store, title: &str) -> EvidenceId {
    let filter = EvidenceFilter { absent: true, ..EvidenceFilter::default() };
    let all = store
        .evidence_list(&filter, &Keyset { after: None, limit: 1_000 })
        .await
        .expect("a list of evidence");
    let mut found = all.into_iter().filter(|evidence| evidence.item.title == title);
    let one = found.next().unwrap_or_else(|| panic!("no evidence is titled `{title}`"));
    assert!(found.next().is_none(), "one piece of evidence is titled `{title}`");
    one.id
}
