//! The one execution that a command is about, with whom to ask, and asking with patience.

use std::sync::Arc;
use std::time::Duration;

use crate::cli::console::say;
use crate::cli::follow::Item;
use crate::cli::opened::{Gate, Kept, open_or_say, open_store};
use crate::cli::target::Known;
use crate::cli::{Common, Exit};
use crate::domain::{ExecutionArn, Failure, Record, Settled, Started};
use crate::gateway::{Client, Clients, retry};
use crate::runtime::now;

/// An execution, and the gateway that it belongs to.
pub(super) struct Subject {
    pub(super) record: Record,
    pub(super) client: Arc<Client>,
    item: Item,
    kept: Kept,
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
        let Some(opened) = open_or_say(common, Gate::Served).await? else { return Ok(Err(Exit::Usage)) };
        if touch == Touch::Changes && opened.settings.read_only {
            say("the configuration says read-only = true");
            return Ok(Err(Exit::Usage));
        }
        let kept = open_store(&opened.settings);
        let clients = Clients::new(opened.settings.endpoints.iter().cloned());
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
        match clients.at(&record.place, &record.endpoint) {
            Ok(client) => Ok(Ok(Self { record, client, item, kept })),
            Err(failure) => Ok(Err(refused(&record.arn, &failure))),
        }
    }

    /// Asks once how it goes.
    pub(super) async fn status(&self) -> Result<Record, Failure> {
        let seen = self.client.status(&self.record.arn).await?;
        Ok(Record { started: seen.start_date, answered: Some(now()), seen: Some(seen), ..self.record.clone() })
    }

    /// Writes down what an answer said of it, unless somebody else has started it.
    pub(super) async fn keep(&self, record: &Record) {
        let Ok((store, _)) = &self.kept else { return };
        match (&self.item, &record.seen) {
            (Item::Execution(_), _) => store.keep(record.clone()),
            (Item::Doubt(doubt), Some(seen)) if doubt.is_answered_by(seen) => {
                if let Some(id) = doubt.record {
                    let started = Started { execution_arn: record.arn.clone(), start_date: Some(record.started) };
                    store.judge(id, Settled::Confirmed(started), now());
                }
                store.keep(record.clone());
            }
            _ => {}
        }
        store.flush().await;
    }

    /// Says why it was not done.
    pub(super) fn refused(&self, failure: &Failure) -> Exit {
        refused(&self.record.arn, failure)
    }
}

fn refused(arn: &ExecutionArn, failure: &Failure) -> Exit {
    say(&format!("{arn}: {failure}"));
    Exit::of_failure(failure)
}

/// Asks again what may go better, a few times. Only for requests that may be carried out twice without harm.
pub(super) async fn patiently<T>(mut ask: impl AsyncFnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    let mut attempt = 1;
    loop {
        let result = ask().await;
        let again = result.as_ref().err().and_then(|failure| {
            let pause = retry::pause(attempt, failure, fastrand::f64())?;
            Some((pause, failure))
        });
        let Some((pause, failure)) = again else { return result };
        if attempt == 1 {
            say(&format!("{failure}; trying again"));
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
