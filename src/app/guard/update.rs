//! Which names a request needs, and the dialog in which they are typed.

use crate::app::guard::{GuardForm, Purpose};
use crate::app::keys::action::Action;
use crate::app::keys::key::Key;
use crate::app::model::Model;
use crate::app::shell::overlay::Overlay;
use stepgate_core::domain::{BatchId, EndpointName, ExecutionId, GatewayId, Guard, Permit};

/// Returns the guard of a request to these gateways, each with the name under which it was known.
pub(in crate::app) fn guard<'g>(
    model: &Model,
    targets: impl IntoIterator<Item = (&'g GatewayId, &'g EndpointName)>,
) -> Guard {
    let endpoints = model.shell.endpoints();
    // As requests find their client. One whose gateway is gone is refused before it is sent.
    let known = |(gateway, name)| endpoints.at(gateway, name).and_then(|name| endpoints.find(name));
    Guard::of(targets.into_iter().filter_map(known).map(|known| &known.endpoint))
}

/// Opens the dialog.
pub(in crate::app) fn open(model: &mut Model, purpose: Purpose, guard: Guard) {
    model.shell.open(Overlay::Guard(Box::new(GuardForm::new(purpose, guard))));
}

/// What is started now that the name is typed. Its form or page is open again.
pub(in crate::app) enum Confirmed {
    /// The execution of the start form.
    Start,
    /// The execution of a row that was not started.
    StartNow(ExecutionId),
    /// The lines of the file form.
    StartMany,
    /// The unsent lines of a batch.
    ContinueBatch(BatchId),
}

/// Handles a key in the dialog. Returns the permission once the name is typed.
pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Option<(Confirmed, Permit)> {
    let Overlay::Guard(form) = model.shell.overlay_mut() else { return None };
    let permit = match action {
        Some(Action::Cancel) => None,
        Some(Action::Accept) => Some(form.validate()?),
        // There is only one field.
        Some(Action::NextField) => return None,
        _ => {
            form.change(|typed| typed.press(key));
            return None;
        }
    };
    let Overlay::Guard(form) = model.shell.take_overlay() else { return None };
    let (below, confirmed) = match form.purpose {
        Purpose::Start(form) => (Overlay::Start(form), Confirmed::Start),
        Purpose::StartMany(form) => (Overlay::File(form), Confirmed::StartMany),
        Purpose::StartNow(id) => (Overlay::None, Confirmed::StartNow(id)),
        Purpose::ContinueBatch(id) => (Overlay::Batch, Confirmed::ContinueBatch(id)),
    };
    model.shell.open(below);
    permit.map(|permit| (confirmed, permit))
}
