//! The end of a run: the last responses, the results that waited for their turn, and what is left.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::Instant;

use crate::cli::Exit;
use crate::cli::batch::work::{End, Work};
use crate::cli::console::Reader;
use crate::cli::follow::{Item, Unknown};
use crate::cli::report::{ListedState, Output};
use crate::runtime::Signals;
use stepgate_core::domain::{Failure, FailureKind, LineState, StartOrder};
use stepgate_core::start::BatchReport;
use stepgate_core::store::{StoreError, StoreErrorKind};

/// How long responses that are under way are waited for after an interrupt.
const LAST_RESPONSES: Duration = Duration::from_secs(5);
/// The same when the time is up.
const LAST_MOMENT: Duration = Duration::from_millis(500);

impl Work {
    /// Stops sending, tells what waited for its turn, and says what is left.
    pub(super) async fn end(&mut self, end: End, signals: &mut Signals) -> anyhow::Result<Exit> {
        if end != End::Over {
            // Nothing waits for another process any more that keeps the history locked.
            self.lines.store.hurry();
        }
        self.stop_sending(if end == End::TimeUp { LAST_MOMENT } else { LAST_RESPONSES }, signals).await?;
        let running = self.tell_open().await?;
        let rest = self.lines.results.open();
        self.lines.results.finish(&mut self.lines.console)?;
        self.lines.console.finish();
        let mut counts = self.lines.counts;
        counts.running = running;
        self.lines.exit = match end {
            End::Over => self.lines.exit,
            End::TimeUp if self.lines.exit == Exit::Unknown => Exit::Unknown,
            End::TimeUp => self.lines.exit.or(Exit::TimedOut),
            End::Interrupted(number) => Exit::Signal(number),
        };
        let is_worth_telling = self.lines.console.report.output == Output::Text || self.lines.exit != Exit::Done;
        // Once the pipe is closed, only lines that were not started are reported.
        if is_worth_telling && self.lines.reader == Reader::There {
            let why = if end == End::TimeUp { "the time is up; " } else { "" };
            self.lines.console.say(&format!("{why}{}", counts.words(self.lines.waits)));
        }
        if !rest.is_empty() {
            self.lines.exit = self.lines.exit.or(if self.stopped.is_none() { Exit::Unknown } else { Exit::Done });
            self.say_left(&rest);
        }
        if counts.running > 0 && self.lines.reader == Reader::There {
            self.lines.console.say("running executions continue; watch them with `stepgate watch`");
        }
        Ok(self.lines.exit)
    }

    fn say_left(&mut self, rest: &[usize]) {
        let left = rest.len();
        let reason = self.stopped.as_ref().map(|failure| format!(": {failure}")).unwrap_or_default();
        let is_unrecorded = self.stopped.as_ref().is_some_and(|failure| failure.kind == FailureKind::NotRecorded);
        let is_gone = |error: &StoreError| matches!(error.kind, StoreErrorKind::Replaced | StoreErrorKind::WriterDied);
        let is_lost = is_unrecorded && self.lines.store.health().borrow().as_ref().is_some_and(is_gone);
        let numbers = ranges(rest);
        let words = if is_lost {
            format!("{left} lines were not started (lines {numbers}), and --resume cannot continue{reason}")
        } else if is_unrecorded {
            // A full disk or a lock: what was recorded is still there.
            format!(
                "{left} lines were not started (lines {numbers}); when the history can be written again, run the same command with --resume{reason}"
            )
        } else {
            format!("{left} lines were not started; run the same command with --resume to continue{reason}")
        };
        self.lines.console.say(&words);
    }

    /// Tells what is known of the lines that have no result: every line that was sent is reported. Returns how many
    /// executions run on.
    async fn tell_open(&mut self) -> anyhow::Result<usize> {
        let mut unknown = self.lines.follower.unknown();
        let items: Vec<_> = self.lines.follower.items().into_iter().map(|(id, item)| (id, item.clone())).collect();
        let mut running = 0;
        for (id, item) in items {
            let Some(line) = self.lines.followed.remove(&id) else { continue };
            match (item, unknown.remove(&id)) {
                (Item::UnresolvedStart(start), _) => self.tell_unresolved(line, &start.order, start.reason.as_ref())?,
                (Item::Execution(record) | Item::External(record), Some(Unknown { reason: Some(failure), .. })) => {
                    self.lines.lost(line, &record, &failure)?;
                    self.lines.exit = self.lines.exit.or(Exit::Unknown);
                }
                // Those that run on have their ARN at least.
                (Item::Execution(record) | Item::External(record), unknown) => {
                    running += 1;
                    self.lines.exit = self.lines.exit.or(if unknown.is_some() { Exit::Unknown } else { Exit::Done });
                    let result = self.lines.console.report.execution(&record, Some(line), None);
                    self.lines.results.tell(line, result, &mut self.lines.console)?;
                }
            }
        }
        // Sent, and no response yet. A history that cannot be read knows of none.
        let reason = self.starter.trouble().borrow().clone();
        let open: HashSet<usize> = self.lines.results.open().into_iter().collect();
        for known in self.lines.store.batch_lines(self.batch).await.unwrap_or_default() {
            let was_sent = matches!(known.state, LineState::Sent | LineState::Unresolved(_));
            if was_sent
                && open.contains(&known.line)
                && let Some(order) = self.lines.orders.get(&known.line)
            {
                let order = StartOrder { name: known.name, ..order.clone() };
                self.tell_unresolved(known.line, &order, reason.as_ref())?;
            }
        }
        Ok(running)
    }

    fn tell_unresolved(&mut self, line: usize, order: &StartOrder, reason: Option<&Failure>) -> anyhow::Result<()> {
        self.lines.not_started(line, order, ListedState::Unresolved, reason)
    }

    /// Those that are under way may still be answered; not for ever, since the next run asks about them.
    async fn stop_sending(&mut self, patience: Duration, signals: &mut Signals) -> anyhow::Result<()> {
        let Some(sending) = &self.sending else { return Ok(()) };
        sending.stop.send_replace(());
        let last = Instant::now() + patience;
        while let Some(sending) = &mut self.sending {
            tokio::select! {
                report = sending.reports.recv() => match report {
                    Some(BatchReport::Result(order, report)) => self.answered(&order, report).await?,
                    Some(BatchReport::NeedsCredentials(_) | BatchReport::Renewed) => {}
                    Some(BatchReport::Done(_)) | None => self.sending = None,
                },
                _ = signals.next() => return Ok(()),
                () = tokio::time::sleep_until(last) => return Ok(()),
            }
        }
        Ok(())
    }
}

/// Numbers in ascending order: `2, 5-9`.
fn ranges(numbers: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let words =
        ranges.iter().map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn neighbours_are_one_range() {
        assert_eq!(ranges(&[2, 5, 6, 7, 9]), "2, 5-7, 9");
        assert_eq!(ranges(&[]), "");
    }
}
