//! Starts that have not been sent yet: one that is cancelled, or that the end of the program interrupts, was certainly
//! not sent.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::{ExecutionName, GatewayId, Settled, StartOrder, StartRequestId, Timestamp};
use crate::store::Store;

/// Starts that wait to be sent, for example for credentials. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Waiting(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    /// Sending has ended.
    is_closed: bool,
    last: u64,
    unsent: BTreeMap<u64, Entry>,
}

struct Entry {
    key: (GatewayId, ExecutionName),
    record: Option<(Store, StartRequestId)>,
    clock: fn() -> Timestamp,
}

impl Entry {
    /// Records that the start was not sent.
    fn settle(self) -> (GatewayId, ExecutionName) {
        if let Some((store, id)) = self.record {
            store.settle(id, Settled::NeverStarted, (self.clock)());
        }
        self.key
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waiting")
    }
}

impl Waiting {
    /// Adds a start.
    pub(super) fn add(
        &self,
        order: &StartOrder,
        store: Option<&Store>,
        record: Option<StartRequestId>,
        clock: fn() -> Timestamp,
    ) -> Unsent {
        let mut entries = self.entries();
        entries.last += 1;
        let number = entries.last;
        let entry =
            Entry { key: (order.gateway.clone(), order.name.clone()), record: store.cloned().zip(record), clock };
        if entries.is_closed {
            entry.settle();
        } else {
            entries.unsent.insert(number, entry);
        }
        Unsent { waiting: self.clone(), number }
    }

    /// Ends sending. Returns the starts that were not sent.
    pub(super) fn close(&self) -> Vec<(GatewayId, ExecutionName)> {
        let mut entries = self.entries();
        entries.is_closed = true;
        std::mem::take(&mut entries.unsent).into_values().map(Entry::settle).collect()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of these starts. Records on drop that it was not sent.
pub(super) struct Unsent {
    waiting: Waiting,
    number: u64,
}

impl Unsent {
    /// Returns whether it may be sent. From then on it counts as sent.
    pub(super) fn may_be_sent(self) -> bool {
        self.take().is_some()
    }

    fn take(&self) -> Option<Entry> {
        self.waiting.entries().unsent.remove(&self.number)
    }
}

impl Drop for Unsent {
    fn drop(&mut self) {
        if let Some(entry) = self.take() {
            entry.settle();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Endpoint, EndpointName, MachineType, NameOrigin, Payload, StateMachineArn};

    fn order(name: &str) -> StartOrder {
        StartOrder {
            endpoint: EndpointName::new("e"),
            gateway: Endpoint::plain("e", "http://127.0.0.1:9/dev").gateway(),
            machine_name: "m".into(),
            machine: StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:M").expect("an ARN"),
            machine_type: MachineType::Standard,
            name: ExecutionName::parse(name).expect("a name"),
            origin: NameOrigin::Generated,
            input: Payload::received("{}"),
        }
    }

    #[test]
    fn starts_not_sent_at_the_end_are_known_and_never_sent() {
        let (waiting, clock) = (Waiting::default(), || Timestamp::from_millis(0));
        let add = |name: &str| waiting.add(&order(name), None, None, clock);
        let (sent, cancelled, waits) = (add("sent"), add("cancelled"), add("waits"));
        assert!(sent.may_be_sent());
        drop(cancelled);
        let closed = waiting.close();
        assert_eq!(closed.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["waits"]);
        assert!(!waits.may_be_sent() && !add("late").may_be_sent());
        assert!(waiting.close().is_empty());
    }
}
