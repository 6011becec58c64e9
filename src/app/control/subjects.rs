//! What can be stopped or redriven, and why something cannot.

use crate::app::control::{Deed, SteerForm};
use crate::app::list::row::{Group, Row, Standing};
use crate::app::model::Model;
use stepgate_core::domain::ExecutionId;

impl Model {
    /// Why something cannot be done to an execution.
    pub fn objection(&self, deed: Deed, row: &Row) -> Option<String> {
        if self.read_only {
            return Some("the configuration says read-only = true".to_owned());
        }
        let endpoint = self.endpoints.iter().find(|endpoint| endpoint.name == row.endpoint);
        let Some(endpoint) = endpoint else {
            return Some("its endpoint is no longer in the configuration".to_owned());
        };
        let route = deed.route();
        if endpoint.endpoint.route(route).is_none() {
            let (name, key, path) = (&endpoint.name, route.key(), route.usual_path());
            return Some(format!(
                "the endpoint `{name}` declares no route `{key}`; where the gateway has one, say {key} = \"{path}\" in \
                 [endpoints.{name}.routes]"
            ));
        }
        if !row.arn.is_describable() {
            return Some("it is an EXPRESS execution".to_owned());
        }
        match (deed, row.group(), &row.standing) {
            (_, _, Standing::Unresolved(_) | Standing::NeverStarted(_)) => Some("there may be no execution".to_owned()),
            (Deed::Stop, Group::Running, _) | (Deed::Stop, _, Standing::Lost(..)) => None,
            (Deed::Stop, ..) => Some(format!("it is {} already", row.word())),
            (Deed::Redrive, Group::Failed | Group::TimedOut | Group::Aborted, Standing::Seen(seen)) => {
                match seen.redrive.status.as_deref() {
                    None | Some("REDRIVABLE") => None,
                    Some(status) => {
                        let reason = seen.redrive.status_reason.as_deref().unwrap_or("no reason was given");
                        Some(format!("it is {status}: {reason}"))
                    }
                }
            }
            (Deed::Redrive, ..) => {
                Some(format!("it is {}; only FAILED, TIMED_OUT and ABORTED executions can be redriven", row.word()))
            }
        }
    }

    /// The form for what is marked, or for the selected one; or why there is nothing to do it to.
    pub(in crate::app) fn steer_form(&self, deed: Deed) -> Result<SteerForm, String> {
        let marked: Vec<&Row> = self.executions.marked().filter_map(|id| self.executions.get(id)).collect();
        if marked.is_empty() {
            let row = self.selected().ok_or("No execution selected.")?;
            return match self.objection(deed, row) {
                None => Ok(SteerForm::new(deed, vec![row.id], row.arn.name().to_owned(), 0)),
                Some(why) => Err(format!("{} cannot be {}: {why}.", row.arn.name(), deed.done())),
            };
        }
        let subjects: Vec<ExecutionId> =
            marked.iter().filter(|row| self.objection(deed, row).is_none()).map(|row| row.id).collect();
        let left_out = marked.len() - subjects.len();
        match marked.iter().find_map(|row| self.objection(deed, row)).filter(|_| subjects.is_empty()) {
            Some(why) => Err(format!("None of the {left_out} that are marked can be {}: {why}.", deed.done())),
            None => Ok(SteerForm::new(deed, subjects.clone(), subjects.len().to_string(), left_out)),
        }
    }
}
