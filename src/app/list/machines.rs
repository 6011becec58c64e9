//! The machines pane and the machine picker.

use std::sync::Arc;

use crate::app::keys::editor::{Editor, Lines};
use crate::app::list::machine_lists::MachineLists;
use crate::app::shell::geometry::first_visible;
use crate::app::shell::setup::EndpointInfo;
use stepgate_core::domain::{EndpointName, Failure, ListedMachine, Machine, Payload, StateMachineArn};

/// The index of a machine, which does not change while the UI runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MachineIndex(pub usize);

/// A line of the machines pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MachineLine {
    /// The name of an endpoint, above its machines.
    Endpoint(EndpointName),
    /// A machine.
    Machine(MachineIndex),
}

/// The machines in the configuration, and the selected one. Behind them, those that only the gateways list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Machines {
    list: Vec<Machine>,
    /// How many are in the configuration.
    configured: usize,
    lists: MachineLists,
    running: Vec<usize>,
    selected: usize,
    /// The endpoint whose machines are shown; `None` for all.
    scope: Option<EndpointName>,
    /// Whether there are several endpoints.
    has_groups: bool,
    /// The number of lines of the pane, which the layout of each frame depends on.
    line_count: usize,
}

impl Machines {
    /// Returns the machines by endpoint, in the order of the configuration.
    pub fn new(mut list: Vec<Machine>, endpoints: &[EndpointInfo]) -> Self {
        list.sort_by_key(|machine| endpoints.iter().position(|endpoint| endpoint.name == machine.endpoint));
        let running = vec![0; list.len()];
        let has_groups = endpoints.len() > 1;
        let (configured, lists) = (list.len(), MachineLists::default());
        let mut machines =
            Self { list, configured, lists, running, selected: 0, scope: None, has_groups, line_count: 0 };
        machines.line_count = machines.lines().len();
        machines
    }

    /// Returns the machines in the configuration, shown or not.
    pub fn list(&self) -> &[Machine] {
        &self.list[..self.configured]
    }

    /// Returns what is known about the gateways' lists.
    pub(crate) fn lists(&self) -> &MachineLists {
        &self.lists
    }

    /// Returns the endpoint whose machines are shown; `None` for all.
    pub(crate) fn scope(&self) -> Option<&EndpointName> {
        self.scope.as_ref()
    }

    /// Returns whether the machines of an endpoint have to be requested now.
    pub(in crate::app) fn request(&mut self, endpoint: &EndpointName) -> bool {
        self.lists.request(endpoint)
    }

    /// Adds the machines that a gateway lists and the configuration does not have.
    pub(in crate::app) fn on_listed(
        &mut self,
        endpoint: EndpointName,
        result: Result<(Vec<ListedMachine>, bool), Failure>,
    ) {
        let (listed, is_cut) = match result {
            Ok(listed) => listed,
            Err(failure) => return self.lists.on_failed(endpoint, failure),
        };
        self.lists.on_read(endpoint.clone(), is_cut.then_some(listed.len()));
        for ListedMachine { arn, machine_type } in listed {
            let is_known = |known: &Machine| known.endpoint == endpoint && known.arn.unqualified() == arn.unqualified();
            if self.list.iter().any(is_known) {
                continue;
            }
            let name: Arc<str> = arn.name().into();
            // A name of the configuration stands for its machine only.
            let name = if self.find(&name, &endpoint).is_some() { arn.as_str().into() } else { name };
            let (endpoint, input, presets) = (endpoint.clone(), Payload::empty_object(), Vec::new());
            self.list.push(Machine { name, endpoint, arn, machine_type, input, presets });
            self.running.push(0);
        }
    }

    /// Returns the machines that can be started at the endpoints that are shown: those in the configuration first.
    fn startable(&self) -> impl Iterator<Item = MachineIndex> {
        let listed = (self.configured..self.list.len()).map(MachineIndex);
        self.shown().chain(listed.filter(|index| self.is_in_scope(*index)))
    }

    /// Returns a machine.
    pub fn get(&self, index: MachineIndex) -> Option<&Machine> {
        self.list.get(index.0)
    }

    /// Returns the machines that are shown.
    pub fn shown(&self) -> impl Iterator<Item = MachineIndex> {
        let all = (0..self.configured).map(MachineIndex);
        all.filter(|index| self.is_in_scope(*index))
    }

    fn is_shown(&self, index: MachineIndex) -> bool {
        index.0 < self.configured && self.is_in_scope(index)
    }

    fn is_in_scope(&self, index: MachineIndex) -> bool {
        self.get(index).is_some_and(|machine| self.scope.as_ref().is_none_or(|scope| *scope == machine.endpoint))
    }

    /// Returns the lines in view, and the number of those above them. The first line is always the endpoint of the next one,
    /// if machines are grouped.
    pub(crate) fn window(&self, height: usize) -> (usize, Vec<MachineLine>) {
        let lines = self.lines();
        let selected = self.selected().map(MachineLine::Machine);
        let place = lines.iter().position(|line| Some(line) == selected.as_ref()).unwrap_or(0);
        let top = first_visible(place, lines.len(), height);
        let is_endpoint = |line: &&MachineLine| matches!(line, MachineLine::Endpoint(_));
        let above = lines.iter().take(top + 1).rev().find(is_endpoint).cloned();
        let mut window: Vec<MachineLine> = lines.into_iter().skip(top).take(height).collect();
        // In a single line, the selected machine is more useful.
        if let (Some(above), [first, _, ..]) = (above, &mut window[..]) {
            *first = above;
        }
        (top, window)
    }

