//! Notices: what is due is sent to the operator's webhook until it was taken.
//!
//! A notice is marked after it was delivered, so a crash between the two sends it again, under the same id: receivers drop
//! what they have by `Probity-Notice`. One that is refused again and again waits longer each time and is given up after days,
//! with what went wrong kept beside it.
//!
//! Deliberately absent: what is worth a notice, which core says, and any other channel.

use std::time::Duration;

use probity_core::instant::Instant;
use probity_core::run::Backoff;

use crate::clock::Clock;
use crate::egress::{IpNet, PolicyError, Url, Webhook};
use crate::secret::Secret;
use crate::store::notices::{Notice, NoticeMark};
use crate::store::{Store, StoreError};

/// Notices sent in one go.
const AT_ONCE: u32 = 100;

/// Tried for about three days, and for two at least: long enough for a receiver that was down over a weekend.
const PATIENCE: Backoff = Backoff {
    base: Duration::from_secs(5),
    cap: Duration::from_hours(2),
    attempts: 64,
    retry_after_cap: Duration::from_hours(2),
};

/// Where notices go.
#[derive(Debug, Clone)]
pub struct Target {
    pub url: Url,
    /// Networks that are not public but may be reached.
    pub networks: Vec<IpNet>,
    /// Further certificate authorities, PEM.
    pub ca: Option<Vec<u8>>,
    /// What each notice is signed with.
    pub secret: Secret,
}

/// Sends notices.
#[derive(Debug)]
pub struct Notifier {
    webhook: Webhook,
    clock: Clock,
    patience: Backoff,
}

/// What one round of sending did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    pub delivered: usize,
    /// Not taken this time.
    pub postponed: usize,
    /// Not taken and not tried again.
    pub given_up: usize,
}

impl Notifier {
    /// Prepares the way out.
    pub fn new(target: Target, clock: Clock) -> Result<Self, PolicyError> {
        let Target { url, networks, ca, secret } = target;
        Ok(Self { webhook: Webhook::new(url, networks, ca, secret)?, clock, patience: PATIENCE })
    }

    /// Sends what is due now, the longest due first.
    pub async fn deliver(&self, store: &dyn Store) -> Result<Sent, StoreError> {
        let mut sent = Sent::default();
        let now = store.now().await?;
        for notice in store.notice_due(now, AT_ONCE).await? {
            let mark = self.attempt(&notice, store.now().await?).await;
            match (&mark.delivered, &mark.next_attempt) {
                (Some(_), _) => sent.delivered += 1,
                (None, Some(_)) => sent.postponed += 1,
                (None, None) => sent.given_up += 1,
            }
            store.notice_mark(&notice.id, &mark).await?;
        }
        Ok(sent)
    }

    async fn attempt(&self, notice: &Notice, now: Instant) -> NoticeMark {
        let attempts = notice.attempts.saturating_add(1);
        match self.webhook.post(&notice.id, now, &notice.body).await {
            Ok(()) => NoticeMark { delivered: Some(now), attempts, next_attempt: None, problem: None },
            Err(undelivered) => {
                // Chance takes no more than half of a wait, so that patience lasts as long as is said.
                let chance = 0.5 + self.clock.jitter(Duration::from_millis(500)).as_secs_f64();
                let wait = self.patience.delay(attempts, chance, None);
                let next_attempt = wait.and_then(|wait| now.plus(wait.time));
                let (id, kind, packet) = (&notice.id, &notice.kind, &notice.packet);
                tracing::warn!(%id, %kind, %packet, attempts, "A notice was not taken: {undelivered}");
                NoticeMark { delivered: None, attempts, next_attempt, problem: Some(undelivered.to_string()) }
            }
        }
    }
}
