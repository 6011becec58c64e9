//! The hints of the footer: which keys, in which order, and what each is called here.

use crate::app::batch::FileLines;
use crate::app::control::Field;
use crate::app::copy::Destination;
use crate::app::guard::Purpose;
use crate::app::keys::action::{Action, Context};
use crate::app::keys::keymap::Binding;
use crate::app::list::row::{Group, Row};
use crate::app::model::Model;
use crate::app::reader::payloads::OutputKind;
use crate::app::shell::geometry::PaneLayout;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::format::text::width;
use crate::ui::useful::is_useful;
use stepgate_core::domain::Scope;

/// A key and what it does.
struct Hint {
    key: String,
    label: String,
    priority: Priority,
}

/// Which hints get room first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Priority {
    Vital,
    Help,
    Other,
}

/// The label of a key that leaves a text or view.
const BACK: &str = "back";

/// The most useful actions; the others follow in the order of the keymap.
const FIRST: [Action; 24] = [
    Action::StartNow,
    Action::Start,
    Action::Open,
    Action::Fold,
    Action::NextText,
    Action::FoldStep,
    Action::Timeline,
    Action::Stop,
    Action::Redrive,
    Action::Find,
    Action::Jq,
    Action::GoToPath,
    Action::Filter,
    Action::StartAgain,
    Action::Everyone,
    Action::Copy,
    Action::Mark,
    Action::NextMatch,
    Action::NextFailure,
    Action::Palette,
    Action::Remove,
    Action::StartMany,
    Action::NextPane,
    Action::OpenConsole,
];

/// Actions that are in the footer at any width that has room for them.
const VITAL: [Action; 10] = [
    Action::Quit,
    Action::Accept,
    Action::Submit,
    Action::Cancel,
    Action::Complete,
    Action::StartNow,
    Action::StopBatch,
    Action::ContinueBatch,
    Action::Follow,
    Action::TryNow,
];

/// Returns as many keys with labels as fit into these cells, the most useful first.
pub(super) fn hints(model: &Model, room: usize) -> Vec<(String, String)> {
    let contexts = model.contexts();
    let mut bindings: Vec<_> = model.keys().keymap().effective(&contexts).collect();
    bindings.sort_by_key(|binding| rank(model, binding.action));
    let bindings =
        bindings.into_iter().filter(|binding| is_useful(model, &contexts, binding.action)).filter_map(|binding| {
            let key = binding.keys.first()?.to_string();
            let label = label(model, &binding);
            let priority = match binding.action {
                Action::Help => Priority::Help,
                // The way out of a text.
                Action::Dismiss if label == BACK => Priority::Vital,
                action if VITAL.contains(&action) => Priority::Vital,
                _ => Priority::Other,
            };
            Some(Hint { key, label: label.to_owned(), priority })
        });
    fitting(confirmation(model).into_iter().chain(bindings).collect(), room)
}

/// Returns the place of an action among the hints. An execution that failed is most likely to be started again; with marked
/// ones, the keys for them matter.
fn rank(model: &Model, action: Action) -> usize {
    let is_failure = || model.selected().is_some_and(|row| row.group().is_unsuccessful());
    let action = match action {
        Action::StartAgain if is_failure() => Action::Redrive,
        Action::Remove if has_marks(model) => Action::Timeline,
        Action::Dismiss if only_unmarks(model) => Action::Timeline,
        action => action,
    };
    FIRST.iter().position(|first| *first == action).unwrap_or(FIRST.len())
}

/// Returns whether the list has the focus and marked rows.
fn has_marks(model: &Model) -> bool {
    model.shell().focus() == Pane::Executions && model.list().executions().marked().next().is_some()
}

/// Returns whether Esc removes the marks: first it dismisses a message, a filter, and a view.
fn only_unmarks(model: &Model) -> bool {
    let shell = model.shell();
    let is_first = shell.notices().current().is_none() && model.list().executions().filter().is_none();
    has_marks(model) && is_first && model.list().groups().is_none() && shell.pane_layout() != PaneLayout::Full
}

