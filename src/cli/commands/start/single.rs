//! A single start, from the response to the result.

use crate::cli::Exit;
use crate::cli::follow::{Follower, Item, Step, Unknown};
use crate::cli::report::console::{Console, say};
use crate::cli::report::execution::{ListedState, Output};
use crate::cli::report::progress;
use crate::cli::report::suggestion::command;
use crate::format::text::visible;
use crate::runtime::{Signals, now};
use stepgate_core::domain::{ExecutionRecord, Failure, Observation, StartOrder, Status};
use stepgate_core::lifecycle::unresolved;
use stepgate_core::store::Store;

/// A start that led to an execution, or may have.
pub(in crate::cli) struct Single {
    pub(in crate::cli) order: StartOrder,
    pub(in crate::cli) waits: bool,
    pub(in crate::cli) console: Console,
    pub(in crate::cli) follower: Follower,
    pub(in crate::cli) signals: Signals,
    pub(in crate::cli) store: Option<Store>,
}

impl Single {
    /// Reports or follows a new execution.
    pub(in crate::cli) async fn on_started(mut self, record: ExecutionRecord) -> anyhow::Result<Exit> {
        if let Some(warning) = &record.warning {
            self.console.say(&format!("warning: {}: {warning}", record.arn.name()));
        }
        let has_ended = record.seen.as_ref().is_some_and(Observation::is_ended);
        if let Some(store) = self.store.as_ref().filter(|_| record.seen.is_some()) {
            store.keep(record.clone());
        }
        if let Some(Status::Unknown(word)) = record.seen.as_ref().filter(|_| has_ended).map(|seen| &seen.status) {
            let (name, word) = (record.arn.name(), visible(word));
            self.console.say(&format!("the outcome of {name} is unknown: `{word}` is not a status of Step Functions"));
        }
        if has_ended || !self.waits {
            self.console.report_end(&record, None)?;
            // The response to a synchronous start is the outcome.
            return Ok(if has_ended { Exit::from_outcome(&record) } else { Exit::Done });
        }
        if let Some(failure) = &record.given_up {
            say(&format!("the outcome of {} is unknown: {failure}", record.arn.name()));
            self.console.report_end(&record, None)?;
            return Ok(Exit::Unknown);
        }
        self.report_started(&record)?;
        self.follow_item(Item::Execution(record)).await
    }

    pub(in crate::cli) async fn follow_item(mut self, item: Item) -> anyhow::Result<Exit> {
        self.follower.add(item, self.order.endpoint.clone()).await;
        let exit = self.follow().await;
        self.console.finish();
        exit
    }

    /// Reports the start. In JSON there is one object, at the end.
    fn report_started(&mut self, record: &ExecutionRecord) -> anyhow::Result<()> {
        if self.console.report.output == Output::Json {
            say(&format!("started {}", record.arn));
        }
        self.console.report_change(record)?;
        Ok(())
    }

    async fn follow(&mut self) -> anyhow::Result<Exit> {
        loop {
            self.draw();
            match self.follower.next(&mut self.signals).await {
                Step::Seen(_, record) if !self.waits => {
                    self.console.report_end(&record, None)?;
                    return Ok(Exit::Done);
                }
                Step::Seen(..) | Step::Tick => {}
                Step::Ended(_, record) => {
                    self.console.report_end(&record, None)?;
                    return Ok(if self.waits { Exit::from_outcome(&record) } else { Exit::Done });
                }
                Step::Lost(_, item, failure) => return self.on_lost(&item, &failure),
                Step::NeverStarted(..) => {
                    let (order, now) = (&self.order, now());
                    self.console.say(&format!("{} was not started: the service does not know it", order.name));
                    if self.console.report.output == Output::Json {
                        let line = self.console.report.start(order, None, ListedState::NeverStarted, None, now);
                        self.console.result(line)?;
                    }
                    return Ok(Exit::Unknown);
                }
                Step::Message(message) => self.console.say(&message),
                Step::TimedOut => {
                    let exit = if self.follower.unknown().is_empty() { Exit::TimedOut } else { Exit::Unknown };
                    return self.report_still_running("--timeout expired; ", exit);
                }
                Step::Interrupted(number) => return self.report_still_running("", Exit::Signal(number)),
            }
        }
    }

    fn draw(&mut self) {
        if self.console.is_live() {
            let items = self.follower.items();
            let rows = items.iter().map(|(_, item)| *item);
            let lines = progress::rows(rows, self.console.size(), now(), self.console.report.colorizer);
            self.console.show_live(lines);
        }
    }

    fn on_lost(&mut self, item: &Item, failure: &Failure) -> anyhow::Result<Exit> {
        let name = &self.order.name;
        match item {
            Item::Execution(record) | Item::External(record) => {
                self.console.say(&format!("the outcome of {name} is unknown: {failure}"));
                self.console.report_end(record, Some(failure))?;
            }
            Item::UnresolvedStart(start) => {
                // Why it is unresolved was reported before.
                let is_refusal = unresolved::is_refusal(failure);
                if is_refusal {
                    self.console.say(&format!("{name} was not started: {failure}"));
                } else if start.reason.as_ref() != Some(failure) {
                    self.console.say(&format!("{name} stays unresolved: {failure}"));
                }
                if self.console.report.output == Output::Json {
                    let reason = start.reason.as_ref().filter(|_| !is_refusal).unwrap_or(failure);
                    let state = if is_refusal { ListedState::Refused } else { ListedState::Unresolved };
                    let line = self.console.report.start(&self.order, None, state, Some(reason), now());
                    self.console.result(line)?;
                }
            }
        }
        Ok(Exit::from_lost_start(item, failure))
    }

    /// Reports the current state, and how to continue.
    fn report_still_running(&mut self, why: &str, exit: Exit) -> anyhow::Result<Exit> {
        let (state, name) = match self.follower.items().first() {
            Some((id, Item::Execution(record))) => {
                let state = match self.follower.unknown().remove(id) {
                    None => "it is still running".to_owned(),
                    Some(Unknown { message: None, .. }) => "its outcome is unknown".to_owned(),
                    Some(Unknown { message: Some(message), .. }) => format!("its outcome is unknown: {message}"),
                };
                (state, record.arn.to_string())
            }
            _ => ("it may be running".to_owned(), self.order.name.to_string()),
        };
        self.console.finish();
        let state = state.trim_end_matches('.');
        say(&format!("{why}{state}; to continue: {}", command(&["watch", &name])));
        if let Some((_, Item::Execution(record))) = self.follower.items().first()
            && self.console.report.output == Output::Json
        {
            self.console.report_end(record, None)?;
        }
        Ok(exit)
    }
}
