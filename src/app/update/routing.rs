//! Routes keys to the features.

use crate::app::effect::Effect;
use crate::app::guard::update::Confirmed;
use crate::app::keys::action::{Action, Context};
use crate::app::keys::commands::Chosen;
use crate::app::keys::key::{Key, KeyCode};
use crate::app::model::Model;
use crate::app::shell::overlay::Overlay;
use crate::app::update::{completing, panes, waiting};
use crate::app::{batch, control, copy, guard, keys, list, reader, shell, start, timeline};

/// Handles a key in the foremost context.
pub(super) fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    let now = model.shell.now();
    if model.keys.repeats_confirmation(key, now) {
        return Vec::new();
    }
    let contexts = model.contexts();
    let action = model.keys.keymap().action(&contexts, key);
    match action {
        Some(Action::QuitAtOnce) => return vec![Effect::Quit],
        Some(Action::Redraw) => return vec![Effect::Redraw],
        Some(Action::Suspend) => return vec![Effect::Suspend],
        Some(Action::Help) => {
            model.shell.open_help(contexts);
            return Vec::new();
        }
        // Esc dismisses the message first, as in the panes.
        Some(Action::Cancel) if key.code == KeyCode::Esc && is_view(contexts[0]) && model.shell.dismiss_notice() => {
            return Vec::new();
        }
        Some(Action::Complete) => return completing::press(model, true),
        Some(Action::CompleteBack) => return completing::press(model, false),
        _ if waiting::defer(model, key, action) => return Vec::new(),
        _ => {}
    }
    if contexts[0] == Context::Removal && action == Some(Action::Accept) {
        model.keys.note_confirmation(key, now);
    }
    match contexts[0] {
        Context::Browse | Context::List | Context::Text | Context::Timeline | Context::Definition
            if action == Some(Action::EndpointNumber) =>
        {
            shell::endpoint_choice::choose_by_key(model, key)
        }
        Context::Browse | Context::List | Context::Text | Context::Timeline | Context::Definition => {
            action.map(|action| act(model, action)).unwrap_or_default()
        }
        Context::Pick if matches!(model.shell.overlay(), Overlay::Inputs(_)) => {
            start::input_choice::press(model, key, action);
            Vec::new()
        }
        Context::Pick if matches!(model.shell.overlay(), Overlay::Palette(_)) => {
            match keys::commands::press(model, key, action) {
                Some(Chosen::Action(action)) => perform(model, action),
                Some(Chosen::Endpoint(name)) => shell::endpoint_choice::choose_by_name(model, &name),
                Some(Chosen::Execution(text)) => list::open::open_typed(model, &text),
                None => Vec::new(),
            }
        }
        Context::Pick if matches!(model.shell.overlay(), Overlay::Endpoints(_)) => {
            shell::endpoint_choice::press(model, key, action)
        }
        Context::Pick => start::pick::press(model, key, action),
        Context::Form => start::edit::press(model, key, action),
        Context::Filter => {
            shell::page_keys::type_filter(model, key, action);
            Vec::new()
        }
        Context::Prompt => {
            reader::search::press(model, key, action);
            Vec::new()
        }
        Context::File if matches!(model.shell.overlay(), Overlay::Save(_)) => {
            copy::update::press_save(model, key, action)
        }
        Context::File => batch::update::press_file(model, key, action),
        Context::Copy => copy::update::press(model, action),
        Context::Control if matches!(model.shell.overlay(), Overlay::Guard(_)) => {
            match guard::update::press(model, key, action) {
                Some((Confirmed::Start, permit)) => start::edit::submit(model, Some(permit)),
                Some((Confirmed::StartNow(id), permit)) => start::update::start_now(model, Some((id, permit))),
                Some((Confirmed::StartMany, permit)) => batch::update::record(model, Some(permit)),
                Some((Confirmed::ContinueBatch(id), permit)) => batch::update::send_rest(model, id, permit),
                None => Vec::new(),
            }
        }
        Context::Control => control::update::press(model, key, action),
        Context::Removal if matches!(model.shell.overlay(), Overlay::ForgetBatch(_)) => {
            batch::forget::press(model, action)
        }
        Context::Removal => list::removal::press(model, action),
        Context::Open => list::open::press(model, key, action),
        Context::Batch => batch::update::press(model, action).unwrap_or_else(|| shell::page_keys::press(model, action)),
        Context::HelpSearch => {
            if let Some(help) = model.shell.help_mut() {
                help.type_search(key, action);
            }
            Vec::new()
        }
        Context::Help | Context::Page | Context::ConfigErrors => shell::page_keys::press(model, action),
    }
}

/// Returns whether a context belongs to the timeline or a definition, or to the text of one.
fn is_view(context: Context) -> bool {
    matches!(context, Context::Text | Context::Timeline | Context::Definition)
}

/// Performs an action chosen in the palette.
fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::QuitAtOnce => vec![Effect::Quit],
        Action::Redraw => vec![Effect::Redraw],
        Action::Suspend => vec![Effect::Suspend],
        action => act(model, action),
    }
}

/// Performs an action of the timeline, a definition or the panes. The keymap has only those that make sense there.
fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let is_in_timeline = model.timeline.is_some() && model.reader.definition().is_none();
    if is_in_timeline && timeline::update::act(model, action) {
        return Vec::new();
    }
    panes::act(model, action)
}
