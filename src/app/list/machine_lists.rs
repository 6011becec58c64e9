//! What is known about the lists of machines that gateways return, for the machine picker.

use std::collections::BTreeMap;

use stepgate_core::domain::{EndpointName, Failure, counted};

/// The list of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
enum MachineList {
    /// Requested, without a response yet.
    Requested,
    /// Read, with the number of machines if there are more.
    Read(Option<usize>),
    /// The request failed. Opening the picker again repeats it.
    Failed(Box<Failure>),
}

/// The lists by endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct MachineLists(BTreeMap<EndpointName, MachineList>);

impl MachineLists {
    /// Returns whether the list of an endpoint has to be requested now.
    pub(super) fn request(&mut self, endpoint: &EndpointName) -> bool {
        if let Some(MachineList::Requested | MachineList::Read(_)) = self.0.get(endpoint) {
            return false;
        }
        self.0.insert(endpoint.clone(), MachineList::Requested);
        true
    }

    /// Records that the list of an endpoint was read. `cut_at` is the number of machines if there are more.
    pub(super) fn on_read(&mut self, endpoint: EndpointName, cut_at: Option<usize>) {
        self.0.insert(endpoint, MachineList::Read(cut_at));
    }

    /// Records that the list of an endpoint could not be read.
    pub(super) fn on_failed(&mut self, endpoint: EndpointName, failure: Failure) {
        self.0.insert(endpoint, MachineList::Failed(Box::new(failure)));
    }

    /// Returns what is missing in the lists of an endpoint, or of all.
    pub(crate) fn note(&self, scope: Option<&EndpointName>) -> Option<String> {
        let mut shown = self.0.iter().filter(|(endpoint, _)| scope.is_none_or(|scope| scope == *endpoint));
        shown.find_map(|(endpoint, list)| match list {
            MachineList::Requested | MachineList::Read(None) => None,
            MachineList::Read(Some(count)) => Some(format!("{endpoint} has more than {}.", counted(*count, "machine"))),
            MachineList::Failed(failure) => Some(format!("the machines of {endpoint} cannot be listed: {failure}")),
        })
    }

    /// Returns whether a response is missing.
    pub(crate) fn is_reading(&self, scope: Option<&EndpointName>) -> bool {
        let mut shown = self.0.iter().filter(|(endpoint, _)| scope.is_none_or(|scope| scope == *endpoint));
        shown.any(|(_, list)| *list == MachineList::Requested)
    }
}
