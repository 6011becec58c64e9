//! The dialog to type the name of a guarded endpoint before something is started there.
//!
//! ```text
//! ┏ Start order on prod? ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ Type prod to start there:  pro                                  ┃
//! ┃ The configuration sets confirm = "name".                        ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::Frame;
use ratatui::layout::{Constraint, Margin, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::app::batch::FileLines;
use crate::app::batch::page::unsent;
use crate::app::guard::{GuardForm, Purpose, label};
use crate::app::keys::editor::Editor;
use crate::app::list::machines::MachineIndex;
use crate::app::model::Model;
use crate::app::shell::geometry::DIALOG;
use crate::format::text::{fit, visible, width};
use crate::format::wrap::wrap;
use crate::ui::field;
use crate::ui::theme::Theme;
use crate::ui::widgets::endpoint_dialog;
use stepgate_core::domain::{EndpointName, counted};

/// Cells that the label leaves to the field.
const LEAST_FIELD: u16 = 12;

pub(super) fn render(model: &Model, form: &GuardForm, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let (cells, borders) = (body.width.min(DIALOG), 2);
    let (text, style) = match &form.error_message {
        Some(error) => (&**error, theme.bad),
        None => ("The configuration sets confirm = \"name\".", theme.dim),
    };
    let lines = wrap(&visible(text), usize::from(cells.saturating_sub(2 * borders)));
    let below = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let height = below.saturating_add(1 + borders).min(body.height);
    let area = body.centered(Constraint::Length(cells), Constraint::Length(height));
    let names: Vec<&EndpointName> = form.guard.names().iter().collect();
    let cells: usize = names.iter().map(|name| width(name.as_str()) + 2).sum();
    // The corners, the blanks at both ends, " on " and the question mark.
    let before = fit(&subject(model, &form.purpose), usize::from(area.width).saturating_sub(cells + 9)).into_owned();
    let inner = endpoint_dialog(model, [&format!("{before} on "), "?"], &names, theme, frame, area);
    let inner = inner.inner(Margin::new(1, 0));
    if inner.height == 0 {
        return;
    }
    render_line(&label(&form.guard, "start"), &form.typed, true, theme, frame, Rect { height: 1, ..inner });
    let lines: Vec<Line<'_>> = lines.iter().map(|line| Line::raw(line.trim_start())).collect();
    let below = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
    frame.render_widget(Paragraph::new(lines).style(style), below);
}

/// Draws the label and the field on one line.
pub(super) fn render_line(
    label: &str,
    editor: &Editor,
    has_keys: bool,
    theme: &Theme,
    frame: &mut Frame<'_>,
    line: Rect,
) {
    let label = format!("{}:  ", visible(label));
    let label = fit(&label, usize::from(line.width.saturating_sub(LEAST_FIELD)));
    let cells = u16::try_from(width(&label)).unwrap_or(0).min(line.width);
    let style = if has_keys { theme.accent } else { theme.dim };
    frame.render_widget(Line::styled(label.into_owned(), style), line);
    field::render(editor, has_keys, theme, frame, Rect { x: line.x + cells, width: line.width - cells, ..line });
}

/// Returns what is started.
fn subject(model: &Model, purpose: &Purpose) -> String {
    let machine = |index: MachineIndex| model.list().machines().get(index).map(|machine| machine.name.clone());
    let row = |id| model.list().executions().get(id).map(|row| row.arn.name().to_owned());
    match purpose {
        Purpose::Start(form) => format!("Start {}", machine(form.machine).unwrap_or_default()),
        Purpose::StartNow(id) => format!("Start {}", row(*id).unwrap_or_default()),
        Purpose::StartMany(form) => {
            let count = if let FileLines::Ready(inputs) = &form.lines { inputs.len() } else { 0 };
            format!("Start {}", counted(count, "execution"))
        }
        Purpose::ContinueBatch(_) => {
            format!("Send {}", model.batches().latest().map(|batch| unsent(batch.remaining())).unwrap_or_default())
        }
    }
}
