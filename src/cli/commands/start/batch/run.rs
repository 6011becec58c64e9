//! The loop that sends the lines and follows their executions until each has its result.

use std::collections::HashMap;

use anyhow::Context as _;
use tokio::time::Instant;

use crate::cli::commands::start::batch::lines::Lines;
use crate::cli::commands::start::batch::results::Results;
use crate::cli::commands::start::batch::work::{BatchRun, End};
use crate::cli::follow::{Follower, Item, Step, until};
use crate::cli::report::console::{Console, Pipe, say};
use crate::cli::report::execution::ListedState;
use crate::cli::report::progress::{self, Counts};
use crate::cli::{Common, Exit};
use crate::runtime::{Signals, now};
use stepgate_core::domain::{BatchId, BatchLine, Failure, LineOrder, LineState, Permit, Settled, StartOrder, counted};
use stepgate_core::gateway::Clients;
use stepgate_core::lifecycle::execution::new_record;
use stepgate_core::lifecycle::{backoff, unresolved};
use stepgate_core::start::{BatchReport, StartReport, Starter};
use stepgate_core::store::Store;

/// What to run.
pub(super) struct Plan {
    pub(super) batch: BatchId,
    pub(super) orders: Vec<LineOrder>,
    pub(super) permit: Permit,
    pub(super) waits: bool,
    pub(super) deadline: Option<Instant>,
}

/// Runs the batch.
pub(super) async fn run(
    plan: Plan,
    clients: Clients,
    store: &Store,
    signals: &mut Signals,
    common: &Common,
) -> anyhow::Result<Exit> {
    let deadline = plan.deadline;
    let console = Console::live(common);
    let lines = store.batch_lines(plan.batch).await.context("the store")?;
    let pruned = plan.orders.len().saturating_sub(lines.len());
    if pruned > 0 {
        say(&format!(
            "no result for {pruned} of {}: they were settled longer ago than [store] retain",
            counted(plan.orders.len(), "line")
        ));
    }
    let starter = Starter::new(clients.clone(), Some(store.clone()), now);
    let mut run = BatchRun {
        batch: plan.batch,
        permit: plan.permit,
        deadline,
        line_numbers: lines.iter().map(|line| (line.request_id, line.line)).collect(),
        retry_reason: starter.trouble(),
        reported_retry: None,
        starter,
        sending: None,
        outages: 0,
        resend_at: None,
        stop_reason: None,
        lines: Lines {
            waits: plan.waits,
            orders: plan.orders.into_iter().map(|LineOrder { line, order }| (line, order)).collect(),
            followed: HashMap::new(),
            follower: Follower::new(&clients, Some(store.clone()), deadline, console.is_live()),
            results: Results::new(lines.iter().map(|line| line.line)),
            counts: Counts { lines: lines.len(), ..Counts::default() },
            exit: Exit::Done,
            pipe: Pipe::Open,
            console,
            clients,
            store: store.clone(),
        },
    };
    let exit = run.follow(lines, signals).await;
    run.lines.console.finish();
    exit
}

enum Event {
    /// A start is sent again after this failure.
    Retrying(Failure),
    Follow(Box<Step>),
    Report(Option<BatchReport>),
    ResendDue,
}

impl BatchRun {
    async fn follow(&mut self, lines: Vec<BatchLine>, signals: &mut Signals) -> anyhow::Result<Exit> {
        let has_state = |state: &LineState| lines.iter().any(|line| line.state == *state);
        let mut is_claimed = has_state(&LineState::Sent);
        if !is_claimed {
            if let Some(end) = self.send(signals).await? {
                return self.end(end, signals).await;
            }
            // This process has claimed all waiting lines, unless another one did.
            is_claimed = has_state(&LineState::Waiting) && self.sending.is_none();
        }
        if is_claimed {
            self.lines.console.say("another stepgate is already starting these lines; nothing was sent");
            return Ok(Exit::Usage);
        }
        for line in lines {
            self.lines.resume(line).await?;
        }
        while self.lines.pipe == Pipe::Open && !self.is_over() {
            self.draw();
            match self.next(signals).await {
                Event::Follow(step) => match *step {
                    Step::TimedOut => return self.end(End::TimedOut, signals).await,
                    Step::Interrupted(number) => return self.end(End::Interrupted(number), signals).await,
                    step => self.on_follow_event(step).await?,
                },
                Event::Report(Some(BatchReport::Result(order, report))) => self.on_start_report(&order, report).await?,
                Event::Report(Some(BatchReport::NeedsCredentials(why))) => {
                    self.lines.console.say(&format!("waiting for new credentials: {why}"));
                }
                Event::Report(Some(BatchReport::Renewed)) => self.lines.console.say("sending starts again"),
                Event::Report(Some(BatchReport::Done(why))) => self.on_sending_stopped(why),
                Event::Report(None) => self.sending = None,
                Event::ResendDue => {
                    if let Some(end) = self.send(signals).await? {
                        return self.end(end, signals).await;
                    }
                }
                Event::Retrying(failure) => {
                    if self.reported_retry.replace(failure.kind.clone()) != Some(failure.kind.clone()) {
                        let message = failure.followed_by("sending the starts again under the same names");
                        self.lines.console.say(&message);
                    }
                }
            }
        }
        if self.lines.pipe == Pipe::Closed && !self.is_over() {
            self.lines.exit = self.lines.exit.worse(Exit::Unknown);
        }
        self.end(End::Finished, signals).await
    }

