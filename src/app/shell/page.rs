//! The pages (help, messages, configuration errors, ...) as lines that fit the screen.

use crate::app::control;
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::page_line::PageLine;
use crate::format::clock;
use crate::format::text::visible;
use crate::format::wrap::wrap;

/// Returns the open page: its title, its lines and the first visible line.
pub(crate) fn page(model: &Model) -> Option<(String, Vec<PageLine>, usize)> {
    let cells = usize::from(model.shell.size().width.saturating_sub(4));
    if let Some(help) = model.shell.help() {
        return Some((help.title(), help.lines(model.keys.keymap(), model.shell.is_read_only(), cells), help.top()));
    }
    match model.shell.overlay() {
        Overlay::Messages(top) => Some(("Messages".to_owned(), messages(model, cells), *top)),
        Overlay::Compare(top) => {
            let comparison = model.reader.comparison()?;
            let [first, second] = comparison.executions().map(|id| model.list.executions().get(id));
            let page = |rows| comparison.page(rows, model.shell.now, &model.shell.zone, cells);
            Some((
                "Compared".to_owned(),
                first.zip(second).map(|(first, second)| page([first, second])).unwrap_or_default(),
                *top,
            ))
        }
        Overlay::Controlled(top) => {
            Some(("Stopping and redriving".to_owned(), control::page::lines(model, cells), *top))
        }
        Overlay::ConfigErrors(errors, top) => {
            Some(("Errors in the configuration".to_owned(), config_errors(errors, cells), *top))
        }
        _ => None,
    }
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
