//! The last line: the keys that matter here, from the keymap.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::action::{Action, Context};
use crate::app::model::{Model, Overlay};
use crate::app::pane::Pane;
use crate::app::text::width;
use crate::ui::theme::Theme;

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let mut line = Line::from(" ");
    let mut used = 1;
    for (key, label) in hints(model) {
        let cells = width(&key) + 1 + width(&label) + 2;
        if used + cells > usize::from(area.width) + 2 {
            break;
        }
        used += cells;
        line.push_span(Span::styled(key, theme.accent));
        line.push_span(Span::styled(format!(" {label}  "), theme.text));
    }
    frame.render_widget(line, area);
}

/// Keys with labels, the most important first. Moving about is left to the help.
fn hints(model: &Model) -> Vec<(String, String)> {
    let context = model.context();
    let moves = [Action::Up, Action::Down, Action::PageUp, Action::PageDown, Action::Top, Action::Bottom];
    let silent = [Action::Suspend, Action::QuitAtOnce, Action::PreviousPane];
    let useful = |action: &Action| match action {
        Action::StartAgain => model.selected().is_some() && !model.read_only,
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
                (action, ..) => action.label(),
            };
            binding.keys.first().map(|key| (key.to_string(), label.to_owned()))
        })
        .collect()
}
