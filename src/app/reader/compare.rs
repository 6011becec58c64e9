//! Comparing two executions: which two, and reading what is missing of them.

use crate::app::effect::Effect;
use crate::app::list::row::{PayloadLocation, Row};
use crate::app::model::Model;
use crate::app::reader::comparison::Comparison;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use stepgate_core::domain::ExecutionId;

/// Opens the comparison of two that are marked, or of a marked one and the selected one.
pub(in crate::app) fn open(model: &mut Model) -> Vec<Effect> {
    let marked: Vec<ExecutionId> = model.executions.marked().take(3).collect();
    let selected = model.selected().map(|row| row.id);
    let pair = match (marked.as_slice(), selected) {
        ([one, other], _) => Some((*one, *other)),
        ([one], Some(other)) if *one != other => Some((*one, other)),
        _ => None,
    };
    let Some((one, other)) = pair else {
        let text = "Mark one execution with Space, go to another one, and press this key again.";
        model.notices.say(Level::Info, text, model.now);
        return Vec::new();
    };
    let began = |id| model.executions.get(id).map(|row: &Row| row.started);
    let (first, second) = if began(one) <= began(other) { (one, other) } else { (other, one) };
    model.comparison = Some(Comparison::new(first, second));
    model.overlay = Overlay::Compare(0);
    let mut effects = Vec::new();
    for id in [first, second] {
        let row = model
            .executions
            .get(id)
            .filter(|row| matches!(row.kept, PayloadLocation::InStore | PayloadLocation::Unreadable));
        if let Some((gateway, arn)) = row.map(|row| (row.gateway.clone(), row.arn.clone())) {
            model.executions.change(id, |row| row.kept = PayloadLocation::Reading);
            effects.push(Effect::ReadPayloads(id, gateway, arn));
        }
    }
    renew(model);
    effects
}

/// One of the two has changed.
pub(in crate::app) fn renew(model: &mut Model) {
    let Some(comparison) = &mut model.comparison else { return };
    let rows = (model.executions.get(comparison.first), model.executions.get(comparison.second));
    if let (Some(first), Some(second)) = rows {
        comparison.renew(first, second);
    }
}
