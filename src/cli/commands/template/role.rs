//! The inline policy of the template's role, and the limits on the number of state machines per stack. Pure.
//! `tests/suite/template.rs` compares the policy with the template's.

use serde_json::{Value, json};

use stepgate_core::domain::{Route, RouteSubject, StateMachineArn};

/// IAM's limit for all inline policies of a role together, in bytes without white space; it cannot be raised.
pub(super) const POLICY_LIMIT: usize = 10_240;

/// CloudFormation's limit for the value of a parameter, in bytes.
pub(super) const PARAMETER_LIMIT: usize = 4_096;

/// Sizes in bytes that AWS limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    /// Of the role's policy.
    pub(super) policy: usize,
    /// Of the parameter `StateMachineArns`.
    pub(super) parameter: usize,
    /// Of the parameter `LogGroupArns`.
    pub(super) log_groups: usize,
}

/// What the policy of a stack depends on besides its machines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grants<'a> {
    pub(super) keys: &'a [String],
    pub(super) routes: &'a [Route],
}

impl Sizes {
    /// Computes the sizes for machines without versions and aliases, and for log groups without `:*`.
    pub(super) fn new(machines: &[StateMachineArn], log_groups: &[String], grants: Grants<'_>) -> Self {
        // CloudFormation sends JSON without white space; machine names need no JSON escapes.
        Self {
            policy: policy(machines, log_groups, grants).to_string().len(),
            parameter: parameter(machines).len(),
            log_groups: log_groups.join(",").len(),
        }
    }

    /// Whether AWS accepts the stack.
    pub(super) fn fit(self) -> bool {
        self.policy <= POLICY_LIMIT && self.parameter.max(self.log_groups) <= PARAMETER_LIMIT
    }
}

/// Returns the value of the parameter `StateMachineArns`.
pub(super) fn parameter(machines: &[StateMachineArn]) -> String {
    machines.iter().map(StateMachineArn::as_str).collect::<Vec<_>>().join(",")
}

/// Returns the statement of the policy that allows the action of a route.
fn statement(route: Route) -> &'static str {
    match (route, route.subject()) {
        (Route::Logs, _) => "Logs",
        (_, RouteSubject::Start | RouteSubject::Machine) => "Machines",
        (_, RouteSubject::Execution) => "Executions",
        (_, RouteSubject::Account) => "List",
    }
}

fn policy(machines: &[StateMachineArn], log_groups: &[String], grants: Grants<'_>) -> Value {
    let Grants { keys, routes } = grants;
    let actions = |sid: &str| -> Vec<String> {
        let routes = routes.iter().filter(|route| statement(**route) == sid);
        routes.map(|route| format!("states:{}", route.action())).collect()
    };
    let arns: Vec<&str> = machines.iter().map(StateMachineArn::as_str).collect();
    let qualified = arns.iter().map(|arn| format!("{arn}:*"));
    let executions = arns.iter().map(|arn| format!("{}:*", arn.replacen(":stateMachine:", ":execution:", 1)));
    let mut statements = vec![
        json!({
            "Sid": "Machines",
            "Effect": "Allow",
            "Action": actions("Machines"),
            "Resource": arns.iter().map(|arn| (*arn).to_owned()).chain(qualified).collect::<Vec<_>>(),
        }),
        json!({
            "Sid": "Executions",
            "Effect": "Allow",
            "Action": actions("Executions"),
            "Resource": executions.collect::<Vec<_>>(),
        }),
    ];
    if routes.contains(&Route::Logs) {
        statements.push(json!({
            "Sid": "Logs",
            "Effect": "Allow",
            "Action": "logs:FilterLogEvents",
            "Resource": log_groups.iter().map(|arn| format!("{arn}:*")).collect::<Vec<_>>(),
        }));
    }
    if routes.contains(&Route::Machines) {
        statements.push(json!({
            "Sid": "List",
            "Effect": "Allow",
            "Action": "states:ListStateMachines",
            "Resource": "*",
        }));
    }
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

    /// Returns how many machines with names of this length fit, with one log group for all.
    fn capacity(name: usize, routes: &[Route]) -> usize {
        let log_group = "arn:aws:logs:ap-northeast-1:123456789012:log-group:/aws/vendedlogs/states/express".to_owned();
        let arn = |index: usize| {
            let text = format!("arn:aws:states:ap-northeast-1:123456789012:stateMachine:{index:0name$}");
            StateMachineArn::parse(&text).expect("an ARN")
        };
        let log_groups = if routes.contains(&Route::Logs) { vec![log_group] } else { Vec::new() };
        let grants = Grants { keys: &[], routes };
        let fits = |count: &usize| Sizes::new(&(0..*count).map(arn).collect::<Vec<_>>(), &log_groups, grants).fit();
        (1..100).take_while(fits).last().expect("one fits")
    }

    /// The figures of docs/template.md.
    #[test]
    fn the_number_of_machines_that_fit_is_documented() {
        let counts = |routes: &[Route]| [80, 40, 20, 12].map(|name| capacity(name, routes));
        assert_eq!(counts(&Route::ALL[..2]), [23, 33, 42, 46]);
        assert_eq!(counts(&Route::ALL), [22, 32, 40, 44]);
    }
}
