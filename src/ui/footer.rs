//! The last line: the most useful keys in the current context, from the keymap.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::batch::{Batch, FileLines, line};
use crate::app::control::{Field, Intervention};
use crate::app::copy::SaveStage;
use crate::app::keys::action::{Action, Context};
use crate::app::keys::editor::{Editor, drawn_width};
use crate::app::keys::keymap::Binding;
use crate::app::keys::prompt::PromptKind;
use crate::app::list::row::{Row, RowState};
use crate::app::model::Model;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::app::start::form::Stage;
use crate::format::text::width;
use crate::ui::field;
use crate::ui::theme::Theme;
use stepgate_core::domain::Scope;

/// The minimum width of a filter or prompt.
const MIN_FIELD: u16 = 30;

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let (prompt, most) = match model.shell().overlay() {
        Overlay::Filter(editor, _) => (Some(("/", editor)), area.width / 2),
        // jq filters are often long.
        Overlay::Prompt(prompt) => (Some((prompt.kind.prefix(), &prompt.editor)), area.width * 2 / 3),
        Overlay::Help(help) if help.is_typing() => (Some(("/", help.search())), area.width / 2),
        _ => (None, 0),
    };
    let area = match prompt {
        Some((sign, editor)) => render_field(sign, editor, most, theme, frame, area),
        None => area,
    };
    if let Some(completion) = prompt.and_then(|(_, editor)| editor.completion()) {
        let area = Rect { x: area.x + area.width.min(1), width: area.width.saturating_sub(1), ..area };
        field::render_candidates(completion, theme, frame, area);
        return;
    }
    let mut line = Line::from(" ");
    for (key, label) in fitting(hints(model), usize::from(area.width).saturating_sub(1)) {
        line.push_span(Span::styled(key, theme.accent));
        line.push_span(Span::styled(format!(" {label}  "), theme.text));
    }
    frame.render_widget(line, area);
}

/// Draws a text field and returns the remaining area.
fn render_field(sign: &str, editor: &Editor, most: u16, theme: &Theme, frame: &mut Frame<'_>, area: Rect) -> Rect {
    frame.render_widget(Line::styled(format!(" {sign}"), theme.accent), area);
    let before = u16::try_from(width(sign) + 1).unwrap_or(1).min(area.width);
    let text = u16::try_from(drawn_width(editor.text()) + 2).unwrap_or(u16::MAX);
    let cells = text.max(MIN_FIELD).min(most).min(area.width - before);
    field::render(editor, true, theme, frame, Rect { x: area.x + before, width: cells, ..area });
    let used = before + cells;
    Rect { x: area.x + used, width: area.width - used, ..area }
}

/// Limit for marked executions that the footer checks for possible actions.
const MOST_CHECKED: usize = 100;

/// Returns as many hints as fit, vital ones first.
fn fitting(hints: Vec<Hint>, room: usize) -> Vec<(String, String)> {
    let cells = |hint: &Hint| width(&hint.key) + 1 + width(&hint.label) + 2;
    // The last hint needs no space after it.
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

/// Returns whether the marked executions or the selected one can be stopped or redriven.
fn can(model: &Model, intervention: Intervention) -> bool {
    let can = |row: &Row| model.objection(intervention, row).is_none();
    let mut marked = model.list().executions().marked().take(MOST_CHECKED).peekable();
    match marked.peek() {
        Some(_) => marked.filter_map(|id| model.list().executions().get(id)).any(can),
        None => model.selected().is_some_and(can),
    }
}

struct Hint {
    key: String,
    label: String,
    is_vital: bool,
}

/// The most common actions; the others follow in the order of the keymap.
const FIRST: [Action; 13] = [
    Action::Start,
    Action::Open,
    Action::Fold,
    Action::Find,
    Action::Filter,
    Action::Everyone,
    Action::Jq,
    Action::Copy,
    Action::Stop,
    Action::StartAgain,
    Action::Redrive,
    Action::Mark,
    Action::NextMatch,
];

/// Movements, and keys that a neighbouring key suggests or that are common knowledge.
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
];

