//! Actions in the panes.

use ratatui::layout::Rect;

use crate::app::batch;
use crate::app::control;
use crate::app::control::Intervention;
use crate::app::copy;
use crate::app::copy::Destination;
use crate::app::effect::Effect;
use crate::app::keys;
use crate::app::keys::action::Action;
use crate::app::keys::editor::{Editor, Lines};
use crate::app::list;
use crate::app::list::groups::Groups;
use crate::app::model::Model;
use crate::app::reader::definition::Definition;
use crate::app::reader::{self, compare};
use crate::app::shell::endpoint_choice;
use crate::app::shell::geometry::PaneLayout;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::{Before, Overlay};
use crate::app::shell::pane::{Pane, Step};
use crate::app::shell::setup::MouseOwner;
use crate::app::start::{self, pick};
use crate::app::timeline;

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return leave_groups_or_quit(model),
        Action::Start => return pick::open(model),
        Action::StartAgain => start::edit::open_again(model),
        Action::StartMany => batch::update::open(model),
        Action::StartNow => return start::update::start_now(model, None),
        Action::Open => open(model),
        Action::Filter => open_filter(model),
        Action::Everyone => return list::everyone::toggle(model),
        Action::OpenExecution => list::open::open(model),
        Action::Remove => list::removal::open(model),
        Action::TryNow => return vec![Effect::RetryNow],
        Action::GroupByMachine => {
            model.list.toggle_groups(model.shell.now());
            model.shell.set_focus(Pane::Executions);
        }
        Action::OnlyFailed => model.list.executions_mut().toggle_term("status:failed,timed_out,aborted"),
        Action::OnlyMachine => show_only_machine(model),
        Action::Sort => {
            let order = model.list.executions().order().next();
            model.list.executions_mut().sort(order);
        }
        Action::ReverseSort => {
            let order = model.list.executions().order().reversed();
            model.list.executions_mut().sort(order);
        }
        Action::NextFailure | Action::PreviousFailure => go_to_failure(model, action == Action::NextFailure),
        Action::PaneRight | Action::PaneLeft => go_to_neighbour(model, action == Action::PaneRight),
        Action::NextPane => step_focus(model, 1),
        Action::PreviousPane => step_focus(model, Pane::ALL.len() - 1),
        Action::Up => go(model, Step::By(-1)),
        Action::Down => go(model, Step::By(1)),
        Action::PageUp => go(model, Step::Pages(-1)),
        Action::PageDown => go(model, Step::Pages(1)),
        Action::Top => go(model, Step::First),
        Action::Bottom => go(model, Step::Last),
        Action::Help => model.shell.open_help(model.contexts()),
        Action::Messages => {
            model.shell.dismiss_notice();
            model.shell.open(Overlay::Messages(0));
        }
        // Each press dismisses one thing, the message first.
        Action::Dismiss if model.shell.dismiss_notice() => {}
        Action::Dismiss if model.list.executions().filter().is_some() => model.list.executions_mut().set_filter(""),
        Action::Dismiss if leave_view(model) => {}
        Action::Dismiss if model.list.executions_mut().unmark_all() => {}
        // The reverse of Enter.
        Action::Dismiss => match model.shell.focus() {
            Pane::Status | Pane::Input | Pane::Output => model.shell.set_focus(Pane::Executions),
            Pane::Machines | Pane::Executions => {}
        },
        Action::Mark => {
            model.list.executions_mut().toggle_mark();
            go(model, Step::By(1));
        }
        Action::MarkAll => model.list.executions_mut().toggle_all_marks(),
        Action::Stop => control::update::open(model, Intervention::Stop),
        Action::Redrive => control::update::open(model, Intervention::Redrive),
        Action::Mouse => {
            let owner = model.shell.toggle_mouse();
            let text = match owner {
                MouseOwner::Program => "Mouse support on. Hold Shift to select text.",
                MouseOwner::Terminal => "Mouse support off.",
            };
            model.shell.show(Level::Info, text);
            return vec![Effect::Mouse(owner)];
        }
        Action::Palette => keys::commands::open(model),
        Action::Endpoint | Action::EndpointNumber => endpoint_choice::open(model),
        Action::Compare => return compare::open(model),
        Action::Definition => return open_definition(model),
        Action::Cancel => _ = model.reader.close_definition(),
        Action::Timeline => timeline::update::open(model),
        Action::Copy => copy::update::open(model, Destination::Clipboard),
        Action::Save => copy::update::open(model, Destination::File),
        Action::OpenConsole => return copy::pages::open(model),
        Action::FullScreen => {
            model.shell.set_pane_layout(match model.shell.pane_layout() {
                PaneLayout::Split => PaneLayout::Full,
                PaneLayout::Full => PaneLayout::Split,
            });
        }
        action => reader::search::act(model, action),
    }
    Vec::new()
}

