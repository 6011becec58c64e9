//! Interning of texts that many rows share.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use crate::app::list::row::Row;
use stepgate_core::domain::{EndpointName, GatewayId, StateMachineArn};

/// Limit for texts of a kind, above which all are forgotten.
const MOST: usize = 1_000;

/// The interned texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Texts {
    gateways: HashSet<GatewayId>,
    endpoints: HashSet<EndpointName>,
    machines: HashSet<StateMachineArn>,
    machine_names: HashSet<Arc<str>>,
}

impl Texts {
    /// Replaces the texts of a row with the interned ones.
    pub(super) fn share(&mut self, row: &mut Row) {
        share(&mut self.gateways, &mut row.gateway);
        share(&mut self.endpoints, &mut row.endpoint);
        share(&mut self.machines, &mut row.machine);
        share(&mut self.machine_names, &mut row.machine_name);
    }
}

fn share<T: Clone + Eq + Hash>(known: &mut HashSet<T>, text: &mut T) {
    if let Some(same) = known.get(text) {
        text.clone_from(same);
        return;
    }
    if known.len() == MOST {
        known.clear();
    }
    known.insert(text.clone());
}
