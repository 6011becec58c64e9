//! What is known about the gateway and the machine of a start, and what its requests and responses add to it.

use crate::domain::{
    ExecutionArn, Failure, GatewayFacts, MachineType, NameHandling, Route, StartOrder, StartRequestId, StartResponse,
    Timestamp,
};
use crate::gateway::Client;
use crate::lifecycle::attribution::Evidence;
use crate::lifecycle::{Knowledge, time_comparison};
use crate::start::starter::Starter;

impl Starter {
    pub(super) fn learn(&self, client: &Client, facts: GatewayFacts) {
        client.learn(facts);
        if let Some(store) = &self.store {
            store.learn(client.endpoint().facts_key(), facts);
        }
    }

    /// A request without the name cannot be repeated, whatever the gateway did with names so far.
    pub(super) fn learn_names_are_ignored(&self, client: &Client) {
        let facts = client.facts();
        if facts.names != NameHandling::Ignored {
            self.learn(client, GatewayFacts { names: NameHandling::Ignored, ..facts });
        }
    }

    /// Returns the type of the order's machine by its executions' ARNs.
    pub(super) async fn machine_type(&self, order: &StartOrder) -> MachineType {
        let machine = order.machine.unqualified();
        if let Some(shown) = self.seen().types.get(&(order.gateway.clone(), machine.clone())) {
            return *shown;
        }
        match &self.store {
            Some(store) => store.machine_type(order.gateway.clone(), machine).await.unwrap_or_default(),
            None => MachineType::Unknown,
        }
    }

    /// Records that an execution has shown the type of its machine, and belongs to this order.
    pub(super) fn claim(&self, order: &StartOrder, arn: &ExecutionArn) {
        let shown = if arn.is_describable() { MachineType::Standard } else { MachineType::Express };
        let mut seen = self.seen();
        if arn.machine() == order.machine.unqualified() {
            seen.types.insert((order.gateway.clone(), order.machine.unqualified()), shown);
        }
        seen.claims.add(&order.gateway, arn, &order.name);
    }

    /// Returns whether a response with another name is about another start's execution.
    pub(super) async fn evidence(
        &self,
        client: &Client,
        order: &StartOrder,
        record: Option<StartRequestId>,
        response: &Result<StartResponse, Failure>,
        first_sent: Timestamp,
    ) -> Evidence {
        let Ok(StartResponse { execution_arn: Some(arn), start_date, .. }) = response else {
            return Evidence::default();
        };
        if arn.name() == order.name.as_str() {
            return Evidence::default();
        }
        let claimed_now = self.seen().claims.has_other(&order.gateway, arn, &order.name);
        let is_claimed = claimed_now
            || match &self.store {
                Some(store) => store.is_claimed(order.gateway.clone(), arn.clone(), record).await.unwrap_or(false),
                None => false,
            };
        Evidence { is_claimed, predates: time_comparison::predates(*start_date, first_sent, client.clock_offset()) }
    }

    /// Returns what is known about the gateway, and about a machine.
    pub(super) fn knowledge(client: &Client, machine: MachineType) -> Knowledge {
        let endpoint = client.endpoint();
        let has_list = endpoint.route(Route::List).is_some();
        Knowledge { facts: client.facts(), configured: endpoint.names, machine, has_list }
    }
}
