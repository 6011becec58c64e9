//! Choosing the endpoint that is shown: by key, by name, or in the picker. The choice is remembered for the next launch.

use crate::app::effect::Effect;
use crate::app::keys::action::Action;
use crate::app::keys::key::{Key, KeyCode};
use crate::app::model::Model;
use crate::app::shell::endpoint_picker::EndpointPicker;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use stepgate_core::domain::{EndpointName, UiChoices, counted};

/// The key of the remembered choice.
const CHOICE: &str = "endpoint";
/// The argument of the command that shows all endpoints.
pub(in crate::app) const ALL: &str = "all";

/// Opens the picker.
pub(in crate::app) fn open(model: &mut Model) {
    match model.shell.endpoints().list() {
        [] => model.shell.reply(Level::Info, "No endpoint in the configuration."),
        [only] => {
            let text = format!("{} is the only endpoint in the configuration.", only.name);
            model.shell.reply(Level::Info, text);
        }
        _ => {
            let picker = EndpointPicker::new(model.shell.endpoints());
            model.shell.open(Overlay::Endpoints(Box::new(picker)));
        }
    }
}

/// Handles a key in the picker.
pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let endpoints = model.shell.endpoints().clone();
    let Overlay::Endpoints(picker) = model.shell.overlay_mut() else { return Vec::new() };
    match action {
        Some(Action::Cancel) => model.shell.close_overlay(),
        Some(Action::Up) => picker.step(-1),
        Some(Action::Down) => picker.step(1),
        Some(Action::Accept) => {
            if let Some(chosen) = picker.selected().cloned() {
                model.shell.close_overlay();
                return choose(model, chosen);
            }
        }
        _ => {
            picker.field.press(key);
            picker.search(&endpoints);
        }
    }
    Vec::new()
}

/// Shows the endpoint with the number of a key: 0 for all, 1 for the first. Another key opens the picker.
pub(in crate::app) fn choose_by_key(model: &mut Model, key: Key) -> Vec<Effect> {
    let digit = match key.code {
        KeyCode::Char(c) if !key.ctrl && !key.alt => c.to_digit(10).and_then(|digit| usize::try_from(digit).ok()),
        _ => None,
    };
    let Some(number) = digit else {
        open(model);
        return Vec::new();
    };
    let endpoints = model.shell.endpoints().list();
    let count = endpoints.len();
    let chosen = number.checked_sub(1).map(|index| endpoints.get(index).map(|endpoint| endpoint.name.clone()));
    match chosen {
        Some(None) => {
            let text = if count == 1 {
                "There is only one endpoint.".to_owned()
            } else {
                format!("There are only {}.", counted(count, "endpoint"))
            };
            model.shell.reply(Level::Info, text);
            Vec::new()
        }
        chosen => choose(model, chosen.flatten()),
    }
}

/// Shows the endpoint with a name from the palette, or all.
pub(in crate::app) fn choose_by_name(model: &mut Model, name: &str) -> Vec<Effect> {
    let named = EndpointName::new(name);
    let is_known = model.shell.endpoints().find(&named).is_some();
    choose(model, is_known.then_some(named))
}

/// Shows an endpoint, or all, now and at the next launch.
fn choose(model: &mut Model, endpoint: Option<EndpointName>) -> Vec<Effect> {
    let remembered = endpoint.as_ref().map(ToString::to_string);
    model.show_endpoint(endpoint);
    vec![Effect::RememberChoice(CHOICE, remembered)]
}

/// Shows the endpoint of an earlier launch, unless another was chosen for this one or it is no longer in the
/// configuration.
pub(in crate::app) fn restore(model: &mut Model, choices: &UiChoices) {
    let known = choices.get(CHOICE).map(EndpointName::new);
    let known = known.filter(|name| model.shell.endpoints().find(name).is_some());
    if known.is_some() && model.shell.endpoints().selected().is_none() {
        model.show_endpoint(known);
    }
}
