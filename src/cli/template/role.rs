//! The inline policy that the template gives its role, and the limits that decide how many state machines one stack can
//! have. Pure. `tests/suite/template.rs` compares it with what the template makes.

use serde_json::{Value, json};

use stepgate_core::domain::{Route, StateMachineArn};

/// IAM's limit for all inline policies of a role together, in bytes without white space; it cannot be raised.
pub(super) const POLICY_LIMIT: usize = 10_240;

/// CloudFormation's limit for the value of a parameter, in bytes.
pub(super) const PARAMETER_LIMIT: usize = 4_096;

/// What the limits are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    /// Of the role's policy.
    pub(super) policy: usize,
    /// Of the parameter `StateMachineArns`.
    pub(super) parameter: usize,
}

impl Sizes {
    /// For a stack with these machines, whose ARNs have neither version nor alias.
    pub(super) fn new(machines: &[StateMachineArn], keys: &[String], routes: &[Route]) -> Self {
        // JSON without white space, as CloudFormation hands it on; a machine's name has nothing that JSON escapes.
        Self { policy: policy(machines, keys, routes).to_string().len(), parameter: parameter(machines).len() }
    }

    /// Whether AWS takes the stack.
    pub(super) fn fit(self) -> bool {
        self.policy <= POLICY_LIMIT && self.parameter <= PARAMETER_LIMIT
    }
}

/// The value of the parameter `StateMachineArns`.
pub(super) fn parameter(machines: &[StateMachineArn]) -> String {
    machines.iter().map(StateMachineArn::as_str).collect::<Vec<_>>().join(",")
}

fn policy(machines: &[StateMachineArn], keys: &[String], routes: &[Route]) -> Value {
    let of_machines = |route: &Route| matches!(route, Route::Start | Route::List);
    let actions = |of_machine: bool| -> Vec<String> {
        let routes = routes.iter().filter(|route| of_machines(route) == of_machine);
        routes.map(|route| format!("states:{}", route.action())).collect()
    };
    let arns: Vec<&str> = machines.iter().map(StateMachineArn::as_str).collect();
    let qualified = arns.iter().map(|arn| format!("{arn}:*"));
    let executions = arns.iter().map(|arn| format!("{}:*", arn.replacen(":stateMachine:", ":execution:", 1)));
    let mut statements = vec![
        json!({
            "Sid": "Machines",
            "Effect": "Allow",
            "Action": actions(true),
            "Resource": arns.iter().map(|arn| (*arn).to_owned()).chain(qualified).collect::<Vec<_>>(),
        }),
        json!({
            "Sid": "Executions",
            "Effect": "Allow",
            "Action": actions(false),
            "Resource": executions.collect::<Vec<_>>(),
        }),
    ];
    if !keys.is_empty() {
        statements.push(json!({
            "Sid": "Keys",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": keys,
            "Condition": { "StringLike": { "kms:EncryptionContext:aws:states:stateMachineArn": arns } },
        }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most machines with names of this length that fit, with the two routes of every gateway or with all.
    fn most(name: usize, routes: &[Route]) -> usize {
        let arn = |index: usize| {
            let text = format!("arn:aws:states:ap-northeast-1:123456789012:stateMachine:{index:0name$}");
            StateMachineArn::parse(&text).expect("an ARN")
        };
        let fits = |count: &usize| Sizes::new(&(0..*count).map(arn).collect::<Vec<_>>(), &[], routes).fit();
        (1..100).take_while(fits).last().expect("one fits")
    }

    /// The figures of docs/template.md.
    #[test]
    fn so_many_machines_fit() {
        let counts = |routes: &[Route]| [80, 40, 20, 12].map(|name| most(name, routes));
        assert_eq!(counts(&Route::ALL[..2]), [23, 33, 42, 46]);
        assert_eq!(counts(&Route::ALL), [23, 33, 41, 46]);
    }
}
