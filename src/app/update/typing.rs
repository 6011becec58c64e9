//! Keys that arrive at once. A long text is inserted into a field as a whole: in a terminal without bracketed paste its
//! characters arrive as keys, and handling the whole text after each of them would take minutes.

use crate::app::batch;
use crate::app::copy::SaveStage;
use crate::app::keys::editor::Editor;
use crate::app::keys::key::{Key, KeyCode};
use crate::app::model::Model;
use crate::app::msg::Msg;
use crate::app::reader;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::start::form::Field;

/// A text of at least this many bytes was pasted, not typed.
const PASTED: usize = 64;

/// A text of at least this many bytes where none is expected was pasted, so its letters are not commands.
const NEVER_TYPED: usize = 1_024;

/// Returns the next message that typed text stands for, and how many bytes of the text it covers. Enter is a line feed,
/// Tab a tab.
pub(super) fn next(model: &mut Model, text: &str) -> Option<(Msg, usize)> {
    let c = text.chars().next()?;
    if model.keys.deferred().is_some() && text.len() >= PASTED {
        return Some((Msg::Typed(text.to_owned()), text.len()));
    }
    let run = run(model, text);
    if run >= PASTED {
        return Some((Msg::Typed(text[..run].to_owned()), run));
    }
    if text.len() >= NEVER_TYPED && run == 0 && !matches!(c, '\n' | '\t') {
        let text = "A long text was pasted where none is expected. It was ignored.";
        model.shell.reply(Level::Info, text);
        return None;
    }
    let code = match c {
        '\n' => KeyCode::Enter,
        '\t' => KeyCode::Tab,
        c => KeyCode::Char(c),
    };
    Some((Msg::Key(Key::plain(code)), c.len_utf8()))
}

/// Returns how many bytes of the text go into the focused field unchanged.
fn run(model: &Model, text: &str) -> usize {
    if let Some(help) = model.shell.help() {
        return if help.is_typing() { text.find(['\n', '\t']).unwrap_or(text.len()) } else { 0 };
    }
    match model.shell.overlay() {
        // In a text this long, a tab does not mean "next field".
        Overlay::Start(form) if form.field == Field::Input => text.len(),
        Overlay::Start(_)
        | Overlay::Palette(_)
        | Overlay::Endpoints(_)
        | Overlay::Inputs(_)
        | Overlay::Pick(_)
        | Overlay::Filter(..)
        | Overlay::File(_)
        | Overlay::Prompt(_)
        | Overlay::Save(_)
        | Overlay::Open(_)
        | Overlay::Control(_)
        | Overlay::Guard(_) => text.find(['\n', '\t']).unwrap_or(text.len()),
        Overlay::None
        | Overlay::Copy(_)
        | Overlay::Removal(_)
        | Overlay::Controlled(_)
        | Overlay::Compare(_)
        | Overlay::Messages(_)
        | Overlay::Batch
        | Overlay::ForgetBatch(_)
        | Overlay::ConfigErrors(..) => 0,
    }
}

/// Changes the focused field and what depends on it.
pub(super) fn change_field(model: &mut Model, change: impl FnOnce(&mut Editor)) {
    if let Some(help) = model.shell.help_mut() {
        if help.is_typing() {
            help.change_search(change);
        }
        return;
    }
    let endpoints = model.shell.endpoints().clone();
    match model.shell.overlay_mut() {
        Overlay::Start(form) => form.edit(change),
        Overlay::Palette(palette) => {
            change(&mut palette.field);
            palette.search();
        }
        Overlay::Endpoints(picker) => {
            change(&mut picker.field);
            picker.search(&endpoints);
        }
        Overlay::Inputs(picker) => {
            change(&mut picker.field);
            picker.search();
        }
        Overlay::Pick(picker) => {
            change(&mut picker.field);
            picker.search(model.list.machines());
        }
        Overlay::Filter(editor, _) => {
            change(editor);
            model.list.executions_mut().set_filter(editor.text());
        }
        Overlay::File(form) => batch::update::edit(form, change),
        Overlay::Prompt(_) => reader::search::change_prompt(model, change),
        Overlay::Save(form) => {
            change(&mut form.path);
            form.stage = SaveStage::Draft;
        }
        Overlay::Control(form) => change(form.editor()),
        Overlay::Guard(form) => form.change(change),
        Overlay::Open(form) => {
            form.error = None;
            change(&mut form.editor);
        }
        Overlay::None
        | Overlay::Copy(_)
        | Overlay::Removal(_)
        | Overlay::Controlled(_)
        | Overlay::Compare(_)
        | Overlay::Messages(_)
        | Overlay::Batch
        | Overlay::ForgetBatch(_)
        | Overlay::ConfigErrors(..) => {}
    }
}
