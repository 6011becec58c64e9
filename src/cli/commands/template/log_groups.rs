//! Which log group the template's logs route reads for each machine. Pure.

use stepgate_core::domain::StateMachineArn;

/// The log groups of an endpoint's machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LogGroups {
    /// The machines share one, or there is none.
    Shared(Option<String>),
    /// One for each machine.
    Each(Vec<(StateMachineArn, String)>),
    /// The number of log groups, which differs from that of the machines.
    Mismatched(usize),
}

impl LogGroups {
    /// Assigns log groups to distinct machines in their order.
    pub(super) fn new(arns: &[String], machines: &[StateMachineArn]) -> Self {
        match arns {
            [] => Self::Shared(None),
            [arn] => Self::Shared(Some(arn.clone())),
            _ if arns.len() == machines.len() => {
                Self::Each(machines.iter().cloned().zip(arns.iter().cloned()).collect())
            }
            _ => Self::Mismatched(arns.len()),
        }
    }

    /// Returns the value of `LogGroupArns` for a stack, as a list.
    pub(super) fn of_machines(&self, machines: &[StateMachineArn]) -> Vec<String> {
        match self {
            Self::Shared(arn) => arn.iter().cloned().collect(),
            Self::Each(pairs) => {
                let group = |machine| pairs.iter().find(|(other, _)| other == machine).map(|(_, arn)| arn.clone());
                machines.iter().filter_map(group).collect()
            }
            Self::Mismatched(_) => Vec::new(),
        }
    }
}