    /// Returns the lines of the pane: the machines, grouped by endpoint if all of several endpoints are shown.
    fn lines(&self) -> Vec<MachineLine> {
        let mut lines = Vec::with_capacity(self.list.len());
        let mut last = None;
        for index in self.shown() {
            let endpoint = self.get(index).map(|machine| &machine.endpoint);
            if self.has_groups && self.scope.is_none() && endpoint != last {
                lines.extend(endpoint.cloned().map(MachineLine::Endpoint));
                last = endpoint;
            }
            lines.push(MachineLine::Machine(index));
        }
        lines
    }

    /// Returns the number of lines of the pane.
    pub(crate) fn line_count(&self) -> usize {
        self.line_count
    }

    /// Returns the selected machine; `None` if none is shown.
    pub fn selected(&self) -> Option<MachineIndex> {
        Some(MachineIndex(self.selected)).filter(|index| self.is_shown(*index))
    }

    /// Selects a machine, if it is shown.
    pub(in crate::app) fn select(&mut self, index: MachineIndex) {
        if self.is_shown(index) {
            self.selected = index.0;
        }
    }

    /// Moves the selection down, or up if negative.
    pub(in crate::app) fn step(&mut self, by: isize) {
        let shown: Vec<MachineIndex> = self.shown().collect();
        let place = shown.iter().position(|index| index.0 == self.selected).unwrap_or(0);
        let place = place.saturating_add_signed(by).min(shown.len().saturating_sub(1));
        if let Some(index) = shown.get(place) {
            self.selected = index.0;
        }
    }

    /// Shows the machines of an endpoint, or all. The selection moves to the same machine there, or to the first one.
    pub(super) fn set_scope(&mut self, scope: Option<EndpointName>) {
        self.scope = scope;
        self.line_count = self.lines().len();
        if self.selected().is_some() {
            return;
        }
        let name = self.list.get(self.selected).map(|machine| machine.name.clone());
        let is_same = |index: &MachineIndex| self.get(*index).map(|machine| &machine.name) == name.as_ref();
        let index = self.shown().find(is_same).or_else(|| self.shown().next());
        if let Some(index) = index {
            self.selected = index.0;
        }
    }

    /// Returns the same machine on the next endpoint that has it, shown or not; `None` if there is no other.
    pub fn on_next_endpoint(&self, index: MachineIndex) -> Option<MachineIndex> {
        let name = &self.get(index)?.name;
        let same = |other: &usize| self.list[*other].name == *name;
        let next = (index.0 + 1..self.list.len()).chain(0..index.0).find(same);
        next.map(MachineIndex)
    }

    /// Returns the index of the machine with this name and endpoint.
    pub fn find(&self, name: &Arc<str>, endpoint: &EndpointName) -> Option<MachineIndex> {
        self.list.iter().position(|machine| machine.name == *name && machine.endpoint == *endpoint).map(MachineIndex)
    }

    /// Returns the index of a machine with this ARN and endpoint.
    pub fn find_arn(&self, arn: &StateMachineArn, endpoint: &EndpointName) -> Option<MachineIndex> {
        self.list.iter().position(|machine| machine.arn == *arn && machine.endpoint == *endpoint).map(MachineIndex)
    }

    /// Returns the name of a machine, with its endpoint if all are shown and several have one of this name.
    pub fn label(&self, name: &str, endpoint: &EndpointName) -> String {
        let is_elsewhere = |machine: &Machine| *machine.name == *name && machine.endpoint != *endpoint;
        if self.scope.is_none() && self.list.iter().any(is_elsewhere) {
            format!("{name} · {endpoint}")
        } else {
            name.to_owned()
        }
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
    /// Returns a picker with the machines that are shown and the pane's selection.
    pub fn new(machines: &Machines) -> Self {
        let mut picker = Self { field: Editor::new("", Lines::One), found: Vec::new(), selected: 0 };
        picker.search(machines);
        picker.selected = picker.found.iter().position(|index| Some(*index) == machines.selected()).unwrap_or(0);
        picker
    }

    /// Finds the machines whose name, endpoint or ARN contains the typed text.
    pub(in crate::app) fn search(&mut self, machines: &Machines) {
        let needle = self.field.text().trim().to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&needle);
        let matches = |index: &MachineIndex| {
            machines.get(*index).is_some_and(|machine| {
                has(&machine.name) || has(machine.endpoint.as_str()) || has(machine.arn.as_str())
            })
        };
        self.found = machines.startable().filter(matches).collect();
        self.selected = 0;
    }

    /// Finds the machines again after a list has arrived. The same machine stays selected.
    pub(in crate::app) fn refresh(&mut self, machines: &Machines) {
        let selected = self.selected();
        self.search(machines);
        self.selected = self.found.iter().position(|index| Some(*index) == selected).unwrap_or(0);
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
