//! Completing the line in a prompt: with what the model knows, or with the names in a folder, which the runtime reads.

use crate::app::effect::Effect;
use crate::app::keys::deferred::{Awaited, Deferred};
use crate::app::keys::editor::{Candidates, Editor};
use crate::app::keys::file_path;
use crate::app::keys::prompt::PromptKind;
use crate::app::list::executions::words;
use crate::app::model::Model;
use crate::app::msg::Folder;
use crate::app::reader::Notation;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::update::typing;
use stepgate_core::domain::EndpointName;

/// Completes the line, or inserts the next candidate.
pub(super) fn press(model: &mut Model, forwards: bool) -> Vec<Effect> {
    let Some(line) = line(model) else { return Vec::new() };
    if line.is_completing() {
        typing::change_field(model, |line| line.complete_next(forwards));
        return Vec::new();
    }
    let before = line.text()[..line.cursor()].to_owned();
    if matches!(model.shell.overlay(), Overlay::File(_) | Overlay::Save(_)) {
        let number = model.shell.next_request();
        model.shell.count_request();
        // What is typed next waits for the names, so that the result does not depend on the speed of the disk.
        model.keys.defer(Deferred::new(Awaited::Folder(number, forwards), model.shell.now()));
        let (folder, name) = file_path::split(&before);
        return vec![Effect::ReadFolder(number, folder.to_owned(), name.to_owned())];
    }
    let found = candidates(model, &before).unwrap_or_default();
    complete(model, found, forwards);
    Vec::new()
}

/// Completes the line, or says that it already is.
fn complete(model: &mut Model, found: Candidates, forwards: bool) {
    let before = line(model).map(|line| line.text().to_owned());
    typing::change_field(model, |line| line.complete(found, forwards));
    let is_same = |line: &Editor| Some(line.text()) == before.as_deref() && line.completion().is_none();
    if line(model).is_some_and(is_same) {
        model.shell.reply(Level::Info, "The word is complete.");
    }
}

/// Handles the names in a folder.
pub(super) fn on_folder_read(model: &mut Model, number: u64, result: Result<Folder, String>) {
    let Some(forwards) = model.keys.folder_has_arrived(number) else { return };
    let Some(line) = line(model) else { return };
    let start = file_path::split(&line.text()[..line.cursor()]).0.len();
    match result {
        Ok(folder) => {
            if folder.is_cut {
                let text = "The folder has more than 10,000 entries; some of them are not offered.";
                model.shell.reply(Level::Info, text);
            }
            complete(model, Candidates { start, texts: folder.names }, forwards);
        }
        Err(message) => model.shell.reply(Level::Info, message),
    }
}

/// Returns the line that can be completed.
fn line(model: &Model) -> Option<&Editor> {
    match model.shell.overlay() {
        Overlay::Filter(line, _) => Some(line),
        Overlay::Prompt(prompt) => Some(&prompt.editor),
        Overlay::Palette(palette) => Some(&palette.field),
        Overlay::Pick(picker) => Some(&picker.field),
        Overlay::Endpoints(picker) => Some(&picker.field),
        Overlay::File(form) => Some(&form.path),
        Overlay::Save(form) => Some(&form.path),
        _ => None,
    }
}

/// Returns what completes the text before the cursor.
fn candidates(model: &Model, before: &str) -> Option<Candidates> {
    match model.shell.overlay() {
        Overlay::Filter(..) => {
            let machines = model.list.machines().list().iter().map(|machine| &*machine.name);
            let endpoints = model.shell.endpoints().list().iter().map(|endpoint| endpoint.name.as_str());
            Some(words::candidates(before, machines, endpoints))
        }
        Overlay::Prompt(prompt) => {
            let notation = match prompt.kind {
                PromptKind::Find => return None,
                PromptKind::Path => Notation::Path,
                PromptKind::Filter => Notation::Jq,
            };
            model.document(prompt.pane)?.candidates(before, notation)
        }
        Overlay::Palette(palette) => {
            let (texts, selected) = (palette.completions(), palette.selected()?.text());
            let chosen = texts.iter().find(|text| **text == selected).or(texts.first())?;
            Some(named(before, texts.iter().map(String::as_str), chosen))
        }
        Overlay::Pick(picker) => {
            let name = |index| model.list.machines().get(index).map(|machine| &*machine.name);
            let names = picker.found().iter().filter_map(|index| name(*index));
            Some(named(before, names, name(picker.selected()?)?))
        }
        Overlay::Endpoints(picker) => {
            let mut names = picker.found().iter().flatten().map(EndpointName::as_str).peekable();
            let first = *names.peek()?;
            Some(named(before, names, first))
        }
        _ => None,
    }
}

/// Returns the names that begin as typed, each once; or else the selected one.
fn named<'n>(before: &str, names: impl Iterator<Item = &'n str>, selected: &str) -> Candidates {
    let typed = before.to_lowercase();
    let mut texts: Vec<String> = Vec::new();
    for name in names.filter(|name| name.to_lowercase().starts_with(&typed)) {
        if !texts.iter().any(|known| known == name) {
            texts.push(name.to_owned());
        }
    }
    if texts.is_empty() {
        texts.push(selected.to_owned());
    }
    Candidates { start: 0, texts }
}
