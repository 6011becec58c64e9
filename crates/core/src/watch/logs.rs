//! Reads the logs of EXPRESS executions at one endpoint: what to request, and what each page means.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::domain::log_event::{log_end, log_start, unknown_start};
use crate::domain::{
    ExecutionArn, ExecutionId, ExecutionName, Failure, HistoryEvent, LogEvent, LogQuery, Paged, StateMachineArn,
    Timestamp, Verdict,
};
use crate::lifecycle::{Change, Tracked};
use crate::watch::poller::EndpointPoller;
use crate::watch::schedule::LogPage;
use crate::watch::status_source::StatusSource;

/// What a page of a log means for one execution.
pub(super) struct LoggedResult {
    pub(super) id: ExecutionId,
    pub(super) change: Change,
    pub(super) verdict: Verdict,
}

impl<S: StatusSource> EndpointPoller<S> {
    /// Starts reading the log of an EXPRESS execution.
    pub(super) fn begin_logged(
        &mut self,
        id: ExecutionId,
        age: Duration,
        tracked: &Tracked,
        time: Timestamp,
        now: Instant,
    ) {
        let look_back = tracked.is_external().then(|| time.since(unknown_start(time)));
        self.schedule.add_logged(id, &tracked.arn().machine(), age, look_back, now);
    }

    /// Returns the query for a page. `time` is the local time at `now`.
    pub(super) fn log_query(&self, page: LogPage, time: Timestamp, now: Instant) -> LogQuery {
        let LogPage { machine, execution, since, until, token } = page;
        let (offset, local) =
            (self.source.context().offset, |at: Instant| time.minus(now.saturating_duration_since(at)));
        let (since, until) = (log_start(local(since), offset), until.map(|until| log_end(local(until), offset)));
        // The ARN of an unresolved start is not known.
        let execution = execution.and_then(|id| self.tracked.get(&id)).map(Tracked::arn);
        let execution = execution.filter(|arn| !arn.is_describable());
        LogQuery { machine, execution, since, until, token }
    }

    /// Handles the response to a log request for a machine.
    pub(super) fn on_log(
        &mut self,
        machine: &StateMachineArn,
        response: Result<Paged<LogEvent>, Failure>,
        time: Timestamp,
        now: Instant,
    ) -> Vec<LoggedResult> {
        let jitter = fastrand::f64();
        let page = match response {
            Ok(page) => page,
            Err(failure) => {
                let verdict = self.schedule.on_log_page(machine, Err(&failure), now, jitter).verdict;
                return self.on_log_failure(machine, &failure, &verdict);
            }
        };
        let mut events: BTreeMap<&ExecutionArn, Vec<&HistoryEvent>> = BTreeMap::new();
        for logged in &page.items {
            events.entry(&logged.execution).or_default().push(&logged.event);
        }
        let mut results = Vec::new();
        for (arn, events) in events {
            let Some(id) = self.ids.get(arn).or_else(|| self.unresolved_start(arn)).copied() else { continue };
            let Some(tracked) = self.tracked.get_mut(&id) else { continue };
            let (was_external, before) = (tracked.is_external(), tracked.arn());
            let Some(change) = tracked.on_logged(arn, &events) else { continue };
            if before != *arn {
                self.ids.remove(&before);
                self.ids.insert(arn.clone(), id);
            }
            let (Change::Seen(seen, _) | Change::Confirmed(_, Some(seen), _)) = &change else { continue };
            let verdict = if seen.is_ended() { Verdict::Ended } else { Verdict::Watching(Duration::ZERO) };
            if let Some(start) = seen.start_date.filter(|_| was_external) {
                self.schedule.set_logged_start(id, time.since(start), now);
            }
            if verdict == Verdict::Ended {
                self.forget(id);
            }
            results.push(LoggedResult { id, change, verdict });
        }
        let progress = self.schedule.on_log_page(machine, Ok(page.next), now, jitter);
        for result in &mut results {
            if result.verdict != Verdict::Ended {
                result.verdict = progress.verdict.clone();
            }
        }
        if progress.has_recovered {
            let (others, verdict) = (self.schedule.logged(machine), &progress.verdict);
            let others = others.into_iter().filter(|id| results.iter().all(|result| result.id != *id));
            let nothing = |id| LoggedResult { id, change: Change::Nothing, verdict: verdict.clone() };
            let others: Vec<LoggedResult> = others.map(nothing).collect();
            results.extend(others);
        }
        for id in progress.without_end {
            let Some(change) = self.tracked.get(&id).map(Tracked::without_logged_end) else { continue };
            self.forget(id);
            results.push(LoggedResult { id, change, verdict: Verdict::GivenUp });
        }
        results
    }

    /// Returns the unresolved start that may have led to an EXPRESS execution. It is watched under the ARN that a STANDARD
    /// execution with this name would have.
    fn unresolved_start(&self, arn: &ExecutionArn) -> Option<&ExecutionId> {
        let name = ExecutionName::parse(arn.name()).ok()?;
        self.ids.get(&arn.machine().execution(&name))
    }

    /// Applies a failure to all executions of the machine.
    fn on_log_failure(&mut self, machine: &StateMachineArn, failure: &Failure, verdict: &Verdict) -> Vec<LoggedResult> {
        let mut results = Vec::new();
        for id in self.schedule.logged(machine) {
            let Some(tracked) = self.tracked.get(&id) else { continue };
            let change = if *verdict == Verdict::GivenUp {
                let change = tracked.given_up(failure.clone());
                self.forget(id);
                change
            } else {
                Change::Failed(failure.clone())
            };
            results.push(LoggedResult { id, change, verdict: verdict.clone() });
        }
        results
    }
}
