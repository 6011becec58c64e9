//! The start form: name, input, validation errors and the input's size.
//!
//! ```text
//! ┏ Start order on dev ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ Name  (generated; Tab to choose one)               ┃
//! ┃ Input (JSON) ───────────────────────────────────── ┃
//! ┃   1 {                                              ┃
//! ┃   2   "order": 4711,                               ┃
//! ┃✖  3 }   ← trailing comma                           ┃
//! ┃ ✖ line 3, column 1: trailing comma       3:2  25 B ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

mod input;
mod styles;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::model::Model;
use crate::app::start::form::{Field, Form, Stage};
use crate::format::text::{fit, visible, width};
use crate::ui::field;
use crate::ui::theme::Theme;
use crate::ui::widgets::start_dialog;
use stepgate_core::domain::{MAX_INPUT_BYTES, Machine, MachineType};

const NAME_LABEL: &str = " Name  ";
const INPUT_LABEL: &str = " Input (JSON) ";

pub(super) fn render(model: &Model, form: &Form, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let Some(machine) = model.list().machines().get(form.machine) else { return };
    let layout = form.layout(body);
    start_dialog(model, [&title(machine), ""], &machine.endpoint, theme, frame, layout.area);
    render_name(form, theme, frame, layout.name);
    render_rule(form, theme, frame, layout.rule);
    input::render(form, theme, frame, &layout);
    let awaited = model.shell().endpoints().credential_command(&machine.endpoint);
    render_state(form, awaited, theme, frame, layout.state);
}

fn title(machine: &Machine) -> String {
    let kind = match machine.machine_type {
        MachineType::Standard | MachineType::Unknown => "",
        MachineType::Express => " (EXPRESS)",
    };
    format!("Start {}{kind}", machine.name)
}

fn render_name(form: &Form, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let has_keys = form.field == Field::Name;
    let label = if has_keys { theme.accent } else { theme.dim };
    frame.render_widget(Line::styled(NAME_LABEL, label), area);
    let cells = u16::try_from(width(NAME_LABEL)).unwrap_or(0).min(area.width);
    let line = Rect { x: area.x + cells, width: area.width - cells, ..area };
    if form.name.text().is_empty() && !has_keys {
        frame.render_widget(Line::styled("(generated; Tab to choose one)", theme.dim), line);
        return;
    }
    field::render(&form.name, has_keys, theme, frame, line);
}

fn render_rule(form: &Form, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let label = if form.field == Field::Input { theme.accent } else { theme.dim };
    let rule = "─".repeat(usize::from(area.width).saturating_sub(width(INPUT_LABEL) + 1));
    frame.render_widget(Line::from(vec![Span::styled(INPUT_LABEL, label), Span::styled(rule, theme.border)]), area);
}

/// Draws the state of the form and the input's size; an error may take the whole line. `awaited` is the running
/// credential command.
fn render_state(form: &Form, awaited: Option<&str>, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let bytes = format!("{} / {MAX_INPUT_BYTES} bytes ", form.input_bytes());
    let (line, column) = form.input.cursor_position();
    let place = format!("{line}:{column}  ");
    let (text, style) = match (&form.stage, form.name_error(), form.input_error()) {
        (Stage::Sent(_), ..) => match awaited {
            Some(program) => (format!("… waiting for `{program}`"), theme.running),
            None => ("… starting".to_owned(), theme.running),
        },
        (_, Some(error), _) => (format!("✖ {error}"), theme.bad),
        (_, _, Some(error)) => (format!("✖ {error}"), theme.bad),
        (Stage::Refused(failure), ..) => (format!("✖ {}", failure.summary()), theme.bad),
        (Stage::Draft, None, None) => ("✔ JSON".to_owned(), theme.good),
    };
    let over = form.input_bytes() > MAX_INPUT_BYTES;
    let text = visible(&text).into_owned();
    let fits = |right: &str| width(&text) + width(right) + 2 <= usize::from(area.width);
    let short = format!("{} B ", form.input_bytes());
    let right = [format!("{place}{bytes}"), bytes, short].into_iter().find(|right| fits(right)).unwrap_or_default();
    let room = usize::from(area.width).saturating_sub(width(&right) + 2);
    let text = format!(" {}", fit(&text, room));
    frame.render_widget(Line::styled(text, style), area);
    let size = Span::styled(right, if over { theme.bad } else { theme.dim });
    frame.render_widget(Line::from(size).right_aligned(), area);
}
