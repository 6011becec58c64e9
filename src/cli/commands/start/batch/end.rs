//! The end of a run: the last responses, the remaining results, and the lines that were not started.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::Instant;

use crate::cli::Exit;
use crate::cli::commands::start::batch::work::{BatchRun, End};
use crate::cli::follow::{Item, Unknown};
use crate::cli::report::console::Pipe;
use crate::cli::report::execution::{ListedState, Output};
use crate::runtime::Signals;
use stepgate_core::domain::{Failure, LineState, StartOrder, agreeing, counted};
use stepgate_core::lifecycle::start_outcome::is_unrecorded;
use stepgate_core::start::BatchReport;
use stepgate_core::store::{StoreError, StoreErrorKind};

/// How long to wait for pending responses after an interrupt.
const LAST_RESPONSES: Duration = Duration::from_secs(5);
/// How long to wait for pending responses after --timeout.
const LAST_MOMENT: Duration = Duration::from_millis(500);

impl BatchRun {
    /// Stops sending, prints the remaining results, and reports the lines that were not started.
    pub(super) async fn end(&mut self, end: End, signals: &mut Signals) -> anyhow::Result<Exit> {
        if end != End::Finished {
            // From here on, no write waits for another process that holds the lock.
            self.lines.store.hurry();
        }
        self.stop_sending(if end == End::TimedOut { LAST_MOMENT } else { LAST_RESPONSES }, signals).await?;
        let running = self.report_pending().await?;
        let rest = self.lines.results.pending();
        self.lines.results.finish(&mut self.lines.console)?;
        self.lines.console.finish();
        let mut counts = self.lines.counts;
        counts.running = running;
        self.lines.exit = match end {
            End::Finished => self.lines.exit,
            End::TimedOut if self.lines.exit == Exit::Unknown => Exit::Unknown,
            End::TimedOut => self.lines.exit.worse(Exit::TimedOut),
            End::Interrupted(number) => Exit::Signal(number),
        };
        let prints_summary = self.lines.console.report.output == Output::Text || self.lines.exit != Exit::Done;
        // Once the pipe is closed, only lines that were not started are reported.
        if prints_summary && self.lines.pipe == Pipe::Open {
            let why = if end == End::TimedOut { "--timeout expired; " } else { "" };
            self.lines.console.say(&format!("{why}{}", counts.summary(self.lines.waits)));
        }
        if !rest.is_empty() {
            self.lines.exit =
                self.lines.exit.worse(if self.stop_reason.is_none() { Exit::Unknown } else { Exit::Done });
            self.report_unstarted(&rest);
        }
        if counts.running > 0 && self.lines.pipe == Pipe::Open {
            self.lines.console.say("running executions continue; watch them with `stepgate watch`");
        }
        Ok(self.lines.exit)
    }

    fn report_unstarted(&mut self, rest: &[usize]) {
        let count = rest.len();
        let reason = self.stop_reason.as_ref().map(|failure| format!(": {failure}")).unwrap_or_default();
        let is_unrecorded = self.stop_reason.as_ref().is_some_and(is_unrecorded);
        let is_missing =
            |error: &StoreError| matches!(error.kind, StoreErrorKind::Replaced | StoreErrorKind::WriterDied);
        let is_lost = is_unrecorded && self.lines.store.health().borrow().as_ref().is_some_and(is_missing);
        let (numbers, number) = (ranges(rest), agreeing(count, "line", "lines"));
        let unstarted = format!("{} {} not started", counted(count, "line"), agreeing(count, "was", "were"));
        let message = if is_lost {
            format!("{unstarted} ({number} {numbers}), and --resume cannot continue{reason}")
        } else if is_unrecorded {
            // A full disk or a lock; the recorded lines still exist.
            format!(
                "{unstarted} ({number} {numbers}); when the store can be written again, run the same command with --resume{reason}"
            )
        } else {
            format!("{unstarted}; run the same command with --resume to continue{reason}")
        };
        self.lines.console.say(&message);
    }

    /// Reports every line that was sent and has no result yet. Returns the number of executions still running.
    async fn report_pending(&mut self) -> anyhow::Result<usize> {
        let mut unknown = self.lines.follower.unknown();
        let items: Vec<_> = self.lines.follower.items().into_iter().map(|(id, item)| (id, item.clone())).collect();
        let mut running = 0;
        for (id, item) in items {
            let Some(line) = self.lines.followed.remove(&id) else { continue };
            match (item, unknown.remove(&id)) {
                (Item::UnresolvedStart(start), _) => {
                    self.report_unresolved(line, &start.order, start.reason.as_ref())?;
                }
                (Item::Execution(record) | Item::External(record), Some(Unknown { reason: Some(failure), .. })) => {
                    self.lines.on_lost(line, &record, &failure)?;
                    self.lines.exit = self.lines.exit.worse(Exit::Unknown);
                }
                // The ARN of a running execution is still useful.
                (Item::Execution(record) | Item::External(record), unknown) => {
                    running += 1;
                    self.lines.exit = self.lines.exit.worse(if unknown.is_some() { Exit::Unknown } else { Exit::Done });
                    let result = self.lines.console.report.execution(&record, Some(line), None);
                    self.lines.results.add(line, result, &mut self.lines.console)?;
                }
            }
        }
        // Sent, without a response yet. If the store cannot be read, there are none to report.
        let reason = self.starter.trouble().borrow().clone();
        let open: HashSet<usize> = self.lines.results.pending().into_iter().collect();
        for known in self.lines.store.batch_lines(self.batch).await.unwrap_or_default() {
            let was_sent = matches!(known.state, LineState::Sent | LineState::Unresolved(_));
            if was_sent
                && open.contains(&known.line)
                && let Some(order) = self.lines.orders.get(&known.line)
            {
                let order = StartOrder { name: known.name, ..order.clone() };
                self.report_unresolved(known.line, &order, reason.as_ref())?;
            }
        }
        Ok(running)
    }

    fn report_unresolved(&mut self, line: usize, order: &StartOrder, reason: Option<&Failure>) -> anyhow::Result<()> {
        self.lines.report_not_started(line, order, ListedState::Unresolved, reason)
    }

    /// Stops sending and waits for pending responses. The next run resolves the starts that have none.
    async fn stop_sending(&mut self, limit: Duration, signals: &mut Signals) -> anyhow::Result<()> {
        let Some(sending) = &self.sending else { return Ok(()) };
        sending.stop.send_replace(());
        let deadline = Instant::now() + limit;
        while let Some(sending) = &mut self.sending {
            tokio::select! {
                report = sending.reports.recv() => match report {
                    Some(BatchReport::Result(order, report)) => self.on_start_report(&order, report).await?,
                    Some(BatchReport::NeedsCredentials(_) | BatchReport::Renewed) => {}
                    Some(BatchReport::Done(_)) | None => self.sending = None,
                },
                _ = signals.next() => return Ok(()),
                () = tokio::time::sleep_until(deadline) => return Ok(()),
            }
        }
        Ok(())
    }
}

/// Formats ascending numbers as ranges: `2, 5-9`.
fn ranges(numbers: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let parts =
        ranges.iter().map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn consecutive_numbers_form_a_range() {
        assert_eq!(ranges(&[2, 5, 6, 7, 9]), "2, 5-7, 9");
        assert_eq!(ranges(&[]), "");
    }
}
