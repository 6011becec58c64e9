//! The page of a batch: its progress and what can be done with it.

use crate::app::batch::Stage;
use crate::app::model::Model;
use crate::app::shell::page_line::PageLine;
use crate::format::text::visible;
use crate::format::wrap::wrap;

/// Returns the progress of the batch and the available actions.
pub(in crate::app) fn lines(model: &Model, cells: usize) -> Vec<PageLine> {
    let Some(batch) = model.batches.latest() else { return vec![PageLine::Text("No batch.".into())] };
    let mut lines = vec![PageLine::Heading(format!("{} · {}", visible(&batch.file), visible(&batch.machine_name)))];
    lines.push(PageLine::Text(batch.progress(cells.saturating_sub(40).clamp(10, 60))));
    let text = match &batch.stage {
        Stage::Sending if batch.locked_out.is_some() => {
            let failure = batch.locked_out.iter().map(ToString::to_string).collect::<String>();
            format!("Waiting for new credentials. Press s to stop the batch; unsent lines are kept. Reason: {failure}")
        }
        Stage::Recording => "Recording all lines before sending the first one.".to_owned(),
        Stage::Sending => {
            "The batch continues in the background. Press s to stop it; unsent lines are kept.".to_owned()
        }
        Stage::Stopping => "Stopping. Waiting for responses.".to_owned(),
        Stage::Stopped(None) => "Stopped. Press Enter to continue with the rest, x to forget it.".to_owned(),
        Stage::Stopped(Some(failure)) => {
            format!("Stopped: {failure} Press Enter to continue with the rest, x to forget it.")
        }
        Stage::Done if batch.unresolved > 0 => {
            "All lines sent. Unresolved starts are being checked; see the list.".to_owned()
        }
        Stage::Done => "Done.".to_owned(),
    };
    // Before the counts, so that a small screen shows the available actions.
    lines.extend(wrap(&visible(&text), cells).into_iter().map(PageLine::Text));
    let counts = [
        (batch.confirmed, "started in this run"),
        (batch.refused, "refused"),
        (batch.unresolved, "unresolved"),
        (batch.remaining, "remaining"),
    ];
    lines.extend(counts.map(|(count, word)| PageLine::Keys(count.to_string(), word.to_owned())));
    if let Some(refusal) = &batch.first_refusal {
        let text = format!("First refusal: {refusal} All refusals are on the messages page.");
        lines.extend(wrap(&visible(&text), cells).into_iter().map(PageLine::Error));
    }
    lines
}