/// Selects the next or previous execution that failed, timed out or was aborted.
fn go_to_failure(model: &mut Model, is_next: bool) {
    if let Some(id) = model.list.executions().next_failure(is_next) {
        model.list.executions_mut().select(Some(id));
        return;
    }
    let text = if model.list.executions().is_complete() {
        "No execution in the list has failed."
    } else {
        "No loaded execution has failed. Press ! to search all."
    };
    model.shell.reply(Level::Info, text);
}

/// Opens the filter line.
fn open_filter(model: &mut Model) {
    let filter = model.list.executions().filter().unwrap_or_default().to_owned();
    let selected = model.list.executions().selected().map(|row| row.id);
    model.shell.open(Overlay::Filter(Editor::new(&filter, Lines::One), Before { filter, selected }));
    model.shell.set_focus(Pane::Executions);
}

/// Opens the definition of the selected execution and requests it.
fn open_definition(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.selected() else {
        model.shell.reply(Level::Info, "No execution selected.");
        return Vec::new();
    };
    let number = model.shell.next_request();
    let effect = Effect::ReadDefinition(number, row.gateway.clone(), row.endpoint.clone(), row.arn.clone());
    model.reader.open_definition(Definition::new(row.id, number));
    model.shell.count_request();
    vec![effect]
}

/// Filters by the machine of the selected execution, or removes this filter.
fn show_only_machine(model: &mut Model) {
    if let Some(machine_name) = model.list.executions().selected().map(|row| row.machine_name.clone()) {
        model.list.executions_mut().toggle_term(&term("machine", &machine_name));
    }
}

/// Filters the list by the selected group.
fn show_group(model: &mut Model, groups: &Groups) {
    let Some((machine_name, endpoint)) = groups.selected().cloned() else { return };
    let mut filter = term("machine", &machine_name);
    if groups.is_on_several_endpoints(&machine_name) {
        filter = format!("{filter} {}", term("endpoint", endpoint.as_str()));
    }
    model.list.executions_mut().set_filter(&filter);
}

/// Returns the filter term for a name.
fn term(key: &str, name: &str) -> String {
    let quote = if name.contains(char::is_whitespace) { "\"" } else { "" };
    format!("{key}:{quote}{name}{quote}")
}

fn open(model: &mut Model) {
    match model.shell.focus() {
        Pane::Machines => {
            if let Some(index) = model.list.machines().selected() {
                start::edit::open(model, index);
            }
        }
        Pane::Executions => match model.list.take_groups() {
            Some(groups) => show_group(model, &groups),
            None => model.shell.set_focus(Pane::Output),
        },
        Pane::Status | Pane::Input | Pane::Output => model.shell.set_focus(Pane::Executions),
    }
}

/// Leaves the groups, a view of its own, or quits.
fn leave_groups_or_quit(model: &mut Model) -> Vec<Effect> {
    if model.list.take_groups().is_some() { Vec::new() } else { vec![Effect::Quit] }
}

/// Leaves full screen or the groups, the views among the panes, and returns whether there was one.
fn leave_view(model: &mut Model) -> bool {
    if model.shell.pane_layout() == PaneLayout::Full {
        model.shell.set_pane_layout(PaneLayout::Split);
        return true;
    }
    model.list.take_groups().is_some()
}

/// Focuses the next or previous pane; unlike Tab, not beyond the last or first one.
fn go_to_neighbour(model: &mut Model, is_right: bool) {
    let now = model.shell.focus() as usize;
    let target = if is_right { now + 1 } else { now.saturating_sub(1) };
    model.shell.set_focus(Pane::ALL[target.min(Pane::ALL.len() - 1)]);
}

fn step_focus(model: &mut Model, by: usize) {
    let now = model.shell.focus() as usize;
    model.shell.set_focus(Pane::ALL[(now + by) % Pane::ALL.len()]);
}

fn go(model: &mut Model, step: Step) {
    go_in(model, model.shell.focus(), step);
}

/// Moves the selection or the cursor in a pane.
pub(super) fn go_in(model: &mut Model, pane: Pane, step: Step) {
    if let Some(definition) = model.reader.definition_mut() {
        definition.document_mut().go(step);
        return;
    }
    let geometry = model.geometry();
    let rows = |area: Rect| match pane {
        Pane::Executions => geometry.list_rows(area).height,
        _ => geometry.inner(area).height,
    };
    let height = geometry.pane(pane).map_or(1, |area| rows(area).max(1));
    let by = step.lines(usize::from(height));
    if let (Pane::Executions, Some(groups)) = (pane, model.list.groups_mut()) {
        groups.go(step, usize::from(height));
        return;
    }
    match pane {
        Pane::Machines => {
            model.list.machines_mut().step(by);
        }
        // The status has nothing to scroll: the keys move the selection in the list instead.
        Pane::Executions | Pane::Status => {
            model.list.step(by, step == Step::Last);
        }
        pane @ (Pane::Input | Pane::Output) => {
            if let Some(document) = model.reader.payloads_mut().document_mut(pane) {
                document.go(step);
            }
        }
    }
}
