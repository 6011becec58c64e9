//! The last line: the keys that matter here, from the keymap.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::action::{Action, Context};
use crate::app::batch::{FileLines, Stage};
use crate::app::model::{Model, Overlay};
use crate::app::pane::Pane;
use crate::app::row::Standing;
use crate::app::text::width;
use crate::ui::theme::Theme;
use crate::ui::widgets::render_editor;

/// Cells for the text of a filter.
const FILTER: u16 = 30;

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let mut area = area;
    if let Overlay::Filter(editor, _) = &model.overlay {
        frame.render_widget(Line::styled(" /", theme.accent), area);
        let cells = FILTER.min(area.width / 2);
        render_editor(editor, true, frame, Rect { x: area.x + 2, width: cells, ..area });
        area = Rect { x: area.x + 2 + cells, width: area.width.saturating_sub(2 + cells), ..area };
    }
    let mut line = Line::from(" ");
    for (key, label) in fitting(hints(model), usize::from(area.width).saturating_sub(1)) {
        line.push_span(Span::styled(key, theme.accent));
        line.push_span(Span::styled(format!(" {label}  "), theme.text));
    }
    frame.render_widget(line, area);
}

/// As many hints as fit; those for help and for the way out before all others.
fn fitting(hints: Vec<Hint>, room: usize) -> Vec<(String, String)> {
    let cells = |hint: &Hint| width(&hint.key) + 1 + width(&hint.label) + 2;
    // The last one needs no space behind it.
    let mut left = room + 2;
    let mut is_in = vec![false; hints.len()];
    for vital in [true, false] {
        for (hint, is_in) in hints.iter().zip(&mut is_in).filter(|(hint, _)| hint.is_vital == vital) {
            if cells(hint) <= left {
                left -= cells(hint);
                *is_in = true;
            }
        }
    }
    hints.into_iter().zip(is_in).filter(|(_, is_in)| *is_in).map(|(hint, _)| (hint.key, hint.label)).collect()
}

struct Hint {
    key: String,
    label: String,
    is_vital: bool,
}

/// Keys with labels, the most important first. Moving about is left to the help.
fn hints(model: &Model) -> Vec<Hint> {
    let context = model.context();
    let moves = [Action::Up, Action::Down, Action::PageUp, Action::PageDown, Action::Top, Action::Bottom];
    let silent = [Action::Suspend, Action::QuitAtOnce, Action::PreviousPane];
    let useful = |action: &Action| match action {
        Action::StartAgain => model.selected().is_some() && !model.read_only,
        Action::StartNow => {
            matches!(model.selected().map(|row| &row.standing), Some(Standing::NeverStarted(_))) && !model.read_only
        }
        Action::GoOn | Action::ForgetBatch => {
            model.batch.as_ref().is_some_and(|batch| matches!(batch.stage, Stage::Stopped(_)) && batch.left > 0)
        }
        Action::StopBatch => model.batch.as_ref().is_some_and(|batch| batch.stage == Stage::Going),
        Action::Follow => matches!(&model.overlay, Overlay::Start(form) if form.taken().is_some()),
        Action::Start | Action::Submit => !model.read_only,
        Action::Preset => matches!(&model.overlay, Overlay::Start(form)
            if model.machines.get(form.machine).is_some_and(|machine| !machine.presets.is_empty())),
        Action::Filter => !model.executions.is_empty(),
        Action::Dismiss => model.notices.current().is_some() || model.executions.filter().is_some(),
        action => !moves.contains(action) && !silent.contains(action),
    };
    model
        .keymap
        .bindings(context)
        .filter(|binding| useful(&binding.action))
        .filter_map(|binding| {
            let label = match (binding.action, context, model.focus) {
                (Action::Open, Context::Browse, Pane::Machines) => "start it",
                (Action::Open, Context::Browse, Pane::Executions) => "see output",
                (Action::Open, Context::Browse, _) => "back to the list",
                (Action::Accept, Context::File, _) => match &model.overlay {
                    Overlay::File(form) if matches!(form.lines, FileLines::Ready(_)) => "start them",
                    _ => "read it",
                },
                (action, ..) => action.label(),
            };
            let is_vital = matches!(
                binding.action,
                Action::Help | Action::Quit | Action::Submit | Action::Cancel | Action::StartNow | Action::Follow
            );
            binding.keys.first().map(|key| Hint { key: key.to_string(), label: label.to_owned(), is_vital })
        })
        .collect()
}
