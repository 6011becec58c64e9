//! The start form: name, input, validation errors and the input's size.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Block;

use crate::app::model::Model;
use crate::app::start::form::{Field, Form, Stage};
use crate::format::text::{fit, visible, width};
use crate::ui::theme::Theme;
use crate::ui::widgets::{render_editor, start_dialog};
use stepgate_core::domain::MAX_INPUT_BYTES;

const NAME_LABEL: &str = " Name  ";
/// A field with fewer lines than this has no border.
const ROOM_FOR_BORDERS: u16 = 6;

pub(super) fn render(model: &Model, form: &Form, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let Some(machine) = model.list().machines().get(form.machine) else { return };
    let area = body.centered(
        Constraint::Length(if body.width < 60 { body.width } else { (body.width * 4 / 5).min(120) }),
        Constraint::Length(if body.height < 20 { body.height } else { body.height * 4 / 5 }),
    );
    let kind = match machine.machine_type {
        stepgate_core::domain::MachineType::Standard | stepgate_core::domain::MachineType::Unknown => "",
        stepgate_core::domain::MachineType::Express => " (EXPRESS)",
    };
    let title = [&*format!("Start {}{kind}", machine.name), ""];
    let inner = start_dialog(model, title, &machine.endpoint, theme, frame, area);
    let [name, input, state] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(1), Constraint::Length(1)]).areas(inner);
    render_name(form, theme, frame, name);
    render_input(form, theme, frame, input);
    let awaited = model.shell().endpoints().credential_command(&machine.endpoint);
    render_state(form, awaited, theme, frame, state);
}

fn render_name(form: &Form, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let has_keys = form.field == Field::Name;
    let label = if has_keys { theme.accent } else { theme.dim };
    frame.render_widget(Line::styled(NAME_LABEL, label), area);
    let cells = u16::try_from(width(NAME_LABEL)).unwrap_or(0).min(area.width);
    let field = Rect { x: area.x + cells, width: area.width - cells, ..area };
    if form.name.text().is_empty() && !has_keys {
        frame.render_widget(Line::styled("(generated; Tab to choose one)", theme.dim), field);
        return;
    }
    render_editor(&form.name, has_keys, frame, field);
}

fn render_input(form: &Form, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let has_keys = form.field == Field::Input;
    let label = if has_keys { theme.accent } else { theme.dim };
    if area.height < ROOM_FOR_BORDERS {
        render_editor(&form.input, has_keys, frame, area);
        return;
    }
    let block = Block::bordered().border_style(label).title(Line::styled(" Input (JSON) ", label));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    render_editor(&form.input, has_keys, frame, inner);
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
