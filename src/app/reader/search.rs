//! Keys in the text of a pane, and in the prompt for a search, a path or a filter.

use crate::app::effect::Effect;
use crate::app::keys::action::Action;
use crate::app::keys::editor::Editor;
use crate::app::keys::key::Key;
use crate::app::keys::prompt::{Prompt, PromptKind};
use crate::app::model::Model;
use crate::app::reader::document::{Document, FilterId};
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;

/// Handles an action in the text of a pane.
pub(in crate::app) fn act(model: &mut Model, action: Action) {
    let pane = model.shell.focus();
    let Some(document) = model.document_mut(pane) else { return };
    let reader = document.reader_mut();
    let mut message = None;
    match action {
        Action::Fold => reader.toggle_fold(),
        Action::FoldAll => reader.fold_all(),
        Action::UnfoldAll => reader.unfold_all(),
        Action::Raw => reader.toggle_raw(),
        Action::Wrap => reader.toggle_wrap(),
        Action::Left | Action::Right if !reader.go_sideways(action == Action::Right) => {
            message = Some("Long lines are wrapped. Press w to cut them.".to_owned());
        }
        Action::NextMatch | Action::PreviousMatch if !reader.find_next(action == Action::NextMatch) => {
            message = Some(match reader.search().needle() {
                "" => "No search. Press / to search.".to_owned(),
                needle => format!("No match for `{needle}`."),
            });
        }
        Action::Find => open(model, PromptKind::Find),
        Action::GoToPath => open(model, PromptKind::Path),
        Action::Jq => open(model, PromptKind::Filter),
        _ => {}
    }
    if let Some(message) = message {
        model.shell.reply(Level::Info, message);
    }
}

fn open(model: &mut Model, kind: PromptKind) {
    let pane = model.shell.focus();
    if let Some(document) = model.document(pane) {
        model.shell.open(Overlay::Prompt(Box::new(Prompt::new(kind, pane, document.clone()))));
    }
}

/// Handles a key in the prompt. The text follows every key.
pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) {
    let Overlay::Prompt(prompt) = model.shell.overlay_mut() else { return };
    match action {
        Some(Action::Accept) => accept(model),
        Some(Action::Cancel) => {
            let pane = prompt.pane;
            let before = prompt.before.clone();
            model.shell.close_overlay();
            if let Some(document) = model.document_mut(pane) {
                document.restore(before);
            }
        }
        Some(Action::Up | Action::Down) => {
            let lines = model.keys.histories().of(prompt.kind.history());
            if prompt.editor.recall(lines, action == Some(Action::Up)) {
                apply(model);
            }
        }
        _ => {
            if prompt.press(key) {
                apply(model);
            }
        }
    }
}

/// Changes the whole line.
pub(in crate::app) fn change_prompt(model: &mut Model, change: impl FnOnce(&mut Editor)) {
    if let Overlay::Prompt(prompt) = model.shell.overlay_mut() {
        change(&mut prompt.editor);
        apply(model);
    }
}

/// Applies the line as typed so far.
fn apply(model: &mut Model) {
    // The prompt is put back below: the document may be anywhere in the model.
    let Overlay::Prompt(mut prompt) = model.shell.take_overlay() else { return };
    if let Some(document) = model.document_mut(prompt.pane) {
        apply_to(document, &mut prompt);
    }
    model.shell.open(Overlay::Prompt(prompt));
}

fn apply_to(document: &mut Document, prompt: &mut Prompt) {
    if document.source() != prompt.before.source() {
        // The text has changed meanwhile.
        prompt.before = document.clone();
    }
    let typed = prompt.editor.text();
    match prompt.kind {
        PromptKind::Find => {
            // From where the search started, not from the match of the last letter.
            *document.reader_mut() = prompt.before.reader().clone();
            document.reader_mut().find(typed);
            let is_missing = !typed.is_empty() && document.reader().search().position().1 == 0;
            prompt.error = is_missing.then(|| format!("No match for `{typed}`."));
        }
        PromptKind::Path => {
            let result = document.reader_mut().go_to_path(typed);
            prompt.error = result.err().map(|error| error.to_string());
        }
        PromptKind::Filter => document.set_filter(if typed.trim() == "." { "" } else { typed }),
    }
}

fn accept(model: &mut Model) {
    let Overlay::Prompt(prompt) = model.shell.take_overlay() else { return };
    let typed = prompt.editor.text();
    if typed.trim() != "." {
        model.keys.histories_mut().remember(prompt.kind.history(), typed);
    }
    if let Some(error) = prompt.error {
        model.shell.reply(Level::Info, error);
    }
}

/// Returns the filters to run now.
pub(in crate::app) fn due_filters(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    let of_timeline = model.timeline.as_mut().and_then(|timeline| timeline.document_mut());
    for (slot, document) in model.reader.documents_mut(of_timeline) {
        let id = FilterId(model.shell.next_request());
        if let Some((filter, text)) = document.start_filter(id) {
            model.shell.count_request();
            effects.push(Effect::Filter { id, slot, filter, text });
        }
    }
    effects
}

/// Handles the result of a filter.
pub(in crate::app) fn on_filtered(model: &mut Model, id: FilterId, result: &Result<String, String>) {
    let of_timeline = model.timeline.as_mut().and_then(|timeline| timeline.document_mut());
    let mut documents = model.reader.documents_mut(of_timeline);
    let _ = documents.any(|(_, document)| document.on_filtered(id, result));
}
