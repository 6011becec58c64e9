//! The machines pane and the machine picker.

use std::sync::Arc;

use crate::app::keys::editor::{Editor, Lines};
use stepgate_core::domain::{EndpointName, Machine, StateMachineArn};

/// The index of a machine in the configuration, which does not change while the UI runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MachineIndex(pub usize);

/// The machines in the configuration, and the selected one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Machines {
    list: Vec<Machine>,
    running: Vec<usize>,
    selected: usize,
}

impl Machines {
    /// Returns the machines in the order of the configuration.
    pub fn new(list: Vec<Machine>) -> Self {
        let running = vec![0; list.len()];
        Self { list, running, selected: 0 }
    }

    /// Returns all machines.
    pub fn list(&self) -> &[Machine] {
        &self.list
    }

    /// Returns a machine.
    pub fn get(&self, index: MachineIndex) -> Option<&Machine> {
        self.list.get(index.0)
    }

    /// Returns the selected machine; `None` if there are no machines.
    pub fn selected(&self) -> Option<MachineIndex> {
        (self.selected < self.list.len()).then_some(MachineIndex(self.selected))
    }

    /// Selects by index, or the last machine if the index is too large.
    pub(in crate::app) fn select(&mut self, place: usize) {
        self.selected = place.min(self.list.len().saturating_sub(1));
    }

    /// Returns the index of the machine with this name and endpoint.
    pub fn find(&self, name: &Arc<str>, endpoint: &EndpointName) -> Option<MachineIndex> {
        self.list.iter().position(|machine| machine.name == *name && machine.endpoint == *endpoint).map(MachineIndex)
    }

    /// Returns the index of a machine with this ARN and endpoint.
    pub fn find_arn(&self, arn: &StateMachineArn, endpoint: &EndpointName) -> Option<MachineIndex> {
        self.list.iter().position(|machine| machine.arn == *arn && machine.endpoint == *endpoint).map(MachineIndex)
    }

    /// Returns the number of running executions of a machine.
    pub fn running(&self, index: MachineIndex) -> usize {
        self.running.get(index.0).copied().unwrap_or(0)
    }

    /// Counts another running execution.
    pub(in crate::app) fn count_start(&mut self, name: &Arc<str>, endpoint: &EndpointName) {
        if let Some(index) = self.find(name, endpoint) {
            self.running[index.0] += 1;
        }
    }

    /// Counts one running execution less.
    pub(in crate::app) fn count_end(&mut self, name: &Arc<str>, endpoint: &EndpointName) {
        if let Some(index) = self.find(name, endpoint) {
            self.running[index.0] = self.running[index.0].saturating_sub(1);
        }
    }
}

/// The machine picker.
#[derive(Debug, Clone)]
pub struct Picker {
    /// The search field.
    pub field: Editor,
    found: Vec<MachineIndex>,
    selected: usize,
}

impl Picker {
    /// Returns a picker with all machines and the pane's selection.
    pub fn new(machines: &Machines) -> Self {
        let mut picker = Self { field: Editor::new("", Lines::One), found: Vec::new(), selected: 0 };
        picker.search(machines);
        picker.selected = machines.selected;
        picker
    }

    /// Finds the machines whose name, endpoint or ARN contains the typed text.
    pub(in crate::app) fn search(&mut self, machines: &Machines) {
        let needle = self.field.text().trim().to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&needle);
        self.found = machines
            .list
            .iter()
            .enumerate()
            .filter(|(_, machine)| has(&machine.name) || has(machine.endpoint.as_str()) || has(machine.arn.as_str()))
            .map(|(index, _)| MachineIndex(index))
            .collect();
        self.selected = 0;
    }

    /// Returns the matches.
    pub fn found(&self) -> &[MachineIndex] {
        &self.found
    }

    /// Returns the index of the selected match.
    pub fn selected_place(&self) -> usize {
        self.selected
    }

    /// Returns the selected match.
    pub fn selected(&self) -> Option<MachineIndex> {
        self.found.get(self.selected).copied()
    }

    /// Moves the selection down, or up if negative.
    pub(in crate::app) fn step(&mut self, by: isize) {
        self.selected = self.selected.saturating_add_signed(by).min(self.found.len().saturating_sub(1));
    }
}