/// Returns as many hints as fit, vital ones first.
fn fitting(hints: Vec<Hint>, room: usize) -> Vec<(String, String)> {
    let cells = |hint: &Hint| width(&hint.key) + 1 + width(&hint.label) + 2;
    // The last hint needs no space after it.
    let mut left = room + 2;
    let mut is_in = vec![false; hints.len()];
    for priority in [Priority::Vital, Priority::Help, Priority::Other] {
        for (hint, is_in) in hints.iter().zip(&mut is_in).filter(|(hint, _)| hint.priority == priority) {
            if cells(hint) <= left {
                left -= cells(hint);
                *is_in = true;
            }
        }
    }
    hints.into_iter().zip(is_in).filter(|(_, is_in)| *is_in).map(|(hint, _)| (hint.key, hint.label)).collect()
}

/// Returns the hint to type the confirmation of a stop or redrive, before Enter has a meaning.
fn confirmation(model: &Model) -> Option<Hint> {
    let Overlay::Control(form) = model.shell().overlay() else { return None };
    if model.shell().help().is_some() || !form.guard.is_open() {
        return None;
    }
    let is_empty = form.field == Field::Confirmation && form.confirmation.text().is_empty();
    is_empty.then(|| Hint { key: "y".to_owned(), label: "confirm".to_owned(), priority: Priority::Vital })
}

/// Returns what the key of a binding does here.
fn label(model: &Model, binding: &Binding) -> &'static str {
    // As the heading of the pane that Enter focuses.
    let has_error = || model.reader().payloads().kind() == OutputKind::Error;
    match (binding.action, binding.context, model.shell().focus()) {
        (Action::Open, Context::Timeline, _) => "read",
        (Action::Open, Context::Batch, _) => "see execution",
        (Action::Open, Context::Browse, Pane::Machines) => "start",
        (Action::Open, Context::Browse, Pane::Executions) if model.list().groups().is_some() => "show these",
        (Action::Open, Context::Browse, Pane::Executions) => match model.selected().map(Row::group) {
            Some(group) if group.is_unsuccessful() && has_error() => "error",
            Some(Group::Lost | Group::NotStarted) => "details",
            _ => "output",
        },
        (Action::Open, Context::Browse, Pane::Status) | (Action::Dismiss, _, Pane::Input | Pane::Output) => BACK,
        (Action::OnlyFailed, Context::Batch, _) if model.batches().lines().only_not_started() => "all lines",
        (Action::OnlyFailed, Context::Batch, _) => "only not started",
        (Action::Dismiss, ..) if only_unmarks(model) => "unmark",
        (Action::Quit, ..) if model.is_in_view() => BACK,
        (Action::Everyone, ..) if model.list().scope() == Scope::Everyone => "mine",
        (Action::Accept, Context::Removal, _) => match model.shell().overlay() {
            Overlay::ForgetBatch(_) => "forget them",
            _ => "remove",
        },
        (Action::Accept, Context::Copy, _) => match model.shell().overlay() {
            Overlay::Copy(menu) if menu.destination == Destination::File => "save",
            _ => "copy",
        },
        (Action::Accept, Context::Open, _) => "open",
        (Action::Accept, Context::Filter | Context::Prompt | Context::HelpSearch, _) => "apply",
        (Action::Accept, Context::Control, _) => match model.shell().overlay() {
            Overlay::Control(form) => form.intervention.verb(),
            Overlay::Guard(form) => match form.purpose {
                Purpose::Start(_) | Purpose::StartNow(_) => Action::Submit.label(),
                Purpose::StartMany(_) => "start them",
                Purpose::ContinueBatch(_) => Action::ContinueBatch.label(),
            },
            _ => binding.action.label(),
        },
        (Action::Accept, Context::File, _) => match model.shell().overlay() {
            Overlay::Save(_) => "save",
            Overlay::File(form) if matches!(form.lines, FileLines::Ready(_)) => "start them",
            _ => "read it",
        },
        (action, ..) => action.label(),
    }
}
