//! The machines to choose from: the pane, and the list that is searched while typing.

use std::sync::Arc;

use crate::app::input::editor::{Editor, Lines};
use stepgate_core::domain::{EndpointName, Machine, StateMachineArn};

/// Which machine, as an index into the configuration's list, which never changes while the UI runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MachineIndex(pub usize);

/// The machines of the configuration, and the chosen one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Machines {
    list: Vec<Machine>,
    running: Vec<usize>,
    selected: usize,
}

impl Machines {
    /// In the order of the configuration.
    pub fn new(list: Vec<Machine>) -> Self {
        let running = vec![0; list.len()];
        Self { list, running, selected: 0 }
    }

    /// All of them.
    pub fn list(&self) -> &[Machine] {
        &self.list
    }

    /// One of them.
    pub fn get(&self, index: MachineIndex) -> Option<&Machine> {
        self.list.get(index.0)
    }

    /// The chosen one; `None` when there are none.
    pub fn selected(&self) -> Option<MachineIndex> {
        (self.selected < self.list.len()).then_some(MachineIndex(self.selected))
    }

    /// Chooses one; the last one when there are not so many.
    pub fn select(&mut self, place: usize) {
        self.selected = place.min(self.list.len().saturating_sub(1));
    }

    /// Where the profile with this name and endpoint stands.
    pub fn find(&self, name: &Arc<str>, endpoint: &EndpointName) -> Option<MachineIndex> {
        self.list.iter().position(|machine| machine.name == *name && machine.endpoint == *endpoint).map(MachineIndex)
    }

    /// Where a profile for this state machine and endpoint stands.
    pub fn find_arn(&self, arn: &StateMachineArn, endpoint: &EndpointName) -> Option<MachineIndex> {
        self.list.iter().position(|machine| machine.arn == *arn && machine.endpoint == *endpoint).map(MachineIndex)
    }

    /// How many executions of it run.
    pub fn running(&self, index: MachineIndex) -> usize {
        self.running.get(index.0).copied().unwrap_or(0)
    }

    /// One more runs.
    pub fn count_start(&mut self, name: &Arc<str>, endpoint: &EndpointName) {
        if let Some(index) = self.find(name, endpoint) {
            self.running[index.0] += 1;
        }
    }

    /// One less runs.
    pub fn count_end(&mut self, name: &Arc<str>, endpoint: &EndpointName) {
        if let Some(index) = self.find(name, endpoint) {
            self.running[index.0] = self.running[index.0].saturating_sub(1);
        }
    }
}

/// Choosing a machine by typing a part of its name.
#[derive(Debug, Clone)]
pub struct Picker {
    /// What has been typed.
    pub field: Editor,
    found: Vec<MachineIndex>,
    selected: usize,
}

impl Picker {
    /// With all machines, the chosen one of the pane chosen.
    pub fn new(machines: &Machines) -> Self {
        let mut picker = Self { field: Editor::new("", Lines::One), found: Vec::new(), selected: 0 };
        picker.search(machines);
        picker.selected = machines.selected;
        picker
    }

    /// Finds the machines with what has been typed in their name, endpoint or ARN.
    pub fn search(&mut self, machines: &Machines) {
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

    /// Those found.
    pub fn found(&self) -> &[MachineIndex] {
        &self.found
    }

    /// Which of those found is chosen.
    pub fn selected_place(&self) -> usize {
        self.selected
    }

    /// The chosen one.
    pub fn selected(&self) -> Option<MachineIndex> {
        self.found.get(self.selected).copied()
    }

    /// Goes up or down.
    pub fn step(&mut self, by: isize) {
        self.selected = self.selected.saturating_add_signed(by).min(self.found.len().saturating_sub(1));
    }
}
