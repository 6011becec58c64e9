//! Sending the lines and following what becomes of them, until each has its result.

use std::collections::HashMap;

use anyhow::Context as _;
use tokio::time::Instant;

use crate::cli::batch::lines::Lines;
use crate::cli::batch::results::Results;
use crate::cli::batch::work::{End, Work};
use crate::cli::console::{Console, Reader, say};
use crate::cli::follow::{Follower, Item, Step, until};
use crate::cli::progress::{self, Counts};
use crate::cli::report::ListedState;
use crate::cli::{Common, Exit};
use crate::runtime::{Signals, now};
use stepgate_core::domain::{
    BatchId, BatchLine, Failure, FailureKind, LineOrder, LineState, Retry, Settled, StartOrder,
};
use stepgate_core::gateway::Clients;
use stepgate_core::lifecycle::execution::new_record;
use stepgate_core::lifecycle::{retry, unresolved};
use stepgate_core::start::{BatchReport, StartReport, Starter};
use stepgate_core::store::Store;

/// Pauses in a row, of a minute each in the end, before it is left to another run.
const MOST_PAUSES: u32 = 30;

/// What is to be done.
pub(super) struct Plan {
    pub(super) batch: BatchId,
    pub(super) orders: Vec<LineOrder>,
    pub(super) waits: bool,
    pub(super) deadline: Option<Instant>,
}

/// Does it.
pub(super) async fn run(
    plan: Plan,
    clients: Clients,
    store: &Store,
    signals: &mut Signals,
    common: &Common,
) -> anyhow::Result<Exit> {
    let deadline = plan.deadline;
    let console = Console::live(common);
    let lines = store.batch_lines(plan.batch).await.context("the history")?;
    let pruned = plan.orders.len().saturating_sub(lines.len());
    if pruned > 0 {
        say(&format!(
            "{pruned} of {} lines have no result: they were settled before [store] retain",
            plan.orders.len()
        ));
    }
    let starter = Starter::new(clients.clone(), Some(store.clone()), now);
    let mut work = Work {
        batch: plan.batch,
        deadline,
        numbers: lines.iter().map(|line| (line.request_id, line.line)).collect(),
        trouble: starter.trouble(),
        trouble_told: None,
        starter,
        sending: None,
        outages: 0,
        again: None,
        stopped: None,
        lines: Lines {
            waits: plan.waits,
            orders: plan.orders.into_iter().map(|LineOrder { line, order }| (line, order)).collect(),
            followed: HashMap::new(),
            follower: Follower::new(&clients, Some(store.clone()), deadline, console.is_live()),
            results: Results::of(lines.iter().map(|line| line.line)),
            counts: Counts { lines: lines.len(), ..Counts::default() },
            exit: Exit::Done,
            reader: Reader::There,
            console,
            clients,
            store: store.clone(),
        },
    };
    let exit = work.go(lines, signals).await;
    work.lines.console.finish();
    exit
}

enum Happened {
    /// A start is sent again, after this failure.
    Trouble(Failure),
    Step(Box<Step>),
    Report(Option<BatchReport>),
    Again,
}

impl Work {
    async fn go(&mut self, lines: Vec<BatchLine>, signals: &mut Signals) -> anyhow::Result<Exit> {
        let is_any = |standing: &LineState| lines.iter().any(|line| line.state == *standing);
        let mut is_taken = is_any(&LineState::Sent);
        if !is_taken {
            if let Some(end) = self.send(signals).await? {
                return self.end(end, signals).await;
            }
            // What waits is ours by now, unless somebody else has it.
            is_taken = is_any(&LineState::Waiting) && self.sending.is_none();
        }
        if is_taken {
            self.lines.console.say("another stepgate is starting these lines just now; nothing was sent");
            return Ok(Exit::Usage);
        }
        for line in lines {
            self.lines.begin(line).await?;
        }
        while self.lines.reader == Reader::There && !self.is_over() {
            self.draw();
            match self.next(signals).await {
                Happened::Step(step) => match *step {
                    Step::TimedOut => return self.end(End::TimeUp, signals).await,
                    Step::Interrupted(number) => return self.end(End::Interrupted(number), signals).await,
                    step => self.step(step).await?,
                },
                Happened::Report(Some(BatchReport::Result(order, report))) => self.answered(&order, report).await?,
                Happened::Report(Some(BatchReport::NeedsCredentials(why))) => {
                    self.lines.console.say(&format!("waiting for new credentials: {why}"));
                }
                Happened::Report(Some(BatchReport::Renewed)) => self.lines.console.say("sending starts again"),
                Happened::Report(Some(BatchReport::Done(why))) => self.over(why),
                Happened::Report(None) => self.sending = None,
                Happened::Again => {
                    if let Some(end) = self.send(signals).await? {
                        return self.end(end, signals).await;
                    }
                }
                Happened::Trouble(failure) => {
                    if self.trouble_told.replace(failure.kind.clone()) != Some(failure.kind.clone()) {
                        let words = failure.followed_by("sending the starts again under the same names");
                        self.lines.console.say(&words);
                    }
                }
            }
        }
        if self.lines.reader == Reader::Gone && !self.is_over() {
            self.lines.exit = self.lines.exit.or(Exit::Unknown);
        }
        self.end(End::Over, signals).await
    }

