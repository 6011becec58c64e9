//! Actions in the panes.

use crate::app::batch;
use crate::app::control;
use crate::app::control::Intervention;
use crate::app::copy;
use crate::app::copy::Destination;
use crate::app::effect::Effect;
use crate::app::input;
use crate::app::input::action::Action;
use crate::app::input::editor::{Editor, Lines};
use crate::app::list::executions::Older;
use crate::app::list::groups::Groups;
use crate::app::model::Model;
use crate::app::reader::definition::Definition;
use crate::app::reader::{self, compare};
use crate::app::shell::geometry::PaneLayout;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::{Before, Overlay};
use crate::app::shell::pane::{Pane, Step};
use crate::app::shell::setup::MouseOwner;
use crate::app::start::{self, pick};
use crate::app::timeline;

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return vec![Effect::Quit],
        Action::Start => pick::open(model),
        Action::StartAgain => start::edit::open_again(model),
        Action::StartMany => batch::update::open(model),
        Action::StartNow => return start::update::start_now(model),
        Action::Open => open(model),
        Action::Filter => {
            let filter = model.executions.filter().unwrap_or_default().to_owned();
            let selected = model.executions.selected().map(|row| row.id);
            model.overlay = Overlay::Filter(Editor::new(&filter, Lines::One), Before { filter, selected });
            model.focus = Pane::Executions;
        }
        Action::TryNow => return vec![Effect::RetryNow],
        Action::GroupByMachine => {
            let groups = Groups::new(&model.executions, model.now);
            model.groups = model.groups.is_none().then_some(groups);
            model.focus = Pane::Executions;
        }
        Action::OnlyFailed => model.executions.toggle_term("status:failed,timed_out,aborted"),
        Action::OnlyMachine => {
            if let Some(machine_name) = model.executions.selected().map(|row| row.machine_name.clone()) {
                model.executions.toggle_term(&machine_term(&machine_name));
            }
        }
        Action::Sort => model.executions.sort(model.executions.order().next()),
        Action::ReverseSort => model.executions.sort(model.executions.order().reversed()),
        Action::NextFailure | Action::PreviousFailure => {
            if let Some(id) = model.executions.next_failure(action == Action::NextFailure) {
                model.executions.select(Some(id));
            } else {
                let text = if model.executions.is_complete() {
                    "No execution in the list ended unsuccessfully."
                } else {
                    "No loaded execution ended unsuccessfully. Press ! to search all."
                };
                model.notices.show(Level::Info, text, model.now);
            }
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
        // Each press dismisses one thing, the message first.
        Action::Dismiss if model.notices.dismiss() => {}
        Action::Dismiss if model.executions.filter().is_some() => model.executions.set_filter(""),
        Action::Dismiss if model.definition.take().is_some() => {}
        Action::Dismiss if model.groups.take().is_some() => {}
        Action::Dismiss if model.executions.unmark_all() => {}
        Action::Dismiss if model.pane_layout == PaneLayout::Full => model.pane_layout = PaneLayout::Split,
        // The reverse of Enter.
        Action::Dismiss => match model.focus {
            Pane::Status | Pane::Input | Pane::Output => model.focus = Pane::Executions,
            Pane::Machines | Pane::Executions => {}
        },
        Action::Mark => {
            model.executions.toggle_mark();
            go(model, Step::By(1));
        }
        Action::MarkAll => model.executions.toggle_all_marks(),
        Action::Stop => control::update::open(model, Intervention::Stop),
        Action::Redrive => control::update::open(model, Intervention::Redrive),
        Action::Mouse => {
            let (owner, text) = match model.mouse {
                MouseOwner::Terminal => (MouseOwner::Program, "Mouse support on. Hold Shift to select text."),
                MouseOwner::Program => (MouseOwner::Terminal, "Mouse support off."),
            };
            model.mouse = owner;
            model.notices.show(Level::Info, text, model.now);
            return vec![Effect::Mouse(owner)];
        }
        Action::Palette => input::commands::open(model),
        Action::Compare => return compare::open(model),
        Action::Definition => return open_definition(model),
        Action::Timeline => timeline::update::open(model),
        Action::Copy => copy::update::open(model, Destination::Clipboard),
        Action::Save => copy::update::open(model, Destination::File),
        Action::FullScreen => {
            model.pane_layout = match model.pane_layout {
                PaneLayout::Split => PaneLayout::Full,
                PaneLayout::Full => PaneLayout::Split,
            };
        }
        action => reader::search::act(model, action),
    }
    Vec::new()
}

/// Opens the definition of the selected execution and requests it.
fn open_definition(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.selected() else {
        model.notices.show(Level::Info, "No execution selected.", model.now);
        return Vec::new();
    };
    let number = model.requests + 1;
    let effect = Effect::ReadDefinition(number, row.gateway.clone(), row.endpoint.clone(), row.arn.clone());
    model.definition = Some(Box::new(Definition::new(row.id, number)));
    model.requests = number;
    vec![effect]
}

/// Returns the filter term for one machine.
fn machine_term(machine_name: &str) -> String {
    let quote = if machine_name.contains(char::is_whitespace) { "\"" } else { "" };
    format!("machine:{quote}{machine_name}{quote}")
}

fn open(model: &mut Model) {
    match model.focus {
        Pane::Machines => {
            if let Some(index) = model.machines.selected() {
                start::edit::open(model, index);
            }
        }
        Pane::Executions => match model.groups.take() {
            Some(Groups { selected: Some(machine_name), .. }) => {
                model.executions.set_filter(&machine_term(&machine_name));
            }
            Some(_) => {}
            None => model.focus = Pane::Output,
        },
        Pane::Status | Pane::Input | Pane::Output => model.focus = Pane::Executions,
    }
}

fn step_focus(model: &mut Model, by: usize) {
    let now = model.focus as usize;
    model.focus = Pane::ALL[(now + by) % Pane::ALL.len()];
}

fn go(model: &mut Model, step: Step) {
    go_in(model, model.focus, step);
}

/// Moves the selection or the cursor in a pane.
pub(super) fn go_in(model: &mut Model, pane: Pane, step: Step) {
    if let Some(definition) = &mut model.definition {
        definition.document.go(step);
        return;
    }
    let height = model.geometry().pane(pane).map_or(1, |rect| rect.height.saturating_sub(2).max(1));
    let by = step.lines(usize::from(height));
    if let (Pane::Executions, Some(groups)) = (pane, &mut model.groups) {
        groups.go(step, usize::from(height));
        return;
    }
    match pane {
        Pane::Machines => {
            let index = model.machines.selected().map_or(0, |index| index.0);
            model.machines.select(index.saturating_add_signed(by));
        }
        // The status has nothing to scroll: the keys move the selection in the list instead.
        Pane::Executions | Pane::Status => {
            let (place, older) = (model.executions.selected_place().unwrap_or(0), model.executions.older);
            model.executions.select_place(place.saturating_add_signed(by));
            model.seeks_end = matches!(step, Step::Last) && matches!(older, Older::From(_) | Older::Reading);
        }
        pane @ (Pane::Input | Pane::Output) => {
            if let Some(document) = model.payloads.document_mut(pane) {
                document.go(step);
            }
        }
    }
}
