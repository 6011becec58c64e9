//! The pages (help, messages, configuration errors, ...) as lines that fit the screen.

use crate::app::keys::action::{Action, Context};
use crate::app::keys::editor::editing_keys;
use crate::app::keys::key::Key;
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::page_line::PageLine;
use crate::app::{batch, control};
use crate::format::clock;
use crate::format::text::visible;
use crate::format::wrap::wrap;

/// Returns the width of the key column on a page of this width.
pub(crate) fn key_width(cells: usize) -> usize {
    24.min(cells / 3)
}

/// Returns the open page: its title, its lines and the first visible line.
pub(crate) fn page(model: &Model) -> Option<(&'static str, Vec<PageLine>, usize)> {
    let cells = usize::from(model.shell.size().width.saturating_sub(4));
    match model.shell.overlay() {
        Overlay::Help(top) => Some(("Keys", help(model, cells), *top)),
        Overlay::Messages(top) => Some(("Messages", messages(model, cells), *top)),
        Overlay::Compare(top) => {
            let comparison = model.reader.comparison()?;
            let [first, second] = comparison.executions().map(|id| model.list.executions().get(id));
            let page = |rows| comparison.page(rows, model.shell.now, &model.shell.zone, cells);
            Some(("Compared", first.zip(second).map(|(first, second)| page([first, second])).unwrap_or_default(), *top))
        }
        Overlay::Controlled(top) => Some(("Stopping and redriving", control::page::lines(model, cells), *top)),
        Overlay::Batch(top) => Some(("Many starts", batch::page::lines(model, cells), *top)),
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
        let is_allowed = |action: Action| !(model.shell.is_read_only() && action.changes_executions());
        for binding in model.keys.keymap().bindings(context).filter(|binding| is_allowed(binding.action)) {
            let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            add(&mut lines, keys.join(" "), binding.action.help());
        }
        lines.push(PageLine::Text(String::new()));
    }
    lines.push(PageLine::Heading("While typing anywhere".to_owned()));
    for (keys, help) in editing_keys() {
        add(&mut lines, keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" "), help);
    }
    lines.push(PageLine::Text(String::new()));
    let heading = "Action names for [keys] in the configuration";
    lines.extend(wrap(heading, cells).into_iter().map(PageLine::Heading));
    for action in Action::ALL {
        add(&mut lines, action.name().to_owned(), action.help());
    }
    lines
}

fn messages(model: &Model, cells: usize) -> Vec<PageLine> {
    let mut lines = Vec::new();
    for notice in model.shell.notices().all() {
        lines.push(PageLine::Heading(clock::moment(notice.at, model.shell.now(), model.shell.zone())));
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

fn config_errors(errors: &[String], cells: usize) -> Vec<PageLine> {
    let mut lines: Vec<PageLine> = Vec::new();
    for error in errors {
        lines.extend(wrap(&visible(error), cells).into_iter().map(PageLine::Error));
        lines.push(PageLine::Text(String::new()));
    }
    lines
}
