//! What stands below the results of a command that waits, on a terminal: a line for each execution, or a bar
//! over many. Pure: time and room come in.

use crate::cli::color::Paint;
use crate::cli::follow::Item;
use crate::format::clock;
use crate::format::text::fit;
use crate::output::Text;
use stepgate_core::domain::{Outcome, Status, Timestamp};

/// A line for each of these, as many as there is room for.
pub(super) fn rows<'a>(
    items: impl ExactSizeIterator<Item = &'a Item>,
    (columns, height): (usize, usize),
    now: Timestamp,
    paint: Paint,
) -> Vec<Text> {
    // Room for what is said above them, and for the shell.
    let most = height.saturating_sub(3).max(1);
    let count = items.len();
    let shown = if count > most { most.saturating_sub(1) } else { count };
    let mut lines: Vec<Text> = items.take(shown).map(|item| row(item, columns, now, paint)).collect();
    if count > shown {
        lines.push(Text::from(format!("… and {} more", count - shown)).fit(columns.saturating_sub(1)));
    }
    lines
}

fn row(item: &Item, columns: usize, now: Timestamp, paint: Paint) -> Text {
    let (mut row, since) = match item {
        Item::Execution(record) | Item::External(record) => {
            let status = record.seen.as_ref().map_or(Status::Running, |seen| seen.status.clone());
            (paint.status(&status), record.started)
        }
        Item::UnresolvedStart(unresolved) => (paint.bad("UNRESOLVED"), unresolved.sent),
    };
    let (machine_name, name) = item.names();
    let rest = format!("  {}  {machine_name}  {name}", clock::running(now.since(since)));
    // The last column stays free: some terminals begin a new row with it.
    row.push(Text::from(rest).fit(columns.saturating_sub(10)));
    row
}

/// How far many starts are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Lines in all.
    pub(super) lines: usize,
    /// Those of which the last is known.
    pub(super) done: usize,
    /// Executions that are followed.
    pub(super) running: usize,
    /// SUCCEEDED, or only started where nobody waits.
    pub(super) good: usize,
    /// FAILED.
    pub(super) failed: usize,
    /// `TIMED_OUT`.
    pub(super) timed_out: usize,
    /// ABORTED.
    pub(super) aborted: usize,
    /// Executions of which the outcome is unknown.
    pub(super) unknown: usize,
    /// Starts that were refused.
    pub(super) refused: usize,
    /// Starts whose outcome is open.
    pub(super) unresolved: usize,
}

impl Counts {
    /// Counts an outcome.
    pub(super) fn count(&mut self, outcome: Option<Outcome>) {
        *match outcome {
            Some(Outcome::Succeeded) => &mut self.good,
            Some(Outcome::Failed) => &mut self.failed,
            Some(Outcome::TimedOut) => &mut self.timed_out,
            Some(Outcome::Aborted) => &mut self.aborted,
            None => &mut self.unknown,
        } += 1;
    }

    /// In words, for the end.
    pub(super) fn words(&self, waits: bool) -> String {
        let good = if waits { "succeeded" } else { "started" };
        let mut parts = vec![format!("{} of {}", self.done, self.lines), format!("{} {good}", self.good)];
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

/// The bar over many starts.
pub(super) fn bar(counts: Counts, waits: bool, columns: usize) -> Vec<Text> {
    let words = counts.words(waits);
    let room = columns.saturating_sub(1);
    let width = (room / 3).clamp(4, 40);
    let full = (width * counts.done).checked_div(counts.lines).unwrap_or(width);
    let bar = format!("{}{}", "█".repeat(full), "░".repeat(width - full));
    vec![fit(&format!("{bar} {words}"), room).into_owned().into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepgate_core::domain::{EndpointName, ExecutionArn, ExecutionRecord, GatewayId, OtherMembers};

    const NOW: Timestamp = Timestamp::from_millis(1_701_837_432_549);

    fn item(name: &str) -> Item {
        let arn = ExecutionArn::parse(&format!("arn:aws:states:ap-northeast-1:111122223333:execution:Order:{name}"));
        let arn = arn.expect("an ARN");
        Item::Execution(ExecutionRecord {
            gateway: GatewayId::new("local"),
            endpoint: EndpointName::new("dev"),
            machine_name: "注文".into(),
            machine: arn.machine(),
            arn,
            started: NOW,
            last_response: None,
            seen: None,
            given_up: None,
            input_digest: None,
            warning: None,
            start_members: OtherMembers::default(),
        })
    }

    #[test]
    fn there_are_never_more_rows_than_the_terminal_has_and_none_is_wider() {
        let items: Vec<Item> = (0..9).map(|index| item(&format!("注文-{index}-{}", "あ".repeat(30)))).collect();
        for (columns, height) in [(80, 24), (40, 10), (20, 4), (5, 1)] {
            let lines =
                rows(items.iter(), (columns, height), NOW.plus(std::time::Duration::from_secs(9)), Paint::none());
            assert!(lines.len() <= height.max(4) - 3 + usize::from(height < 4), "{columns}x{height}: {lines:?}");
            assert!(lines.iter().all(|line| line.width() < columns.max(10)), "{columns}x{height}: {lines:?}");
        }
        let lines = rows(items.iter(), (80, 24), NOW.plus(std::time::Duration::from_secs(9)), Paint::none());
        assert!(lines[0].plain().starts_with("RUNNING  00:09  注文  注文-0-あ"), "{lines:?}");
        let few = rows(items.iter(), (80, 8), NOW, Paint::none());
        assert_eq!(few.last().map(Text::plain).as_deref(), Some("… and 5 more"));
    }

    #[test]
    fn the_bar_fills_as_lines_are_done() {
        let counts =
            Counts { lines: 1000, done: 500, running: 20, good: 497, failed: 2, refused: 1, ..Counts::default() };
        let wanted = "█████████████░░░░░░░░░░░░░ 500 of 1000 · 497 succeeded · 20 running · 2 failed…";
        assert_eq!(bar(counts, true, 80), [wanted.into()]);
        assert!(bar(Counts::default(), false, 10).iter().all(|line| line.width() < 10));
    }
}