    fn is_over(&self) -> bool {
        self.sending.is_none()
            && self.resend_at.is_none()
            && self.lines.follower.len() == 0
            && !self.lines.follower.has_queued()
    }

    async fn next(&mut self, signals: &mut Signals) -> Event {
        let sending = async {
            match &mut self.sending {
                Some(sending) => sending.reports.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            step = self.lines.follower.next(signals) => Event::Follow(Box::new(step)),
            report = sending => Event::Report(report),
            () = until(self.resend_at) => Event::ResendDue,
            Ok(()) = self.retry_reason.changed() => {
                let failure = self.retry_reason.borrow_and_update().clone();
                failure.map_or(Event::Follow(Box::new(Step::Tick)), Event::Retrying)
            }
        }
    }

    /// Schedules another attempt after a transient failure.
    fn on_sending_stopped(&mut self, why: Option<Failure>) {
        self.sending = None;
        // An unresolved line may have turned out not to have been started, and can be sent again.
        let Some(failure) = why else {
            self.send_soon();
            return;
        };
        let has_proof = self.lines.waits && self.has_started_any();
        if let Some(pause) = backoff::batch_pause(self.outages + 1, &failure, has_proof, fastrand::f64()) {
            if self.outages == 0 {
                self.lines.console.say(&format!("the starts pause: {failure}"));
            }
            self.outages += 1;
            self.resend_at = Some(Instant::now() + pause);
            return;
        }
        let exit = match Exit::from_failure(&failure) {
            // `Usage` would mean that nothing was sent.
            Exit::Usage if self.has_started_any() => Exit::Unknown,
            exit => exit,
        };
        self.lines.exit = self.lines.exit.worse(exit);
        self.stop_reason = Some(failure);
    }

    fn has_started_any(&self) -> bool {
        self.lines.counts.done > 0 || !self.lines.followed.is_empty()
    }

    pub(super) async fn on_start_report(&mut self, order: &StartOrder, report: StartReport) -> anyhow::Result<()> {
        let Some(line) = report.request_id.and_then(|record| self.line_numbers.get(&record)).copied() else {
            return Ok(());
        };
        if !matches!(report.settled, Settled::Unresolved(_)) && self.outages > 0 {
            self.outages = 0;
            self.lines.console.say("sending starts again");
        }
        match report.settled {
            Settled::Confirmed(started) => {
                let record = new_record(order, &started, now());
                if let Some(warning) = &record.warning {
                    self.lines.console.say(&format!("warning: {}: {warning}", record.arn.name()));
                }
                if record.seen.is_some() {
                    self.lines.store.keep(record.clone());
                }
                self.lines.on_started(line, record).await
            }
            Settled::Refused(failure) => {
                self.lines.report_not_started(line, order, ListedState::Refused, Some(&failure))
            }
            Settled::Unresolved(start) => self.lines.follow(line, Item::UnresolvedStart(*start)).await,
            Settled::NeverStarted => Ok(()),
        }
    }

    async fn on_follow_event(&mut self, step: Step) -> anyhow::Result<()> {
        match step {
            Step::Seen(id, record) if !self.lines.waits => {
                self.lines.follower.forget(id).await;
                match self.lines.followed.remove(&id) {
                    Some(line) => self.lines.on_started(line, record).await,
                    None => Ok(()),
                }
            }
            Step::Ended(id, record) => match self.lines.followed.remove(&id) {
                Some(line) => self.lines.on_ended(line, &record),
                None => Ok(()),
            },
            Step::Lost(id, item, failure) => match (self.lines.followed.remove(&id), item) {
                (Some(line), Item::UnresolvedStart(start)) => {
                    self.lines.exit =
                        self.lines.exit.worse(Exit::from_lost_start(&Item::UnresolvedStart(start.clone()), &failure));
                    let is_refusal = unresolved::is_refusal(&failure);
                    let state = if is_refusal { ListedState::Refused } else { ListedState::Unresolved };
                    self.lines.report_not_started(line, &start.order, state, Some(&failure))
                }
                (Some(line), Item::Execution(record) | Item::External(record)) => {
                    self.lines.on_lost(line, &record, &failure)
                }
                (None, _) => Ok(()),
            },
            // The line can be sent again.
            Step::NeverStarted(id, _) => {
                self.lines.followed.remove(&id);
                if self.stop_reason.is_none() {
                    self.send_soon();
                }
                Ok(())
            }
            Step::Message(message) => {
                self.lines.console.say(&message);
                Ok(())
            }
            Step::Seen(..) | Step::Tick | Step::TimedOut | Step::Interrupted(_) => Ok(()),
        }
    }

    fn draw(&mut self) {
        if self.lines.console.is_live() {
            let items = self.lines.follower.items();
            let unresolved = items.iter().filter(|(_, item)| matches!(item, Item::UnresolvedStart(_))).count();
            let (running, before) = (items.len() - unresolved, self.lines.counts);
            let counts = Counts { running, unresolved: before.unresolved + unresolved, ..before };
            self.lines.console.show_live(progress::bar(counts, self.lines.waits, self.lines.console.size().0));
        }
    }
}
