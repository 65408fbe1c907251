//! The office of the sample packets, reached over HTTP: real use cases, real keys, the real router on a loopback socket.

use std::net::SocketAddr;

use probity::api::{ApiState, router, serve};
use probity::authz::hosts::Hosts;
use probity_core::id::PacketId;
use probity_core::signature::Signature;
use probity_tests::packet::{Key, Office, token};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::description::Description;
use super::fixture::{Said, client, exchange};

/// An office and its API.
pub(super) struct Desk {
    pub(super) office: Office,
    pub(super) client: reqwest::Client,
    address: SocketAddr,
    description: Description,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Desk {
    pub(super) async fn open() -> Self {
        Self::over(Office::open().await).await
    }

    pub(super) async fn over(office: Office) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let casework = office.casework.clone();
        let hosts = Hosts::new(address, Vec::new());
        let state = ApiState::new(casework, hosts, office.clock.clone());
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(serve(listener, router(state), async move {
            let _ = stopped.await;
        }));
        Self { office, client: client(), address, description: Description::made(), stop, served }
    }

    /// Stops serving, and waits until everything under way was answered.
    pub(super) async fn close(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap().unwrap();
    }

    pub(super) fn request(&self, who: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address)).bearer_auth(token(who))
    }

    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> Said {
        exchange(&self.description, request).await
    }

    pub(super) async fn get(&self, who: &str, path: &str) -> Said {
        self.send(self.request(who, Method::GET, path)).await
    }

    pub(super) async fn post(&self, who: &str, path: &str, body: &Value) -> Said {
        self.send(self.request(who, Method::POST, path).json(body)).await
    }

    /// The tag of a packet's head.
    pub(super) async fn head(&self, packet: &PacketId) -> String {
        let said = self.get("maya", &format!("/api/v1/packets/{packet}")).await;
        assert_eq!(said.status, 200, "{said:?}");
        said.header("etag").to_owned()
    }

    /// Sends a command; with the tag that was seen, or without any.
    pub(super) async fn append(
        &self,
        who: &str,
        packet: &PacketId,
        seen: Option<&str>,
        command: &Value,
    ) -> Said {
        let request =
            self.request(who, Method::POST, &format!("/api/v1/packets/{packet}/ledger")).json(command);
        let request = match seen {
            Some(seen) => request.header("if-match", seen),
            None => request,
        };
        self.send(request).await
    }

    /// Asks for a statement.
    pub(super) async fn statement(&self, who: &str, packet: &PacketId, decision: &Value) -> Said {
        self.post(who, &format!("/api/v1/packets/{packet}/ledger/statement"), decision).await
    }

    /// Asks for a statement, signs it and sends it.
    pub(super) async fn sign(&self, who: &str, packet: &PacketId, decision: &Value) -> Said {
        let shown = self.statement(who, packet, decision).await;
        assert_eq!(shown.status, 200, "{shown:?}");
        self.append(who, packet, None, &decided(&shown.json(), who)).await
    }
}

/// What was shown, signed with somebody's key.
pub(super) fn decided(shown: &Value, key_of: &str) -> Value {
    let signature: Signature = Key::of(key_of).sign(shown["text"].as_str().unwrap().as_bytes());
    json!({"kind": "decided", "statement": shown["statement"], "signature": signature})
}

/// A remark.
pub(super) fn remark(text: &str) -> Value {
    json!({"kind": "remark-made", "text": text, "target": null})
}