    fn is_over(&self) -> bool {
        self.sending.is_none()
            && self.again.is_none()
            && self.lines.follower.len() == 0
            && !self.lines.follower.has_news()
    }

    async fn next(&mut self, signals: &mut Signals) -> Happened {
        let sending = async {
            match &mut self.sending {
                Some(sending) => sending.reports.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            step = self.lines.follower.next(signals) => Happened::Step(Box::new(step)),
            report = sending => Happened::Report(report),
            () = until(self.again) => Happened::Again,
            Ok(()) = self.trouble.changed() => {
                let failure = self.trouble.borrow_and_update().clone();
                failure.map_or(Happened::Step(Box::new(Step::Tick)), Happened::Trouble)
            }
        }
    }

    /// Nothing more is sent for now. What passes is waited for, once something was answered at all.
    fn over(&mut self, why: Option<Failure>) {
        self.sending = None;
        // Meanwhile a line in doubt may have turned out not to have been started, and waits again.
        let Some(failure) = why else {
            self.send_soon();
            return;
        };
        // Nothing was started by what was throttled, so it may also be the very first one.
        let may_pass = failure.kind == FailureKind::Throttled || (self.lines.waits && self.has_begun());
        if may_pass && failure.retry() == Retry::Soon && self.outages < MOST_PAUSES {
            if self.outages == 0 {
                self.lines.console.say(&format!("the starts pause: {failure}"));
            }
            self.outages += 1;
            self.again = Some(Instant::now() + retry::delay(self.outages, fastrand::f64()));
            return;
        }
        let exit = match Exit::of_failure(&failure) {
            // Something was sent before.
            Exit::Usage if self.has_begun() => Exit::Unknown,
            exit => exit,
        };
        self.lines.exit = self.lines.exit.or(exit);
        self.stopped = Some(failure);
    }

    fn has_begun(&self) -> bool {
        self.lines.counts.done > 0 || !self.lines.followed.is_empty()
    }

    pub(super) async fn answered(&mut self, order: &StartOrder, report: StartReport) -> anyhow::Result<()> {
        let Some(line) = report.request_id.and_then(|record| self.numbers.get(&record)).copied() else { return Ok(()) };
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
                self.lines.started(line, record).await
            }
            Settled::Refused(failure) => self.lines.not_started(line, order, ListedState::Refused, Some(&failure)),
            Settled::Unresolved(start) => self.lines.follow(line, Item::UnresolvedStart(*start)).await,
            Settled::NeverStarted => Ok(()),
        }
    }

    async fn step(&mut self, step: Step) -> anyhow::Result<()> {
        match step {
            Step::Seen(id, record) if !self.lines.waits => {
                self.lines.follower.forget(id).await;
                match self.lines.followed.remove(&id) {
                    Some(line) => self.lines.started(line, record).await,
                    None => Ok(()),
                }
            }
            Step::Ended(id, record) => match self.lines.followed.remove(&id) {
                Some(line) => self.lines.ended(line, &record),
                None => Ok(()),
            },
            Step::Lost(id, item, failure) => match (self.lines.followed.remove(&id), item) {
                (Some(line), Item::UnresolvedStart(start)) => {
                    self.lines.exit =
                        self.lines.exit.or(Exit::of_lost(&Item::UnresolvedStart(start.clone()), &failure));
                    let is_refusal = unresolved::is_refusal(&failure);
                    let standing = if is_refusal { ListedState::Refused } else { ListedState::Unresolved };
                    self.lines.not_started(line, &start.order, standing, Some(&failure))
                }
                (Some(line), Item::Execution(record) | Item::External(record)) => {
                    self.lines.lost(line, &record, &failure)
                }
                (None, _) => Ok(()),
            },
            // It waits to be sent again.
            Step::NeverStarted(id, _) => {
                self.lines.followed.remove(&id);
                if self.stopped.is_none() {
                    self.send_soon();
                }
                Ok(())
            }
            Step::Said(words) => {
                self.lines.console.say(&words);
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
            self.lines.console.show(progress::bar(counts, self.lines.waits, self.lines.console.room().0));
        }
    }
}
