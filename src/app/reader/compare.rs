//! Opening the comparison of two executions and reading their payloads.

use crate::app::effect::Effect;
use crate::app::list::row::{PayloadLocation, Row};
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use stepgate_core::domain::ExecutionId;

impl Model {
    /// Returns two marked executions, or the marked one and the selected one.
    pub(crate) fn compared_pair(&self) -> Option<(ExecutionId, ExecutionId)> {
        let marked: Vec<ExecutionId> = self.list.executions().marked().take(3).collect();
        match (marked.as_slice(), self.selected().map(|row| row.id)) {
            ([one, other], _) => Some((*one, *other)),
            ([one], Some(other)) if *one != other => Some((*one, other)),
            _ => None,
        }
    }
}

/// Opens the comparison of two executions.
pub(in crate::app) fn open(model: &mut Model) -> Vec<Effect> {
    let Some((one, other)) = model.compared_pair() else {
        let text = "Mark one execution with Space, select another one, and press this key again.";
        model.shell.reply(Level::Info, text);
        return Vec::new();
    };
    let start_of = |id| model.list.executions().get(id).map(|row: &Row| row.started);
    let (first, second) = if start_of(one) <= start_of(other) { (one, other) } else { (other, one) };
    model.reader.begin_comparison(first, second);
    model.shell.open(Overlay::Compare(0));
    let mut effects = Vec::new();
    for id in [first, second] {
        let row = model
            .list
            .executions()
            .get(id)
            .filter(|row| matches!(row.payloads, PayloadLocation::InStore | PayloadLocation::Unreadable));
        if let Some((gateway, arn)) = row.map(|row| (row.gateway.clone(), row.arn.clone())) {
            model.list.executions_mut().change(id, |row| row.payloads = PayloadLocation::Reading);
            effects.push(Effect::ReadPayloads(id, gateway, arn));
        }
    }
    refresh(model);
    effects
}

/// Updates the comparison after one of the two has changed.
pub(in crate::app) fn refresh(model: &mut Model) {
    model.reader.refresh_comparison(|id| model.list.executions().get(id));
}
