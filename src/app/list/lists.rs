//! The list feature's part of the model: machines, executions and their groups, and what the store has of them.

use std::collections::BTreeSet;

use crate::app::list::executions::{Executions, Older};
use crate::app::list::expected_duration::ExpectedDurations;
use crate::app::list::groups::Groups;
use crate::app::list::machines::Machines;
use crate::app::list::row::{Group, PayloadLocation};
use stepgate_core::domain::durations::Durations;
use stepgate_core::domain::{EndpointName, ExecutionId, GatewayId, Scope, StateMachineArn, Timestamp};

/// The machines and executions, and how they are shown.
#[derive(Debug, Clone)]
pub struct Lists {
    machines: Machines,
    executions: Executions,
    /// The executions grouped by machine, if shown that way.
    groups: Option<Groups>,
    expected_durations: ExpectedDurations,
    /// The running executions in view, as last reported to the watcher.
    visible_running: Vec<ExecutionId>,
    /// The location of payloads that rows have released: the store, unless there is none.
    pub(super) released_to: PayloadLocation,
    /// Why nothing can be stored at the moment.
    pub(super) store_error: Option<String>,
    /// Running executions that another process watches.
    pub(super) left_to_others: BTreeSet<ExecutionId>,
    /// Whose executions are shown.
    pub(super) scope: Scope,
    /// The machines whose latest executions the watcher lists.
    pub(super) listed_machines: Vec<(EndpointName, StateMachineArn)>,
    /// The row whose input and output have been requested from the gateway.
    pub(super) described: Option<ExecutionId>,
    /// Whether to select the end of the list once it has been read from the store.
    pub(super) seeks_end: bool,
}

impl Lists {
    /// Returns the lists before anything has been read from the store.
    pub(in crate::app) fn new(machines: Machines, store_error: Option<String>) -> Self {
        Self {
            machines,
            executions: Executions::default(),
            groups: None,
            expected_durations: ExpectedDurations::default(),
            visible_running: Vec::new(),
            released_to: if store_error.is_none() { PayloadLocation::InStore } else { PayloadLocation::Dropped },
            store_error,
            left_to_others: BTreeSet::new(),
            scope: Scope::default(),
            listed_machines: Vec::new(),
            described: None,
            seeks_end: false,
        }
    }

    /// Shows the machines and executions of an endpoint with its gateway, or of all.
    pub(in crate::app) fn set_scope(
        &mut self,
        endpoint: Option<EndpointName>,
        gateway: Option<GatewayId>,
        now: Timestamp,
    ) {
        self.machines.set_scope(endpoint);
        self.executions.set_scope(gateway);
        self.refresh_groups(now);
        self.seeks_end = false;
    }

    /// Returns the machines in the configuration.
    pub fn machines(&self) -> &Machines {
        &self.machines
    }

    /// Returns the machines, mutably.
    pub(in crate::app) fn machines_mut(&mut self) -> &mut Machines {
        &mut self.machines
    }

    /// Counts the running executions of each machine.
    pub(super) fn count_running(&mut self) {
        for row in self.executions.rows().filter(|row| row.group() == Group::Running) {
            self.machines.count_start(&row.machine_name, &row.endpoint);
        }
    }

    /// Returns the executions.
    pub fn executions(&self) -> &Executions {
        &self.executions
    }

    /// Returns the executions, mutably.
    pub(in crate::app) fn executions_mut(&mut self) -> &mut Executions {
        &mut self.executions
    }

    /// Returns the executions grouped by machine, if shown that way.
    pub fn groups(&self) -> Option<&Groups> {
        self.groups.as_ref()
    }

    /// Returns the groups, mutably.
    pub(in crate::app) fn groups_mut(&mut self) -> Option<&mut Groups> {
        self.groups.as_mut()
    }

    /// Groups the executions by machine, or lists them again.
    pub(in crate::app) fn toggle_groups(&mut self, now: Timestamp) {
        self.groups = if self.groups.is_none() { Some(Groups::new(&self.executions, now)) } else { None };
    }

    /// Lists the executions again and returns the groups, if they were shown.
    pub(in crate::app) fn take_groups(&mut self) -> Option<Groups> {
        self.groups.take()
    }

    /// Recomputes the groups after rows have left.
    pub(in crate::app) fn refresh_groups(&mut self, now: Timestamp) {
        if let Some(groups) = &mut self.groups {
            groups.refresh(&self.executions, now);
        }
    }

    /// Recomputes the groups if something has changed and the last time is long enough ago.
    pub(in crate::app) fn refresh_groups_if_stale(&mut self, now: Timestamp) {
        if let Some(groups) = &mut self.groups {
            groups.refresh_if_stale(&self.executions, now);
        }
    }

    /// Returns the duration statistics of the machines.
    pub fn expected_durations(&self) -> &ExpectedDurations {
        &self.expected_durations
    }

    /// Sets the duration statistics of a machine.
    pub(in crate::app) fn set_durations(
        &mut self,
        endpoint: EndpointName,
        machine: StateMachineArn,
        durations: Durations,
    ) {
        self.expected_durations.set(endpoint, machine, durations);
    }

    /// Sets the running executions in view, and returns them if they have changed.
    pub(in crate::app) fn set_visible_running(&mut self, visible: Vec<ExecutionId>) -> Option<Vec<ExecutionId>> {
        if visible == self.visible_running {
            return None;
        }
        self.visible_running.clone_from(&visible);
        Some(visible)
    }

    /// Returns whose executions are shown.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Returns why nothing can be stored at the moment.
    pub fn store_error(&self) -> Option<&str> {
        self.store_error.as_deref()
    }

    /// Returns whether the screen changes without an event.
    pub(in crate::app) fn is_live(&self) -> bool {
        self.executions.counts().running > 0
            || self.groups.as_ref().is_some_and(|groups| groups.is_stale(&self.executions))
    }

    /// Moves the selection by this many rows; `to_end` continues to the end of what the store has.
    pub(in crate::app) fn step(&mut self, by: isize, to_end: bool) {
        let (place, older) = (self.executions.selected_place().unwrap_or(0), self.executions.older());
        self.executions.select_place(place.saturating_add_signed(by));
        self.seeks_end = to_end && matches!(older, Older::From(_) | Older::Reading);
    }
}