/// Returns keys with labels, the most important first.
fn hints(model: &Model) -> Vec<Hint> {
    let contexts = model.contexts();
    let mut bindings: Vec<_> = model.keys().keymap().effective(&contexts).collect();
    bindings.sort_by_key(|binding| FIRST.iter().position(|action| *action == binding.action).unwrap_or(FIRST.len()));
    let bindings =
        bindings.into_iter().filter(|binding| is_useful(model, &contexts, binding.action)).filter_map(|binding| {
            let key = binding.keys.first()?;
            let is_vital = matches!(
                binding.action,
                Action::Help
                    | Action::Quit
                    | Action::Submit
                    | Action::Cancel
                    | Action::StartNow
                    | Action::StopBatch
                    | Action::ContinueBatch
                    | Action::Follow
                    | Action::TryNow
            );
            Some(Hint { key: key.to_string(), label: label(model, &binding).to_owned(), is_vital })
        });
    confirmation(model).into_iter().chain(bindings).collect()
}

/// Returns whether an action does something now that the footer should offer.
fn is_useful(model: &Model, contexts: &[Context], action: Action) -> bool {
    let is_sent = matches!(model.shell().overlay(), Overlay::Start(form) if matches!(form.stage, Stage::Sent(_)));
    let text = model.document(model.shell().focus());
    let has_text = text.is_some();
    match action {
        Action::Accept => can_accept(model),
        Action::StartAgain => model.selected().is_some() && !model.shell().is_read_only(),
        Action::StartNow => {
            matches!(model.selected().map(|row| &row.state), Some(RowState::NeverStarted(_)))
                && !model.shell().is_read_only()
        }
        Action::ContinueBatch => {
            model.batches().latest().is_some_and(Batch::can_continue) && !model.shell().is_read_only()
        }
        Action::ForgetBatch => model.batches().latest().is_some_and(Batch::can_forget),
        Action::StopBatch => model.batches().latest().is_some_and(Batch::is_sending),
        Action::Stop => can(model, Intervention::Stop),
        Action::Redrive => can(model, Intervention::Redrive),
        Action::Copy | Action::Save | Action::Remove | Action::Timeline | Action::Definition => {
            model.selected().is_some()
        }
        Action::OnlyFailed if contexts == [Context::Batch] => true,
        Action::NextFailure | Action::OnlyFailed => model.list().executions().counts().unsuccessful() > 0,
        Action::OnlyMachine => model.list().machines().list().len() > 1 && model.selected().is_some(),
        Action::Everyone => model.can_list(),
        Action::Endpoint => model.shell().endpoints().list().len() > 1 && model.timeline().is_none(),
        Action::EndpointNumber => false,
        Action::NextEndpoint => match model.shell().overlay() {
            Overlay::Start(form) => model.list().machines().on_next_endpoint(form.machine).is_some(),
            _ => false,
        },
        Action::Sort | Action::Mark => model.list().executions().shown() > 1,
        Action::Follow => {
            matches!(model.shell().overlay(), Overlay::Start(form) if form.order_with_used_name().is_some())
        }
        Action::Complete => match model.shell().overlay() {
            Overlay::Inputs(_) => false,
            Overlay::Prompt(prompt) => prompt.kind != PromptKind::Find,
            _ => true,
        },
        // In the timeline, other keys matter more.
        Action::Start => !model.shell().is_read_only() && model.timeline().is_none(),
        Action::Submit => !model.shell().is_read_only() && !is_sent,
        Action::Inputs | Action::EditExternally | Action::Reset | Action::Format => !is_sent,
        Action::NextField => !matches!(model.shell().overlay(), Overlay::Control(form) if form.fields().len() < 2),
        Action::Open if contexts == [Context::Batch] => line::has_row(model),
        Action::Open if model.timeline().is_some() => has_text,
        Action::NextText | Action::FoldStep => model.timeline().is_some_and(|timeline| !timeline.rows().is_empty()),
        Action::Fold => text.is_some_and(|text| text.reader().path().is_some()),
        Action::Raw | Action::GoToPath => text.is_some_and(|text| text.reader().is_json()),
        Action::TryNow => model.shell().endpoints().stats().outages().next().is_some(),
        Action::Compare => model.list().executions().marked().next().is_some(),
        Action::Filter | Action::GroupByMachine => !model.list().executions().is_empty(),
        Action::Dismiss => {
            let is_in_text = contexts.contains(&Context::Text) && model.timeline().is_none();
            is_in_text
                || model.list().groups().is_some()
                || model.shell().notices().current().is_some()
                || model.list().executions().filter().is_some()
        }
        Action::NextMatch | Action::PreviousMatch => {
            let document = model.document(model.shell().focus());
            document.is_some_and(|document| document.reader().search().position().1 > 0)
        }
        action => !ONLY_IN_HELP.contains(&action),
    }
}

