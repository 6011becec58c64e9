//! Removing rows from the list, after a confirmation. The executions themselves are not changed.

use crate::app::effect::Effect;
use crate::app::keys::action::Action;
use crate::app::list::forms::Removal;
use crate::app::list::row::{Group, Row, RowState};
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use stepgate_core::domain::{ExecutionArn, ExecutionId, GatewayId};

impl Row {
    /// Returns whether it can be removed from the list.
    pub(crate) fn can_be_removed(&self) -> bool {
        objection(self).is_none()
    }
}

/// Returns why a row stays in the list.
fn objection(row: &Row) -> Option<&'static str> {
    match &row.state {
        RowState::Unresolved(_) => Some("it is not known yet whether it was started"),
        RowState::NeverStarted(_) => Some("it was not started; s starts it"),
        _ if row.group() == Group::Running && !row.is_others => Some("it has not ended"),
        _ => None,
    }
}

/// Opens the confirmation for the marked executions or the selected one, or shows why they stay.
pub(in crate::app) fn open(model: &mut Model) {
    let executions = model.list.executions();
    let marked: Vec<&Row> = executions.marked().filter_map(|id| executions.get(id)).collect();
    let (mut rows, is_marked) = (marked, executions.marked().next().is_some());
    if !is_marked {
        rows = executions.selected().into_iter().collect();
    }
    let count = rows.len();
    let refused =
        rows.iter().find_map(|row| objection(row).map(|why| format!("{} stays in the list: {why}.", row.arn.name())));
    rows.retain(|row| objection(row).is_none());
    let removal = Removal {
        subjects: rows.iter().map(|row| row.id).collect(),
        name: if let [row] = &rows[..] { Some(row.arn.name().to_owned()) } else { None },
        left_out: count - rows.len(),
    };
    match (removal.subjects.is_empty(), refused) {
        (false, _) => model.shell.open(Overlay::Removal(Box::new(removal))),
        (true, Some(why)) if count == 1 => model.shell.reply(Level::Info, why),
        (true, Some(_)) => {
            let text = "None of the marked executions has ended; they stay in the list.";
            model.shell.reply(Level::Info, text);
        }
        (true, None) => model.shell.reply(Level::Info, "No execution selected."),
    }
}

/// Handles a key in the confirmation.
pub(in crate::app) fn press(model: &mut Model, action: Option<Action>) -> Vec<Effect> {
    let Overlay::Removal(removal) = model.shell.overlay() else { return Vec::new() };
    match action {
        Some(Action::Accept) => {
            let ids = removal.subjects.clone();
            model.shell.close_overlay();
            remove(model, &ids)
        }
        Some(Action::Cancel) => {
            model.shell.close_overlay();
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn remove(model: &mut Model, ids: &[ExecutionId]) -> Vec<Effect> {
    let rows = ids.iter().filter_map(|id| model.list.executions().get(*id));
    let keys: Vec<(GatewayId, ExecutionArn)> = rows.map(|row| (row.gateway.clone(), row.arn.clone())).collect();
    model.list.executions_mut().unmark_all();
    let mut effects = model.remove_rows(&keys);
    model.list.refresh_groups(model.shell.now());
    effects.push(Effect::Remove(keys));
    effects
}
