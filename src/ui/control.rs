//! The confirmation of a stop or redrive.

use ratatui::Frame;
use ratatui::layout::{Constraint, Margin, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::app::control::{ControlForm, Field, Intervention};
use crate::app::guard::label;
use crate::app::model::Model;
use crate::app::shell::geometry::DIALOG;
use crate::format::text::{fit, visible, width};
use crate::format::wrap::wrap;
use crate::ui::field;
use crate::ui::guard::render_line;
use crate::ui::theme::Theme;
use crate::ui::widgets::{dialog, endpoint_dialog, hidden_by_filter};
use stepgate_core::domain::{EndpointName, counted};

/// The endpoints that the title names; of more, only their number is shown.
const MOST_ENDPOINTS: usize = 3;

pub(super) fn render(model: &Model, form: &ControlForm, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let fields = u16::try_from(form.fields().len()).unwrap_or(0);
    let (mut text, mut style) = explanation(form, theme);
    if let Some(hidden) = hidden_by_filter(model, &form.subjects) {
        text = format!("{text} {hidden}");
        style = if form.error_message.is_none() { theme.warning } else { style };
    }
    let (cells, borders) = (body.width.min(DIALOG), 2);
    let lines = wrap(&visible(&text), usize::from(cells.saturating_sub(2 * borders)));
    let below = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let height = fields.saturating_add(below).saturating_add(borders).min(body.height);
    let area = body.centered(Constraint::Length(cells), Constraint::Length(height));
    let verb = if form.intervention == Intervention::Stop { "Stop" } else { "Redrive" };
    let title = match form.subjects.len() {
        1 => format!("{verb} {}", form.confirm_text),
        count => format!("{verb} {}", counted(count, "execution")),
    };
    let inner = frame_of(model, form, &title, theme, frame, area).inner(Margin::new(1, 0));
    for (index, field) in form.fields().iter().enumerate() {
        let y = inner.y + u16::try_from(index).unwrap_or(0);
        if y >= inner.bottom() {
            return;
        }
        let (name, hint, editor) = match field {
            Field::Confirmation => ("Sure?  ", format!("y, or {}", form.confirm_text), &form.confirmation),
            Field::Error => ("Error  ", "(none; Tab to add one)".to_owned(), &form.error),
            Field::Cause => ("Cause  ", "(none; Tab to add one)".to_owned(), &form.cause),
        };
        let line = Rect { y, height: 1, ..inner };
        let has_keys = form.field == *field;
        if *field == Field::Confirmation && !form.guard.is_open() {
            let label = label(&form.guard, form.intervention.verb());
            render_line(&label, editor, has_keys, theme, frame, line);
            continue;
        }
        frame.render_widget(Line::styled(name, if has_keys { theme.accent } else { theme.dim }), line);
        let cells = u16::try_from(width(name)).unwrap_or(0).min(line.width);
        let line = Rect { x: line.x + cells, width: line.width - cells, ..line };
        if editor.text().is_empty() {
            frame.render_widget(Line::styled(format!(" {}", visible(&hint)), theme.dim), line);
        }
        if has_keys || !editor.text().is_empty() {
            let text = if editor.text().is_empty() { Rect { width: line.width.min(1), ..line } } else { line };
            field::render(editor, has_keys, theme, frame, text);
        }
    }
    let below = inner.y + fields;
    let rest = Rect { y: below, height: inner.bottom().saturating_sub(below), ..inner };
    let lines: Vec<Line<'_>> = lines.iter().map(|line| Line::raw(line.trim_start())).collect();
    frame.render_widget(Paragraph::new(lines).style(style), rest);
}

/// Returns what is wrong with the form, or what it leads to.
fn explanation(form: &ControlForm, theme: &Theme) -> (String, Style) {
    match (&form.error_message, form.left_out, form.intervention) {
        (Some(fault), ..) => (fault.clone(), theme.bad),
        (None, 1.., _) => {
            (format!("{} of those marked cannot be {}.", form.left_out, form.intervention.done()), theme.warning)
        }
        (None, 0, Intervention::Stop) => {
            ("Running executions end as ABORTED; ended ones are not changed.".to_owned(), theme.dim)
        }
        (None, 0, Intervention::Redrive) => ("Continues from the failed state.".to_owned(), theme.dim),
    }
}

/// Draws the frame. If there are several endpoints, the title names those of the executions, however long their names are.
fn frame_of(model: &Model, form: &ControlForm, title: &str, theme: &Theme, frame: &mut Frame<'_>, area: Rect) -> Rect {
    let mut endpoints: Vec<&EndpointName> = Vec::new();
    for row in form.subjects.iter().filter_map(|id| model.list().executions().get(*id)) {
        if !endpoints.contains(&&row.endpoint) {
            endpoints.push(&row.endpoint);
        }
    }
    if model.shell().endpoints().list().len() < 2 || endpoints.is_empty() {
        return dialog(&format!("{title}?"), theme, frame, area);
    }
    let more = endpoints.len().saturating_sub(MOST_ENDPOINTS);
    endpoints.truncate(MOST_ENDPOINTS);
    let after = if more > 0 { format!(" and {more} more?") } else { "?".to_owned() };
    let names: usize = endpoints.iter().map(|name| width(name.as_str()) + 2).sum();
    // The corners, the blanks at both ends, and " on ".
    let room = usize::from(area.width).saturating_sub(names + width(&after) + 6);
    let before = format!("{} on ", fit(title, room));
    endpoint_dialog(model, [&before, &after], &endpoints, theme, frame, area)
}