/// Returns what the key of a binding does here.
fn label(model: &Model, binding: &Binding) -> &'static str {
    match (binding.action, binding.context, model.shell().focus()) {
        (Action::Open, Context::Timeline, _) => "read it",
        (Action::Open, Context::Batch, _) => "see execution",
        (Action::Open, Context::Browse, Pane::Machines) => "start it",
        (Action::Open, Context::Browse, Pane::Executions) if model.list().groups().is_some() => "show these",
        (Action::Open, Context::Browse, Pane::Executions) => "see output",
        (Action::Dismiss, _, Pane::Input | Pane::Output) => "back",
        (Action::OnlyFailed, Context::Batch, _) if model.batches().lines().only_not_started() => "all lines",
        (Action::OnlyFailed, Context::Batch, _) => "only not started",
        (Action::Open, Context::Browse, Pane::Status) => "to the list",
        (Action::Quit, ..) if model.is_in_view() => "back",
        (Action::Everyone, ..) if model.list().scope() == Scope::Everyone => "mine",
        (Action::Accept, Context::Removal, _) => match model.shell().overlay() {
            Overlay::ForgetBatch(_) => "forget them",
            _ => "remove",
        },
        (Action::Accept, Context::Open, _) => "open",
        (Action::Accept, Context::Filter | Context::Prompt | Context::HelpSearch, _) => "apply",
        (Action::Accept, Context::Control, _) => match model.shell().overlay() {
            Overlay::Control(form) => form.intervention.verb(),
            _ => binding.action.label(),
        },
        (Action::Accept, Context::File, _) => match model.shell().overlay() {
            Overlay::File(form) if matches!(form.lines, FileLines::Ready(_)) => "start them",
            _ => "read it",
        },
        (action, ..) => action.label(),
    }
}

/// Returns the hint to type the confirmation of a stop or redrive, before Enter has a meaning.
fn confirmation(model: &Model) -> Option<Hint> {
    let Overlay::Control(form) = model.shell().overlay() else { return None };
    let is_empty = form.field == Field::Confirmation && form.confirmation.text().is_empty();
    is_empty.then(|| Hint { key: "y".to_owned(), label: "confirm".to_owned(), is_vital: true })
}

/// Returns whether Enter accepts what has been typed or chosen.
fn can_accept(model: &Model) -> bool {
    match model.shell().overlay() {
        Overlay::Pick(picker) => !picker.found().is_empty(),
        Overlay::Endpoints(picker) => !picker.found().is_empty(),
        Overlay::Palette(palette) => palette.selected().is_some(),
        Overlay::Inputs(picker) => picker.count() > 0,
        Overlay::Control(form) => form.is_confirmed(),
        Overlay::File(form) => form.lines != FileLines::Reading && !form.path.text().trim().is_empty(),
        Overlay::Save(form) => form.stage != SaveStage::Writing && !form.path.text().trim().is_empty(),
        Overlay::Open(form) => !form.editor.text().trim().is_empty(),
        _ => true,
    }
}
