//! The execution that a command works on, its gateway, and retries.

use std::sync::Arc;
use std::time::Duration;

use crate::cli::context::{LocalGateway, OpenedStore, load_or_report, open_store};
use crate::cli::follow::Item;
use crate::cli::report::console::say;
use crate::cli::report::execution::with_payloads;
use crate::cli::report::suggestion::command;
use crate::cli::target::permission::{YesTo, permit};
use crate::cli::target::resolve::Resolver;
use crate::cli::{Common, Exit};
use crate::runtime::now;
use stepgate_core::control::Retries;
use stepgate_core::domain::{ExecutionArn, ExecutionRecord, Failure, Permit, Route, Settled, Timestamp};
use stepgate_core::gateway::Client;
use stepgate_core::lifecycle::execution::{self, KnownExecution, Reading};
use stepgate_core::lifecycle::unresolved::{self, Found};
use stepgate_core::lifecycle::{Knowledge, attribution};
use stepgate_core::rate_limit::LogTurns;

/// An execution and the client of its gateway.
pub(in crate::cli) struct TargetExecution {
    pub(in crate::cli) record: ExecutionRecord,
    pub(in crate::cli) client: Arc<Client>,
    item: Item,
    kept: OpenedStore,
}

/// Whether a command changes the execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Access {
    Read,
    /// Forbidden by `read-only`.
    Write,
}

impl TargetExecution {
    /// Finds the execution that an argument names; reports why not.
    pub(in crate::cli) async fn find(
        text: &str,
        access: Access,
        common: &Common,
    ) -> anyhow::Result<Result<Self, Exit>> {
        let Some(context) = load_or_report(common, LocalGateway::OnRequest).await? else {
            return Ok(Err(Exit::Usage));
        };
        if access == Access::Write && context.settings.read_only {
            say("the configuration sets read-only = true");
            return Ok(Err(Exit::Usage));
        }
        let kept = open_store(&context.settings).await;
        let clients = context.clients(&kept);
        let endpoint = common.endpoint.as_deref();
        let resolver = Resolver { settings: &context.settings, clients: &clients, kept: &kept, endpoint };
        let item = match resolver.find(text).await {
            Ok((item, _)) => item,
            Err(message) => {
                say(&message);
                return Ok(Err(Exit::Usage));
            }
        };
        let record = item.record();
        match clients.at(&record.gateway, &record.endpoint) {
            Ok(client) => Ok(Ok(Self { record, client, item, kept })),
            Err(failure) => Ok(Err(report_failure(&record.arn, &failure))),
        }
    }

    /// Returns the permission for a route that changes the execution, or reports why nothing is sent.
    pub(in crate::cli) async fn permit(&self, route: Route, yes_to: &YesTo) -> anyhow::Result<Result<Permit, Exit>> {
        match self.client.objection(route, &self.record.arn) {
            // No prompt for a request that cannot be sent.
            Some(failure) => Ok(Err(self.report_failure(&failure))),
            None => permit(self.client.endpoint(), yes_to, route.key()).await,
        }
    }

    /// Requests the status once and records it. Adds an execution that was started elsewhere to the list.
    pub(in crate::cli) async fn status(&self) -> Result<ExecutionRecord, Failure> {
        if self.record.is_settled() {
            return Ok(self.stored().await);
        }
        if self.is_logged() {
            return self.logged_status().await;
        }
        let (facts, endpoint) = (self.client.facts(), self.client.endpoint());
        let has_list = endpoint.route(Route::List).is_some();
        let known = Knowledge { facts, configured: endpoint.names, has_list, ..Knowledge::default() };
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
                store.learn(self.client.endpoint().facts_key(), learned);
            }
        }
        let observed = |seen, warning| execution::with_observation(self.record.clone(), seen, warning, now());
        match reading {
            Reading::Misattributed(failure) => Err(failure),
            // Shown, but not recorded: it may be incomplete or outdated.
            Reading::RetryAfter(_) | Reading::Contradicted(_) => Ok(observed(seen, None)),
            Reading::Seen(seen, warning) => {
                let record = observed(*seen, warning);
                self.save(&record).await?;
                Ok(record)
            }
        }
    }

    /// Returns the record with its input and output from the store.
    async fn stored(&self) -> ExecutionRecord {
        let record = self.record.clone();
        let Ok((store, _)) = &self.kept else { return record };
        let payloads = store.payloads(record.gateway.clone(), record.arn.clone()).await;
        with_payloads(record, payloads.unwrap_or_default())
    }

    /// Returns when the execution started, if it was not started elsewhere.
    pub(super) fn known_start(&self) -> Option<Timestamp> {
        matches!(self.item, Item::Execution(_)).then_some(self.record.started)
    }

    /// Returns the turns of log requests, shared with all processes of the store.
    pub(super) fn log_turns(&self) -> LogTurns {
        let folder = self.kept.as_ref().ok().map(|(store, _)| store.folder());
        LogTurns::new(folder, &self.client.endpoint().gateway())
    }

    /// Records the execution.
    pub(in crate::cli) async fn save(&self, record: &ExecutionRecord) -> Result<(), Failure> {
        let Ok((store, _)) = &self.kept else { return Ok(()) };
        match (&self.item, &record.seen) {
            (Item::Execution(_), _) => store.keep(record.clone()),
            (Item::External(_), Some(_)) => store.add(record.clone()),
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

    /// Reports the failure and returns its exit code.
    pub(in crate::cli) fn report_failure(&self, failure: &Failure) -> Exit {
        match &self.item {
            Item::UnresolvedStart(start) if unresolved::is_expected(failure) => {
                let (name, watch) = (&start.order.name, command(&["watch", start.order.name.as_str()]));
                say(&format!(
                    "{name} is unresolved: the service does not know it by this name. {watch} may resolve it"
                ));
            }
            _ => {
                report_failure(&self.record.arn, failure);
            }
        }
        Exit::from_lost(&self.item, failure)
    }
}

fn report_failure(arn: &ExecutionArn, failure: &Failure) -> Exit {
    say(&format!("{arn}: {failure}"));
    Exit::from_failure(failure)
}

/// Retries transient failures a few times, after a message. Only for requests that are safe to repeat.
pub(in crate::cli) async fn with_retries<T>(
    mut request: impl AsyncFnMut() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut retries = Retries::new(say_retry);
    loop {
        match request().await {
            Ok(response) => return Ok(response),
            Err(failure) => retries.wait_or_fail(failure).await?,
        }
    }
}

/// Says that a request is sent again.
pub(in crate::cli) fn say_retry(failure: &Failure) {
    say(&failure.followed_by("trying again"));
}

/// Returns an interval that limits requests to this many per second.
pub(in crate::cli) fn pacer(per_second: u32) -> tokio::time::Interval {
    let mut pacer = tokio::time::interval(Duration::from_secs(1) / per_second);
    pacer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    pacer
}
