//! Keys among the panes.

use crate::app::action::Action;
use crate::app::editor::{Editor, Lines};
use crate::app::executions::Older;
use crate::app::model::{Before, Model, Overlay};
use crate::app::msg::Effect;
use crate::app::pane::Pane;
use crate::app::update::{batch, form, pick, starts};

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return vec![Effect::Quit],
        Action::Start => pick::open(model),
        Action::StartAgain => form::open_again(model),
        Action::StartMany => batch::open(model),
        Action::StartNow => return starts::start_now(model),
        Action::Open => open(model),
        Action::Filter => {
            let filter = model.executions.filter().unwrap_or_default().to_owned();
            let selected = model.executions.selected().map(|row| row.id);
            model.overlay = Overlay::Filter(Editor::new(&filter, Lines::One), Before { filter, selected });
            model.focus = Pane::Executions;
        }
        Action::NextPane => step_focus(model, 1),
        Action::PreviousPane => step_focus(model, Pane::ALL.len() - 1),
        Action::Up => go(model, Step::By(-1)),
        Action::Down => go(model, Step::By(1)),
        Action::PageUp => go(model, Step::Pages(-1)),
        Action::PageDown => go(model, Step::Pages(1)),
        Action::Top => go(model, Step::First),
        Action::Bottom => go(model, Step::Last),
        Action::Help => model.overlay = Overlay::Help(0),
        Action::Messages => {
            model.notices.dismiss();
            model.overlay = Overlay::Messages(0);
        }
        // The message first; pressed again, the filter.
        Action::Dismiss if model.notices.dismiss() => {}
        Action::Dismiss if model.executions.filter().is_some() => model.executions.set_filter(""),
        // Back the way that Enter came.
        Action::Dismiss => match model.focus {
            Pane::Status | Pane::Input | Pane::Output => model.focus = Pane::Executions,
            Pane::Machines | Pane::Executions => {}
        },
        _ => {}
    }
    Vec::new()
}

fn open(model: &mut Model) {
    match model.focus {
        Pane::Machines => {
            if let Some(index) = model.machines.selected() {
                form::open(model, index);
            }
        }
        Pane::Executions => model.focus = Pane::Output,
        Pane::Status | Pane::Input | Pane::Output => model.focus = Pane::Executions,
    }
}

fn step_focus(model: &mut Model, by: usize) {
    let now = model.focus as usize;
    model.focus = Pane::ALL[(now + by) % Pane::ALL.len()];
}

#[derive(Clone, Copy)]
enum Step {
    By(isize),
    Pages(isize),
    First,
    Last,
}

fn go(model: &mut Model, step: Step) {
    let height = model.geometry().pane(model.focus).map_or(1, |rect| rect.height.saturating_sub(2).max(1));
    let by = match step {
        Step::By(by) => by,
        Step::Pages(pages) => pages * isize::from(i16::try_from(height).unwrap_or(i16::MAX)),
        // Half of the range, so that adding it to a place cannot overflow.
        Step::First => isize::MIN / 2,
        Step::Last => isize::MAX / 2,
    };
    match model.focus {
        Pane::Machines => {
            let place = model.machines.selected().map_or(0, |index| index.0);
            model.machines.select(place.saturating_add_signed(by));
        }
        // The status has nothing to scroll; its neighbours in the list are what one wants to see.
        Pane::Executions | Pane::Status => {
            let place = model.executions.selected_place().unwrap_or(0);
            model.executions.select_place(place.saturating_add_signed(by));
            model.seeks_end = matches!(step, Step::Last) && model.executions.older != Older::None;
        }
        Pane::Input => model.payloads.input.scroll(by, usize::from(height)),
        Pane::Output => model.payloads.scroll_output(by, usize::from(height)),
    }
}
