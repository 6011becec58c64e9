//! The pages (help, messages, configuration errors, ...) as lines that fit the screen.

use crate::app::batch::Stage;
use crate::app::control::Progress;
use crate::app::input::action::{Action, Context};
use crate::app::input::editor::EDITING;
use crate::app::input::key::Key;
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::page_line::PageLine;
use crate::format::clock;
use crate::format::text::visible;
use crate::format::wrap::wrap;

/// Returns the width of the key column on a page of this width.
pub fn key_width(cells: usize) -> usize {
    24.min(cells / 3)
}

/// Returns the open page: its title, its lines and the first visible line.
pub fn page(model: &Model) -> Option<(&'static str, Vec<PageLine>, usize)> {
    let cells = usize::from(model.size.width.saturating_sub(4));
    match &model.overlay {
        Overlay::Help(top) => Some(("Keys", help(model, cells), *top)),
        Overlay::Messages(top) => Some(("Messages", messages(model, cells), *top)),
        Overlay::Compare(top) => {
            let comparison = model.comparison.as_ref()?;
            let row = |id| model.executions.get(id);
            let rows = row(comparison.first).zip(row(comparison.second));
            let lines = rows.map(|(first, second)| comparison.page([first, second], model.now, &model.zone, cells));
            Some(("Compared", lines.unwrap_or_default(), *top))
        }
        Overlay::Controlled(top) => Some(("Stopping and redriving", controlled(model, cells), *top)),
        Overlay::Batch(top) => Some(("Many starts", batch(model, cells), *top)),
        Overlay::ConfigErrors(errors, top) => Some(("Errors in the configuration", config_errors(errors, cells), *top)),
        _ => None,
    }
}

/// Returns the help, built from the keymap so that the two cannot differ.
fn help(model: &Model, cells: usize) -> Vec<PageLine> {
    let mut lines = Vec::new();
    let room = cells.saturating_sub(key_width(cells) + 1);
    let add = |lines: &mut Vec<PageLine>, keys: String, help: &str| {
        let mut keys = Some(keys);
        lines.extend(wrap(help, room).into_iter().map(|line| PageLine::Keys(keys.take().unwrap_or_default(), line)));
    };
    for context in Context::ALL.into_iter().filter(|context| *context != Context::ConfigErrors) {
        lines.push(PageLine::Heading(context.title().to_owned()));
        let is_allowed = |action: Action| !(model.read_only && action.changes_executions());
        for binding in model.keymap.bindings(context).filter(|binding| is_allowed(binding.action)) {
            let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            add(&mut lines, keys.join(" "), binding.action.help());
        }
        if context == Context::Form {
            for (key, help) in EDITING {
                let key = Key::parse(key).map_or_else(String::new, |key| key.to_string());
                add(&mut lines, key, help);
            }
        }
        lines.push(PageLine::Text(String::new()));
    }
    let heading = "Action names for [keys] in the configuration";
    lines.extend(wrap(heading, cells).into_iter().map(PageLine::Heading));
    for action in Action::ALL {
        add(&mut lines, action.name().to_owned(), action.help());
    }
    lines
}

fn messages(model: &Model, cells: usize) -> Vec<PageLine> {
    let mut lines = Vec::new();
    for notice in model.notices.all() {
        lines.push(PageLine::Heading(clock::moment(notice.at, model.now, &model.zone)));
        let text = visible(&notice.text);
        lines.extend(wrap(&text, cells).into_iter().map(|line| match notice.level {
            Level::Info => PageLine::Text(line),
            Level::Error => PageLine::Error(line),
        }));
    }
    if lines.is_empty() {
        lines.push(PageLine::Text("No messages yet.".into()));
    }
    lines
}

/// Returns the progress of the batch and the available actions.
fn batch(model: &Model, cells: usize) -> Vec<PageLine> {
    let Some(batch) = &model.batch else { return vec![PageLine::Text("No batch.".into())] };
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

/// Returns the results of stops or redrives, failures first.
fn controlled(model: &Model, cells: usize) -> Vec<PageLine> {
    let Some(interventions) = &model.interventions else {
        return vec![PageLine::Text("Nothing has been done.".into())];
    };
    let (done, failed, remaining) = interventions.counts();
    let word = interventions.intervention.done();
    let mut lines = vec![PageLine::Heading(format!("{done} {word} · {failed} failed · {remaining} to go"))];
    let name = |id| model.executions.get(id).map(|row| visible(row.arn.name()).into_owned()).unwrap_or_default();
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
                lines.push(PageLine::Text(format!("- {}: had already ended: {}", name(*id), visible(status.word()))));
            }
            Progress::Done => lines.push(PageLine::Text(format!("✔ {}", name(*id)))),
            Progress::Sent => lines.push(PageLine::Text(format!("… {}", name(*id)))),
            Progress::Waiting => lines.push(PageLine::Text(format!("  {}", name(*id)))),
        }
    }
    lines
}

fn config_errors(errors: &[String], cells: usize) -> Vec<PageLine> {
    let mut lines: Vec<PageLine> = Vec::new();
    for error in errors {
        lines.extend(wrap(&visible(error), cells).into_iter().map(PageLine::Error));
        lines.push(PageLine::Text(String::new()));
    }
    lines
}
