//! Keys in the text of a pane, and in the line where a search, a path or a filter is typed.

use crate::app::effect::Effect;
use crate::app::input::action::Action;
use crate::app::input::editor::Editor;
use crate::app::input::key::Key;
use crate::app::input::prompt::{Asked, Prompt};
use crate::app::model::Model;
use crate::app::msg::Slot;
use crate::app::reader::document::{Document, FilterId};
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;

/// So many filters are remembered.
const MOST_FILTERS: usize = 100;

/// A key in the pane.
pub(in crate::app) fn act(model: &mut Model, action: Action) {
    let pane = model.focus;
    let Some(document) = model.document_mut(pane) else { return };
    let reader = document.reader_mut();
    let mut missing = None;
    match action {
        Action::Fold => reader.toggle_fold(),
        Action::FoldAll => reader.fold_all(),
        Action::UnfoldAll => reader.unfold_all(),
        Action::Raw => reader.toggle_raw(),
        Action::Wrap => reader.toggle_wrap(),
        Action::Left | Action::Right if !reader.go_sideways(action == Action::Right) => {
            missing = Some("Long lines go on in the next row here; w cuts them.".to_owned());
        }
        Action::NextMatch | Action::PreviousMatch if !reader.find_next(action == Action::NextMatch) => {
            missing = Some(match reader.search().needle() {
                "" => "Nothing is searched for: / searches.".to_owned(),
                needle => format!("Nothing has `{needle}` in it."),
            });
        }
        Action::Find => open(model, Asked::Find),
        Action::GoToPath => open(model, Asked::Path),
        Action::Jq => open(model, Asked::Filter),
        _ => {}
    }
    if let Some(words) = missing {
        model.notices.say(Level::Info, words, model.now);
    }
}

fn open(model: &mut Model, asked: Asked) {
    let pane = model.focus;
    if let Some(document) = model.document(pane) {
        model.overlay = Overlay::Prompt(Box::new(Prompt::new(asked, pane, document.clone())));
    }
}

/// A key in the line; the text follows every one.
pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) {
    let Overlay::Prompt(prompt) = &mut model.overlay else { return };
    match action {
        Some(Action::Accept) => accept(model),
        Some(Action::Cancel) => {
            let pane = prompt.pane;
            let before = prompt.before.clone();
            model.overlay = Overlay::None;
            if let Some(document) = model.document_mut(pane) {
                document.restore(before);
            }
        }
        Some(Action::Up | Action::Down) => {
            if prompt.asked == Asked::Filter && prompt.recall(&model.filters, action == Some(Action::Up)) {
                follow(model);
            }
        }
        _ => {
            if prompt.press(key) {
                follow(model);
            }
        }
    }
}

/// The line is changed as a whole.
pub(in crate::app) fn change_prompt(model: &mut Model, change: impl FnOnce(&mut Editor)) {
    if let Overlay::Prompt(prompt) = &mut model.overlay {
        change(&mut prompt.editor);
        follow(model);
    }
}

/// Does what the line says so far.
fn follow(model: &mut Model) {
    // Put back below: the text may be anywhere in the model.
    let Overlay::Prompt(mut prompt) = std::mem::replace(&mut model.overlay, Overlay::None) else { return };
    if let Some(document) = model.document_mut(prompt.pane) {
        follow_in(document, &mut prompt);
    }
    model.overlay = Overlay::Prompt(prompt);
}

fn follow_in(document: &mut Document, prompt: &mut Prompt) {
    if document.source() != prompt.before.source() {
        // Another text has come meanwhile.
        prompt.before = document.clone();
    }
    let typed = prompt.editor.text();
    match prompt.asked {
        Asked::Find => {
            // From where the search began, not from where the last letter has led to.
            *document.reader_mut() = prompt.before.reader().clone();
            document.reader_mut().find(&typed);
            let is_missing = !typed.is_empty() && document.reader().search().place().1 == 0;
            prompt.fault = is_missing.then(|| format!("Nothing has `{typed}` in it."));
        }
        Asked::Path => {
            let result = document.reader_mut().go_to_path(&typed);
            prompt.fault = result.err().map(|error| error.to_string());
        }
        Asked::Filter => document.set_filter(if typed.trim() == "." { "" } else { &typed }),
    }
}

fn accept(model: &mut Model) {
    let Overlay::Prompt(prompt) = std::mem::replace(&mut model.overlay, Overlay::None) else { return };
    let typed = prompt.editor.text();
    let filter = model.document(prompt.pane).and_then(Document::filtered);
    if prompt.asked == Asked::Filter && filter.is_some() {
        model.filters.retain(|known| *known != typed);
        model.filters.push(typed);
        let surplus = model.filters.len().saturating_sub(MOST_FILTERS);
        model.filters.drain(..surplus);
    }
    if let Some(fault) = prompt.fault {
        model.notices.say(Level::Info, fault, model.now);
    }
}

/// The filters that have to be run; they are on their way from now on.
pub(in crate::app) fn wanted(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    let of_step = match &mut model.definition {
        Some(definition) => Some(&mut definition.document),
        None => model.timeline.as_mut().and_then(|timeline| timeline.document_mut()),
    };
    let (input, output) = model.payloads.documents_mut();
    let documents = [(Slot::Input, input), (Slot::Output, output), (Slot::Step, of_step)];
    for (slot, document) in documents {
        let id = FilterId(model.requests + 1);
        if let Some((filter, text)) = document.and_then(|document| document.send_filter(id)) {
            model.requests += 1;
            effects.push(Effect::Filter { id, slot, filter, text });
        }
    }
    effects
}

/// What a filter has put out.
pub(in crate::app) fn filtered(model: &mut Model, id: FilterId, result: &Result<String, String>) {
    let of_step = match &mut model.definition {
        Some(definition) => Some(&mut definition.document),
        None => model.timeline.as_mut().and_then(|timeline| timeline.document_mut()),
    };
    let (input, output) = model.payloads.documents_mut();
    let mut documents = [input, output, of_step].into_iter().flatten();
    let _ = documents.any(|document| document.take_filtered(id, result));
}
