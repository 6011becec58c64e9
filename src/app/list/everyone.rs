//! Executions that others have started, from lists of the gateways' latest executions.

use std::time::Duration;

use crate::app::effect::Effect;
use crate::app::list::row::{Group, PayloadLocation, Row};
use crate::app::list::stored;
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::start;
use stepgate_core::domain::{
    EndpointName, ExecutionArn, ExecutionId, ExecutionRecord, GatewayId, ListedExecution, MachineType, Route, Scope,
    StateMachineArn,
};

/// How long after the last key lists are still requested.
const ACTIVE: Duration = Duration::from_secs(600);

impl Model {
    /// Returns whether any endpoint lists executions.
    pub fn can_list(&self) -> bool {
        self.shell.endpoints().list().iter().any(|endpoint| endpoint.endpoint.route(Route::List).is_some())
    }

    /// Returns the machines whose latest executions are listed now: while everyone's are shown and the user is active.
    fn listed_machines(&self) -> Vec<(EndpointName, StateMachineArn)> {
        let is_watched = self.shell.has_terminal_focus() && self.shell.now().since(self.shell.last_input()) < ACTIVE;
        if self.list.scope() == Scope::Mine || !is_watched {
            return Vec::new();
        }
        let lists = |endpoint: &EndpointName| {
            let endpoint = self.shell.endpoints().find(endpoint);
            endpoint.is_some_and(|endpoint| endpoint.endpoint.route(Route::List).is_some())
        };
        let mut found = Vec::new();
        let machines = self.list.machines();
        for machine in machines.shown().filter_map(|index| machines.get(index)) {
            // `ListExecutions` does not support EXPRESS.
            if machine.machine_type != MachineType::Express && lists(&machine.endpoint) {
                let key = (machine.endpoint.clone(), machine.arn.unqualified());
                if !found.contains(&key) {
                    found.push(key);
                }
            }
        }
        found
    }
}

/// Returns the effect that changes which machines are listed, if it has to.
pub(in crate::app) fn due_listing(model: &mut Model) -> Option<Effect> {
    let machines = model.listed_machines();
    if machines == model.list.listed_machines {
        return None;
    }
    model.list.listed_machines.clone_from(&machines);
    Some(Effect::List(machines))
}

/// Shows everyone's executions, or only the user's.
pub(in crate::app) fn toggle(model: &mut Model) -> Vec<Effect> {
    let scope = model.list.scope().other();
    if scope == Scope::Everyone && !model.can_list() {
        let text = "No endpoint declares the route `list`, which everyone's executions need.";
        model.shell.reply(Level::Info, text);
        return Vec::new();
    }
    model.list.scope = scope;
    let mut effects = vec![Effect::ShowScope(scope)];
    if scope == Scope::Mine {
        effects.extend(remove_others(model));
    }
    effects
}

/// Removes the rows of executions that others have started; the store keeps them.
pub(in crate::app) fn remove_others(model: &mut Model) -> Vec<Effect> {
    let others = model.list.executions().rows().filter(|row| row.is_others);
    let others: Vec<_> = others.map(|row| (row.gateway.clone(), row.arn.clone())).collect();
    model.remove_rows(&others)
}

impl Model {
    /// Removes rows, and returns the effects that stop watching them.
    pub(in crate::app) fn remove_rows(&mut self, keys: &[(GatewayId, ExecutionArn)]) -> Vec<Effect> {
        let mut effects = Vec::new();
        for row in self.list.executions_mut().remove(keys) {
            self.list.left_to_others.remove(&row.id);
            if row.group() == Group::Running {
                self.list.machines_mut().count_end(&row.machine_name, &row.endpoint);
            }
            effects.push(Effect::Forget(row.id));
        }
        effects
    }
}

/// Adds the executions of a list that are not known yet. The watcher finds out about all others. The list does not contain
/// those that the user has removed.
pub(in crate::app) fn on_listed(
    model: &mut Model,
    endpoint: &EndpointName,
    listed: Vec<ListedExecution>,
) -> Vec<Effect> {
    let Some(gateway) = model.shell.endpoints().gateway_of(endpoint).cloned() else { return Vec::new() };
    let (mut effects, mut watched) = (Vec::new(), Vec::new());
    if model.list.scope() == Scope::Mine {
        return effects;
    }
    for listed in listed {
        let is_known = model.list.executions().find(&gateway, &listed.arn).is_some();
        let is_own = || {
            model
                .unsettled()
                .any(|order| order.gateway == gateway && order.machine.execution(&order.name) == listed.arn)
        };
        if is_known || !model.list.executions().reaches(listed.start_date) || is_own() {
            continue;
        }
        let record = record(model, endpoint, &gateway, listed);
        effects.push(Effect::SaveRecord(Box::new(record.clone())));
        let (_, row) = stored::row(model, record);
        let (machine_name, is_running) = (row.machine_name.clone(), row.group() == Group::Running);
        let id = model.list.executions_mut().add(row);
        if is_running {
            model.list.machines_mut().count_start(&machine_name, endpoint);
            watched.extend(model.list.executions().get(id).map(|row| start::update::watched(model, row)));
        }
    }
    if !watched.is_empty() {
        effects.push(Effect::Watch(watched));
    }
    if !effects.is_empty() {
        effects.push(Effect::CheckStore);
    }
    if model.list.executions().selected().is_none() {
        model.list.executions_mut().select_place(0);
    }
    effects
}

fn record(model: &Model, endpoint: &EndpointName, gateway: &GatewayId, listed: ListedExecution) -> ExecutionRecord {
    let machines = model.list.machines().list().iter();
    let configured = machines
        .filter(|machine| machine.endpoint == *endpoint && machine.arn.unqualified() == listed.machine.unqualified())
        .map(|machine| machine.name.clone())
        .next();
    let machine_name = configured.unwrap_or_else(|| listed.machine.name().into());
    let (gateway, endpoint) = (gateway.clone(), endpoint.clone());
    let record = ExecutionRecord::from_listed(gateway, endpoint, machine_name, listed, model.shell.now());
    ExecutionRecord { is_others: true, ..record }
}

/// Requests the input and output of an execution that has only been listed so far, once its row is selected and the store
/// turns out not to have them.
pub(in crate::app) fn describe_if_unknown(model: &mut Model, id: ExecutionId) -> Vec<Effect> {
    let is_unknown = |row: &&Row| {
        let is_watched = row.group() == Group::Running;
        row.is_others && row.payloads == PayloadLocation::NotStored && !is_watched && row.arn.is_describable()
    };
    let Some(row) = model.list.executions().get(id).filter(is_unknown) else { return Vec::new() };
    let is_selected = model.list.executions().selected().is_some_and(|row| row.id == id);
    if !is_selected || model.shell.endpoints().at(&row.gateway, &row.endpoint).is_none() {
        return Vec::new();
    }
    let watched = start::update::watched(model, row);
    model.list.described = Some(id);
    model.list.executions_mut().change(id, |row| row.payloads = PayloadLocation::Here);
    vec![Effect::Watch(vec![watched])]
}

/// Stops requesting the input and output of a row that is no longer selected.
pub(in crate::app) fn stop_describing(model: &mut Model, id: ExecutionId) -> Option<Effect> {
    model.list.described.take_if(|described| *described == id)?;
    let is_unanswered = model.list.executions().get(id).is_some_and(|row| row.input.is_none());
    if !is_unanswered {
        return None;
    }
    model.list.executions_mut().change(id, |row| row.payloads = PayloadLocation::InStore);
    Some(Effect::Forget(id))
}
