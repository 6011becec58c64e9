//! Which executions can be stopped or redriven, and why others cannot.

use crate::app::control::{ControlForm, Intervention};
use crate::app::guard;
use crate::app::list::row::{Group, Row, RowState};
use crate::app::model::Model;
use stepgate_core::domain::{ExecutionId, Guard, counted};

impl Model {
    /// Returns why an operation cannot be applied to an execution.
    pub fn objection(&self, intervention: Intervention, row: &Row) -> Option<String> {
        if self.shell.is_read_only() {
            return Some("the configuration says read-only = true".to_owned());
        }
        if !row.arn.is_describable() || matches!(row.state, RowState::Synchronous(_)) {
            return Some("it is an EXPRESS execution".to_owned());
        }
        let endpoint = self.shell.endpoints().find(&row.endpoint);
        let Some(endpoint) = endpoint else {
            return Some("its endpoint is no longer in the configuration".to_owned());
        };
        let route = intervention.route();
        if endpoint.endpoint.route(route).is_none() {
            let (name, key, path) = (&endpoint.name, route.key(), route.default_path());
            return Some(format!(
                "the endpoint `{name}` declares no route `{key}`; if the gateway has one, set {key} = \"{path}\" in \
                 {}",
                name.header_of("routes")
            ));
        }
        match (intervention, row.group(), &row.state) {
            (_, _, RowState::Unresolved(_) | RowState::NeverStarted(_)) => Some("there may be no execution".to_owned()),
            (Intervention::Stop, Group::Running, _) | (Intervention::Stop, _, RowState::Lost(..)) => None,
            (Intervention::Stop, ..) => Some(format!("it is already {}", row.status_text())),
            (Intervention::Redrive, Group::Failed | Group::TimedOut | Group::Aborted, RowState::Seen(seen)) => {
                match seen.redrive.status.as_deref() {
                    None | Some("REDRIVABLE") => None,
                    Some(status) => {
                        let reason = seen.redrive.status_reason.as_deref().unwrap_or("no reason was given");
                        Some(format!("it is {status}: {reason}"))
                    }
                }
            }
            (Intervention::Redrive, ..) => Some(format!(
                "it is {}; only FAILED, TIMED_OUT and ABORTED executions can be redriven",
                row.status_text()
            )),
        }
    }

    /// Returns the confirmation for the marked executions or the selected one, or why there is nothing to act on.
    pub(in crate::app) fn control_form(&self, intervention: Intervention) -> Result<ControlForm, String> {
        let marked: Vec<&Row> =
            self.list.executions().marked().filter_map(|id| self.list.executions().get(id)).collect();
        if marked.is_empty() {
            let row = self.selected().ok_or("No execution selected.")?;
            return match self.objection(intervention, row) {
                None => {
                    let name = row.arn.name().to_owned();
                    Ok(ControlForm::new(intervention, vec![row.id], self.guard_of(&[row.id]), name, 0))
                }
                Some(why) => Err(format!("{} cannot be {}: {why}.", row.arn.name(), intervention.done())),
            };
        }
        let subjects: Vec<ExecutionId> =
            marked.iter().filter(|row| self.objection(intervention, row).is_none()).map(|row| row.id).collect();
        let left_out = marked.len() - subjects.len();
        let objection = marked.iter().find_map(|row| self.objection(intervention, row));
        if let Some(why) = objection.filter(|_| subjects.is_empty()) {
            let none = match left_out {
                1 => "The marked execution cannot".to_owned(),
                _ => format!("None of the {} can", counted(left_out, "marked execution")),
            };
            return Err(format!("{none} be {}: {why}.", intervention.done()));
        }
        let (guard, count) = (self.guard_of(&subjects), subjects.len().to_string());
        Ok(ControlForm::new(intervention, subjects, guard, count, left_out))
    }

    /// Returns the guard of a request about executions.
    fn guard_of(&self, ids: &[ExecutionId]) -> Guard {
        let rows = ids.iter().filter_map(|id| self.list.executions().get(*id));
        guard::update::guard(self, rows.map(|row| (&row.gateway, &row.endpoint)))
    }
}
