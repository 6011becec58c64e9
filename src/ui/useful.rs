//! Whether a key does something for the selected row, the focused pane or the open form. The footer offers only those keys.

use crate::app::batch::{Batch, FileLines, line};
use crate::app::control::Intervention;
use crate::app::copy::SaveStage;
use crate::app::keys::action::{Action, Context};
use crate::app::keys::prompt::PromptKind;
use crate::app::list::row::{Row, RowState};
use crate::app::model::Model;
use crate::app::shell::geometry::PaneLayout;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::app::start::form::{Form, Stage};
use crate::app::timeline::Timeline;
use stepgate_core::domain::Route;

/// Limit for executions that the footer checks for possible actions.
const MOST_CHECKED: usize = 100;

/// Movements, keys that a neighbouring key suggests or that are common knowledge, and those that a menu lists.
const ONLY_IN_HELP: &[Action] = &[
    Action::Up,
    Action::Down,
    Action::PageUp,
    Action::PageDown,
    Action::Top,
    Action::Bottom,
    Action::MarkAll,
    Action::ReverseSort,
    Action::PreviousFailure,
    Action::FoldAll,
    Action::UnfoldAll,
    Action::Left,
    Action::Right,
    Action::EndpointNumber,
    Action::Redraw,
    Action::Suspend,
    Action::QuitAtOnce,
    Action::PreviousPane,
    Action::PaneLeft,
    Action::PaneRight,
    Action::PreviousText,
    Action::OpenExecution,
    Action::CompleteBack,
    Action::Undo,
    Action::Redo,
    Action::CopyThis,
    Action::CopyArn,
    Action::CopyName,
    Action::CopyInput,
    Action::CopyOutput,
    Action::CopyError,
    Action::CopyCurl,
    Action::CopyCommand,
    Action::CopyConsole,
    Action::CopyMachineConsole,
    Action::CopyTrace,
];

/// Returns whether an action does something now that the footer should offer.
pub(super) fn is_useful(model: &Model, contexts: &[Context], action: Action) -> bool {
    !ONLY_IN_HELP.contains(&action)
        && in_form(model, action)
            .or_else(|| in_batch(model, contexts, action))
            .or_else(|| in_text(model, contexts, action))
            .or_else(|| on_rows(model, action))
            .unwrap_or_else(|| in_panes(model, contexts, action))
}

/// Returns whether an action of the open form, picker or prompt is useful; `None` for other actions.
fn in_form(model: &Model, action: Action) -> Option<bool> {
    let overlay = model.shell().overlay();
    let form: Option<&Form> = match overlay {
        Overlay::Start(form) => Some(form.as_ref()),
        _ => None,
    };
    let is_sent = form.is_some_and(|form| matches!(form.stage, Stage::Sent(_)));
    Some(match action {
        Action::Accept => can_accept(model),
        Action::Complete => match overlay {
            Overlay::Inputs(_) => false,
            Overlay::Prompt(prompt) => prompt.kind != PromptKind::Find,
            Overlay::Pick(_) | Overlay::Endpoints(_) | Overlay::Palette(_) => can_accept(model),
            _ => true,
        },
        Action::Submit => !model.shell().is_read_only() && !is_sent,
        Action::Inputs | Action::EditExternally | Action::Reset | Action::Format => !is_sent,
        Action::Follow => form.is_some_and(|form| form.order_with_used_name().is_some()),
        Action::NextField => match overlay {
            Overlay::Control(form) => form.fields().len() > 1,
            Overlay::Guard(_) => false,
            _ => true,
        },
        Action::NextEndpoint => {
            let is_elsewhere = |form: &Form| model.list().machines().on_next_endpoint(form.machine).is_some();
            !is_sent && form.is_some_and(is_elsewhere)
        }
        _ => return None,
    })
}

/// Returns whether Enter accepts what has been typed or chosen.
fn can_accept(model: &Model) -> bool {
    if model.shell().help().is_some() {
        return true;
    }
    match model.shell().overlay() {
        Overlay::Copy(menu) => model.chosen_copy(*menu).is_some_and(|action| model.copy_item(action).is_ok()),
        Overlay::Pick(picker) => !picker.found().is_empty(),
        Overlay::Endpoints(picker) => !picker.found().is_empty(),
        Overlay::Palette(palette) => palette.selected().is_some(),
        Overlay::Inputs(picker) => picker.count() > 0,
        Overlay::Control(form) => form.is_confirmed(),
        Overlay::Guard(form) => form.is_typed(),
        Overlay::File(form) => form.lines != FileLines::Reading && !form.path.text().trim().is_empty(),
        Overlay::Save(form) => form.stage != SaveStage::Writing && !form.path.text().trim().is_empty(),
        Overlay::Open(form) => !form.editor.text().trim().is_empty(),
        _ => true,
    }
}

