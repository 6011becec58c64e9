//! The end of a run: the last responses, the results that waited for their turn, and what is left.

use std::time::Duration;

use tokio::time::Instant;

use crate::cli::Exit;
use crate::cli::console::Reader;
use crate::cli::each::run::Work;
use crate::cli::progress::Counts;
use crate::cli::report::Output;
use crate::runtime::Signals;
use crate::start::BatchReport;

/// How long answers that are under way are waited for after an interrupt.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

impl Work {
    /// Stops sending, tells what waited for its turn, and says what is left.
    pub(super) async fn end(&mut self, why: &str, signals: &mut Signals) -> anyhow::Result<Exit> {
        self.stop_sending(signals).await?;
        // Those that run on have their ARN at least.
        for (line, record) in self.lines.still_running() {
            let result = self.lines.console.report.execution(&record, Some(line), None);
            self.lines.results.tell(line, result, &mut self.lines.console)?;
        }
        self.lines.results.finish(&mut self.lines.console)?;
        self.lines.console.finish();
        let counts = Counts { running: self.lines.follower.len(), ..self.lines.counts };
        let left = counts.lines - counts.done - counts.running;
        let is_worth_telling = self.lines.console.report.output == Output::Text || self.lines.exit != Exit::Done;
        // Once the pipe is closed, only lines that were not started are reported.
        if is_worth_telling && self.lines.reader == Reader::There {
            self.lines.console.say(&format!("{why}{}", counts.words(self.lines.waits)));
        }
        if left > 0 {
            self.lines.exit = self.lines.exit.or(if self.stopped.is_none() { Exit::Unknown } else { Exit::Done });
            let reason = self.stopped.as_ref().map(|failure| format!(": {failure}")).unwrap_or_default();
            self.lines.console.say(&format!(
                "{left} lines were not started; run the same command with --resume to continue{reason}"
            ));
        }
        if counts.running > 0 && self.lines.reader == Reader::There {
            self.lines.console.say("running executions continue; watch them with `stepgate watch`");
        }
        Ok(self.lines.exit)
    }

    /// Those that are under way may still be answered; not for ever, since the next run asks about them.
    async fn stop_sending(&mut self, signals: &mut Signals) -> anyhow::Result<()> {
        let Some(sending) = &self.sending else { return Ok(()) };
        sending.stop.send_replace(());
        let last = Instant::now() + LAST_ANSWERS;
        while let Some(sending) = &mut self.sending {
            tokio::select! {
                report = sending.reports.recv() => match report {
                    Some(BatchReport::Answered(order, report)) => self.answered(&order, report).await?,
                    _ => self.sending = None,
                },
                _ = signals.next() => return Ok(()),
                () = tokio::time::sleep_until(last) => return Ok(()),
            }
        }
        Ok(())
    }
}
