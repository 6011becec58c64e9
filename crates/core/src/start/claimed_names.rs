//! The names sent for executions that this process has started.

use std::collections::{BTreeMap, VecDeque};

use crate::domain::{ExecutionArn, ExecutionName, GatewayId};

/// Maximum number of executions. The store has older ones.
const MOST: usize = 2_000;

type Key = (GatewayId, ExecutionArn);

/// The names sent for the latest executions.
#[derive(Debug, Default)]
pub(super) struct Claims {
    names: BTreeMap<Key, ExecutionName>,
    /// Oldest first.
    order: VecDeque<Key>,
}

impl Claims {
    pub(super) fn add(&mut self, gateway: &GatewayId, arn: &ExecutionArn, name: &ExecutionName) {
        let key = (gateway.clone(), arn.clone());
        if self.names.insert(key.clone(), name.clone()).is_some() {
            return;
        }
        if self.order.len() >= MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.names.remove(&oldest);
        }
        self.order.push_back(key);
    }

    /// Returns whether a start with another name has led to this execution.
    pub(super) fn has_other(&self, gateway: &GatewayId, arn: &ExecutionArn, name: &ExecutionName) -> bool {
        self.names.get(&(gateway.clone(), arn.clone())).is_some_and(|known| known != name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_claims_are_known_and_older_ones_take_no_memory() {
        let (gateway, mut claims) = (GatewayId::new("http://localhost/dev"), Claims::default());
        let names: Vec<ExecutionName> =
            (0..MOST + 10).map(|index| ExecutionName::parse(&format!("run-{index}")).expect("a name")).collect();
        let arn = |index: usize| {
            let text = format!("arn:aws:states:us-east-1:111122223333:execution:M:e-{index}");
            ExecutionArn::parse(&text).expect("an ARN")
        };
        for (index, name) in names.iter().enumerate() {
            claims.add(&gateway, &arn(index), name);
            claims.add(&gateway, &arn(index), name);
        }
        assert_eq!((claims.names.len(), claims.order.len()), (MOST, MOST));
        assert!(claims.order.capacity() < 2 * MOST, "{}", claims.order.capacity());
        assert!(claims.has_other(&gateway, &arn(MOST), &names[0]));
        assert!(!claims.has_other(&gateway, &arn(MOST), &names[MOST]));
        assert!(!claims.has_other(&gateway, &arn(9), &names[0]));
    }
}
