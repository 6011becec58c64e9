//! The live lines of a waiting command: a line for each execution, or a progress bar for a batch. Pure: time and
//! terminal size are arguments.

use crate::cli::follow::Item;
use crate::cli::report::color::Colorizer;
use crate::format::text::fit;
use crate::output::Text;
use stepgate_core::domain::{Outcome, Status, Timestamp, elapsed};

/// Returns a line for each item, as many as fit.
pub(in crate::cli) fn rows<'a>(
    items: impl ExactSizeIterator<Item = &'a Item>,
    (columns, height): (usize, usize),
    now: Timestamp,
    colorizer: Colorizer,
) -> Vec<Text> {
    // Leaves room for messages above, and for the shell prompt.
    let max_rows = height.saturating_sub(3).max(1);
    let count = items.len();
    let shown = if count > max_rows { max_rows.saturating_sub(1) } else { count };
    let mut lines: Vec<Text> = items.take(shown).map(|item| row(item, columns, now, colorizer)).collect();
    if count > shown {
        lines.push(Text::from(format!("… and {} more", count - shown)).fit(columns.saturating_sub(1)));
    }
    lines
}

fn row(item: &Item, columns: usize, now: Timestamp, colorizer: Colorizer) -> Text {
    let (mut row, since) = match item {
        Item::Execution(record) | Item::External(record) => {
            let status = record.seen.as_ref().map_or(Status::Running, |seen| seen.status.clone());
            (colorizer.status(&status), record.started)
        }
        Item::UnresolvedStart(unresolved) => (colorizer.error("UNRESOLVED"), unresolved.sent),
    };
    let (machine_name, name) = item.names();
    // Unlike in a table, the duration comes before the names: it must never be cut.
    let rest = format!("  {}  {name}  {machine_name}", elapsed::running(now.since(since)));
    // The last column stays free: some terminals wrap after it.
    row.push(Text::from(rest).fit(columns.saturating_sub(10)));
    row
}

/// Numbers of lines, executions and starts of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::cli) struct Counts {
    /// All lines.
    pub(in crate::cli) lines: usize,
    /// Lines with a result.
    pub(in crate::cli) done: usize,
    /// Executions still followed.
    pub(in crate::cli) running: usize,
    /// Succeeded; without `--wait`, started.
    pub(in crate::cli) succeeded: usize,
    pub(in crate::cli) failed: usize,
    pub(in crate::cli) timed_out: usize,
    pub(in crate::cli) aborted: usize,
    /// Executions whose outcome is unknown.
    pub(in crate::cli) unknown: usize,
    pub(in crate::cli) refused: usize,
    pub(in crate::cli) unresolved: usize,
}

impl Counts {
    /// Counts an outcome; `None` is unknown.
    pub(in crate::cli) fn count(&mut self, outcome: Option<Outcome>) {
        *match outcome {
            Some(Outcome::Succeeded) => &mut self.succeeded,
            Some(Outcome::Failed) => &mut self.failed,
            Some(Outcome::TimedOut) => &mut self.timed_out,
            Some(Outcome::Aborted) => &mut self.aborted,
            None => &mut self.unknown,
        } += 1;
    }

    /// Formats the counts that are not zero.
    pub(in crate::cli) fn summary(&self, waits: bool) -> String {
        let verb = if waits { "succeeded" } else { "started" };
        let mut parts = vec![format!("{} of {}", self.done, self.lines), format!("{} {verb}", self.succeeded)];
        let others = [
            (self.running, "running"),
            (self.failed, "failed"),
            (self.timed_out, "timed out"),
            (self.aborted, "aborted"),
            (self.unknown, "unknown"),
            (self.refused, "refused"),
            (self.unresolved, "unresolved"),
        ];
        parts.extend(others.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")));
        parts.join(" · ")
    }
}

/// Returns the progress bar of a batch.
pub(in crate::cli) fn bar(counts: Counts, waits: bool, columns: usize) -> Vec<Text> {
    let summary = counts.summary(waits);
    let room = columns.saturating_sub(1);
    let width = (room / 3).clamp(4, 40);
    let full = (width * counts.done).checked_div(counts.lines).unwrap_or(width);
    let bar = format!("{}{}", "█".repeat(full), "░".repeat(width - full));
    vec![fit(&format!("{bar} {summary}"), room).into_owned().into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepgate_core::domain::{EndpointName, ExecutionArn, ExecutionRecord, GatewayId};

    const NOW: Timestamp = Timestamp::from_millis(1_701_837_432_549);

    fn item(name: &str) -> Item {
        let arn = ExecutionArn::parse(&format!("arn:aws:states:ap-northeast-1:111122223333:execution:Order:{name}"));
        let arn = arn.expect("an ARN");
        let (gateway, endpoint) = (GatewayId::new("local"), EndpointName::new("dev"));
        Item::Execution(ExecutionRecord::unanswered(gateway, endpoint, "注文", arn, NOW))
    }

    #[test]
    fn rows_fit_into_the_terminal() {
        let items: Vec<Item> = (0..9).map(|index| item(&format!("注文-{index}-{}", "あ".repeat(30)))).collect();
        for (columns, height) in [(80, 24), (40, 10), (20, 4), (5, 1)] {
            let lines =
                rows(items.iter(), (columns, height), NOW.plus(std::time::Duration::from_secs(9)), Colorizer::none());
            assert!(lines.len() <= height.max(4) - 3 + usize::from(height < 4), "{columns}x{height}: {lines:?}");
            assert!(lines.iter().all(|line| line.width() < columns.max(10)), "{columns}x{height}: {lines:?}");
        }
        let lines = rows(items.iter(), (80, 24), NOW.plus(std::time::Duration::from_secs(9)), Colorizer::none());
        assert!(lines[0].plain().starts_with("RUNNING  0:09  注文-0-あ"), "{lines:?}");
        let few = rows(items.iter(), (80, 8), NOW, Colorizer::none());
        assert_eq!(few.last().map(Text::plain).as_deref(), Some("… and 5 more"));
    }

    #[test]
    fn the_bar_fills_as_lines_are_done() {
        let counts =
            Counts { lines: 1000, done: 500, running: 20, succeeded: 497, failed: 2, refused: 1, ..Counts::default() };
        let expected = "█████████████░░░░░░░░░░░░░ 500 of 1000 · 497 succeeded · 20 running · 2 failed…";
        assert_eq!(bar(counts, true, 80), [expected.into()]);
        assert!(bar(Counts::default(), false, 10).iter().all(|line| line.width() < 10));
    }
}
