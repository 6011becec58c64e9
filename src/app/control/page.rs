//! The page of stops or redrives: the progress of each.

use crate::app::control::Progress;
use crate::app::model::Model;
use crate::app::shell::page_line::PageLine;
use crate::format::text::visible;
use crate::format::wrap::wrap;

/// Returns the results of stops or redrives, failures first.
pub(in crate::app) fn lines(model: &Model, cells: usize) -> Vec<PageLine> {
    let Some(interventions) = model.control.latest() else {
        return vec![PageLine::Text("Nothing has been done.".into())];
    };
    let (done, failed, remaining) = interventions.counts();
    let word = interventions.intervention.done();
    let mut lines = vec![PageLine::Heading(format!("{done} {word} · {failed} failed · {remaining} to go"))];
    let name = |id| model.list.executions().get(id).map(|row| visible(row.arn.name()).into_owned()).unwrap_or_default();
    let is_failed = |progress: &Progress| matches!(progress, Progress::Failed(_) | Progress::AlreadyEnded(_));
    let (failures, others): (Vec<_>, Vec<_>) =
        interventions.items.iter().partition(|(_, progress)| is_failed(progress));
    for (id, progress) in failures.into_iter().chain(others) {
        match progress {
            Progress::Failed(failure) => {
                let text = format!("✖ {}: {failure}", name(*id));
                lines.extend(wrap(&visible(&text), cells).into_iter().map(PageLine::Error));
            }
            Progress::AlreadyEnded(status) => {
                lines.push(PageLine::Text(format!("- {}: had already ended: {}", name(*id), visible(status.as_str()))));
            }
            Progress::Done => lines.push(PageLine::Text(format!("✔ {}", name(*id)))),
            Progress::Sent => lines.push(PageLine::Text(format!("… {}", name(*id)))),
            Progress::Waiting => lines.push(PageLine::Text(format!("  {}", name(*id)))),
        }
    }
    lines
}
