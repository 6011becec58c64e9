//! The one execution that a command is about, with whom to ask, and asking with patience.

use std::sync::Arc;
use std::time::Duration;

use crate::cli::console::say;
use crate::cli::context::{LocalGateway, OpenedStore, open_or_say, open_store};
use crate::cli::follow::Item;
use crate::cli::resolve::Known;
use crate::cli::{Common, Exit};
use crate::runtime::now;
use stepgate_core::domain::{ExecutionArn, ExecutionRecord, Failure, Settled};
use stepgate_core::gateway::Client;
use stepgate_core::lifecycle::execution::{self, KnownExecution, Reading};
use stepgate_core::lifecycle::unresolved::{self, Found};
use stepgate_core::lifecycle::{Knowledge, attribution, retry};

/// An execution, and the gateway that it belongs to.
pub(super) struct Subject {
    pub(super) record: ExecutionRecord,
    pub(super) client: Arc<Client>,
    item: Item,
    kept: OpenedStore,
}

/// Whether the command only looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Touch {
    Looks,
    /// It changes something, which `read-only` forbids.
    Changes,
}

impl Subject {
    /// Finds what a text on the command line means; says why not.
    pub(super) async fn find(text: &str, touch: Touch, common: &Common) -> anyhow::Result<Result<Self, Exit>> {
        let Some(opened) = open_or_say(common, LocalGateway::OnRequest).await? else { return Ok(Err(Exit::Usage)) };
        if touch == Touch::Changes && opened.settings.read_only {
            say("the configuration says read-only = true");
            return Ok(Err(Exit::Usage));
        }
        let kept = open_store(&opened.settings).await;
        let clients = opened.clients(&kept);
        let endpoint = common.endpoint.as_deref();
        let known = Known { settings: &opened.settings, clients: &clients, kept: &kept, endpoint };
        let item = match known.find(text).await {
            Ok((item, _)) => item,
            Err(words) => {
                say(&words);
                return Ok(Err(Exit::Usage));
            }
        };
        let record = item.record();
        match clients.at(&record.gateway, &record.endpoint) {
            Ok(client) => Ok(Ok(Self { record, client, item, kept })),
            Err(failure) => Ok(Err(refused(&record.arn, &failure))),
        }
    }

    /// Asks once how it goes, and keeps what stands, unless somebody else has started it.
    pub(super) async fn status(&self) -> Result<ExecutionRecord, Failure> {
        let facts = self.client.facts();
        let known = Knowledge { facts, configured: self.client.endpoint().names, ..Knowledge::default() };
        if let Item::UnresolvedStart(start) = &self.item
            && let Some(failure) = unresolved::objection(start, known)
        {
            return Err(failure);
        }
        let arn = &self.record.arn;
        let seen = self.client.status(arn).await.map_err(|failure| attribution::check_failure(arn, failure))?;
        let before = ExecutionRecord { seen: self.record.seen.clone(), ..self.record.clone() };
        let (reading, learned) = KnownExecution::from_record(&before).apply(&seen, facts, now());
        if learned != facts {
            self.client.learn(learned);
            if let Ok((store, _)) = &self.kept {
                store.learn(self.record.gateway.clone(), learned);
            }
        }
        let observed = |seen, warning| execution::with_observation(self.record.clone(), seen, warning, now());
        match reading {
            Reading::Misattributed(failure) => Err(failure),
            // What was answered is shown; it may be incomplete or lag, so it is not kept.
            Reading::RetryAfter(_) | Reading::Contradicted(_) => Ok(observed(seen, None)),
            Reading::Seen(seen, warning) => {
                let record = observed(*seen, warning);
                self.keep(&record).await?;
                Ok(record)
            }
        }
    }

    /// Writes down what is known of it, unless somebody else has started it.
    pub(super) async fn keep(&self, record: &ExecutionRecord) -> Result<(), Failure> {
        let Ok((store, _)) = &self.kept else { return Ok(()) };
        match (&self.item, &record.seen) {
            (Item::Execution(_), _) => store.keep(record.clone()),
            (Item::UnresolvedStart(start), Some(seen)) => {
                let settled = match unresolved::classify_found(start, seen, self.client.clock_offset()) {
                    Found::Ours(started, _) => Settled::Confirmed(started),
                    Found::Other(failure) => Settled::Refused(failure),
                    Found::Unclear(failure) => return Err(failure),
                };
                let is_ours = matches!(settled, Settled::Confirmed(_));
                if let Some(id) = start.request_id {
                    store.settle_unresolved(id, settled, now());
                }
                if is_ours {
                    store.keep(record.clone());
                }
            }
            _ => {}
        }
        store.flush().await;
        Ok(())
    }

    /// Says why it was not done.
    pub(super) fn refused(&self, failure: &Failure) -> Exit {
        match &self.item {
            Item::UnresolvedStart(start) if unresolved::is_expected(failure) => {
                let name = &start.order.name;
                say(&format!(
                    "{name} is unresolved: the service does not know it by this name. `stepgate watch {name}` may resolve it"
                ));
            }
            _ => {
                refused(&self.record.arn, failure);
            }
        }
        Exit::of_lost(&self.item, failure)
    }
}

fn refused(arn: &ExecutionArn, failure: &Failure) -> Exit {
    say(&format!("{arn}: {failure}"));
    Exit::of_failure(failure)
}

/// Retries transient failures, a few times. Only for requests that are safe to repeat.
pub(super) async fn patiently<T>(mut ask: impl AsyncFnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    let mut attempt = 1;
    loop {
        let result = ask().await;
        let again = result.as_ref().err().and_then(|failure| {
            let pause = retry::read_backoff(attempt, failure, fastrand::f64())?;
            Some((pause, failure))
        });
        let Some((pause, failure)) = again else { return result };
        if attempt == 1 {
            say(&failure.followed_by("trying again"));
        }
        attempt += 1;
        tokio::time::sleep(pause).await;
    }
}

/// Lets no more through than so many a second, one behind the other.
pub(super) fn pace(a_second: u32) -> tokio::time::Interval {
    let mut pace = tokio::time::interval(Duration::from_secs(1) / a_second);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    pace
}