fn in_batch(model: &Model, contexts: &[Context], action: Action) -> Option<bool> {
    let latest = model.batches().latest();
    Some(match action {
        Action::ContinueBatch => latest.is_some_and(Batch::can_continue) && !model.shell().is_read_only(),
        Action::ForgetBatch => latest.is_some_and(Batch::can_forget),
        Action::StopBatch => latest.is_some_and(Batch::is_sending),
        Action::Open if contexts == [Context::Batch] => line::has_row(model),
        Action::OnlyFailed if contexts == [Context::Batch] => true,
        _ => return None,
    })
}

/// Returns whether an action of a text or of the timeline is useful; `None` for other actions.
fn in_text(model: &Model, contexts: &[Context], action: Action) -> Option<bool> {
    let text = model.document(model.shell().focus());
    let timeline = model.timeline();
    Some(match action {
        Action::Open if timeline.is_some() => text.is_some(),
        Action::NextText | Action::FoldStep => timeline.is_some_and(|timeline| !timeline.rows().is_empty()),
        Action::NextFailure if timeline.is_some() => timeline.is_some_and(Timeline::has_failure),
        Action::Fold => text.is_some_and(|text| text.reader().path().is_some()),
        Action::Raw | Action::GoToPath => text.is_some_and(|text| text.reader().is_json()),
        Action::Find if contexts.contains(&Context::Text) => text.is_some(),
        Action::Jq | Action::Wrap => text.is_some(),
        Action::NextMatch | Action::PreviousMatch => text.is_some_and(|text| text.reader().search().position().1 > 0),
        _ => return None,
    })
}

/// Returns whether an action on the marked executions or the selected one is useful; `None` for other actions.
fn on_rows(model: &Model, action: Action) -> Option<bool> {
    let row = model.selected();
    Some(match action {
        Action::StartNow => {
            !model.shell().is_read_only() && row.is_some_and(|row| matches!(row.state, RowState::NeverStarted(_)))
        }
        Action::StartAgain => model.can_start_again(),
        Action::Stop => has_any(model, |row| model.objection(Intervention::Stop, row).is_none()),
        Action::Redrive => has_any(model, |row| model.objection(Intervention::Redrive, row).is_none()),
        Action::Remove => has_any(model, Row::can_be_removed),
        Action::Copy | Action::Save => row.is_some(),
        Action::Timeline => model.timeline_objection().is_none(),
        Action::Definition => row.is_some_and(|row| model.has_route(&row.endpoint, Route::Definition)),
        Action::OpenConsole => model.has_console_page(),
        Action::Compare => model.compared_pair().is_some(),
        Action::OnlyMachine => row.is_some() && model.list().machines().list().len() > 1,
        _ => return None,
    })
}

/// Returns whether one of the marked executions, or the selected one, is of a kind.
fn has_any(model: &Model, is_of_kind: impl Fn(&Row) -> bool) -> bool {
    let executions = model.list().executions();
    let mut marked = executions.marked().take(MOST_CHECKED).peekable();
    match marked.peek() {
        Some(_) => marked.filter_map(|id| executions.get(id)).any(is_of_kind),
        None => model.selected().is_some_and(is_of_kind),
    }
}

fn in_panes(model: &Model, contexts: &[Context], action: Action) -> bool {
    let (shell, list) = (model.shell(), model.list());
    match action {
        // In the timeline, other keys matter more.
        Action::Start => !shell.is_read_only() && model.timeline().is_none() && list.machines().selected().is_some(),
        Action::StartMany => model.can_start_many(),
        Action::Open => match shell.focus() {
            Pane::Machines => !shell.is_read_only() && list.machines().selected().is_some(),
            Pane::Executions => list.groups().is_some() || model.selected().is_some(),
            Pane::Status | Pane::Input | Pane::Output => true,
        },
        Action::Filter | Action::GroupByMachine => !list.executions().is_empty(),
        Action::NextFailure => {
            let is_shown = || list.executions().window(0, MOST_CHECKED).any(|row| row.group().is_unsuccessful());
            let is_filtered = list.executions().filter().is_some();
            list.executions().counts().unsuccessful() > 0 && (!is_filtered || is_shown())
        }
        Action::OnlyFailed => list.executions().counts().unsuccessful() > 0,
        Action::Sort | Action::Mark => list.executions().shown() > 1,
        Action::Everyone => model.can_list(),
        Action::Endpoint => shell.endpoints().list().len() > 1 && model.timeline().is_none(),
        Action::TryNow => shell.endpoints().stats().outages().next().is_some(),
        Action::Messages => shell.notices().all().next().is_some(),
        Action::Dismiss => {
            let is_in_text = contexts.contains(&Context::Text) && model.timeline().is_none();
            is_in_text
                || list.groups().is_some()
                || shell.notices().current().is_some()
                || list.executions().filter().is_some()
                || list.executions().marked().next().is_some()
                || shell.pane_layout() == PaneLayout::Full
        }
        _ => true,
    }
}
