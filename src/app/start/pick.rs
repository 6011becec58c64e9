//! The machine picker.

use crate::app::effect::Effect;
use crate::app::keys::action::Action;
use crate::app::keys::key::Key;
use crate::app::list::machines::Picker;
use crate::app::model::Model;
use crate::app::shell::overlay::Overlay;
use crate::app::start;
use stepgate_core::domain::{EndpointName, Failure, GatewayId, ListedMachine, Route};

/// Opens the picker, or the start form if there is only one machine. Requests the machines that gateways list.
pub(in crate::app) fn open(model: &mut Model) -> Vec<Effect> {
    let endpoints = listing_endpoints(model);
    match (model.list.machines().shown().count(), model.list.machines().selected()) {
        (1, Some(only)) if endpoints.is_empty() => {
            start::edit::open(model, only);
            Vec::new()
        }
        _ => {
            let machines = model.list.machines_mut();
            let requested = endpoints.into_iter().filter(|(_, endpoint)| machines.request(endpoint));
            let effects = requested.map(|(gateway, endpoint)| Effect::ListMachines(gateway, endpoint)).collect();
            model.shell.open(Overlay::Pick(Picker::new(model.list.machines())));
            effects
        }
    }
}

/// Returns the endpoints that are shown and list machines. The machines of the local gateway are all known.
fn listing_endpoints(model: &Model) -> Vec<(GatewayId, EndpointName)> {
    let scope = model.list.machines().scope();
    let listing = model.shell.endpoints().list().iter().filter(|info| {
        let is_shown = scope.is_none_or(|scope| *scope == info.name);
        let has_route = info.endpoint.route(Route::Machines).is_some();
        is_shown && has_route && info.endpoint.fixed_gateway.is_none()
    });
    listing.map(|info| (info.gateway.clone(), info.name.clone())).collect()
}

/// Handles the machines that a gateway lists.
pub(in crate::app) fn on_listed(
    model: &mut Model,
    endpoint: EndpointName,
    result: Result<(Vec<ListedMachine>, bool), Failure>,
) -> Vec<Effect> {
    model.list.machines_mut().on_listed(endpoint, result);
    if let Overlay::Pick(picker) = model.shell.overlay_mut() {
        picker.refresh(model.list.machines());
    }
    Vec::new()
}

pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::Pick(picker) = model.shell.overlay_mut() else { return Vec::new() };
    match action {
        Some(Action::Cancel) => model.shell.close_overlay(),
        Some(Action::Up) => picker.step(-1),
        Some(Action::Down) => picker.step(1),
        Some(Action::Accept) => {
            if let Some(index) = picker.selected() {
                model.list.machines_mut().select(index);
                model.shell.close_overlay();
                start::edit::open(model, index);
            }
        }
        _ => {
            picker.field.press(key);
            picker.search(model.list.machines());
        }
    }
    Vec::new()
}
