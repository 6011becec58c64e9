//! The part of IAM that the policies of a gateway need: whether IAM accepts a policy, and whether the policy allows a
//! request.

use serde_json::Value;

/// The most bytes of all inline policies of a role together, without white space.
pub const ROLE_POLICY_LIMIT: usize = 10_240;

/// The size that counts for the limit.
pub fn size(policy: &Value) -> usize {
    policy.to_string().len()
}

/// What IAM says when it is given the inline policy of a role.
pub fn accept(policy: &Value) -> Result<(), String> {
    if size(policy) > ROLE_POLICY_LIMIT {
        return Err(format!("Maximum policy size of {ROLE_POLICY_LIMIT} bytes exceeded for role"));
    }
    if let Some(other) = policy.to_string().chars().find(|c| !('\u{20}'..='\u{FF}').contains(c)) {
        return Err(format!("the policy has the character {other:?}"));
    }
    for statement in policy["Statement"].as_array().expect("statements") {
        for resource in texts(&statement["Resource"]) {
            if resource != "*" && (!resource.starts_with("arn:") || resource.matches(':').count() < 5) {
                return Err(format!("Resource {resource} must be in ARN format or \"*\"."));
            }
        }
    }
    Ok(())
}

/// Whether the policy allows an action on a resource, in a request with these condition keys.
pub fn allows(policy: &Value, action: &str, resource: &str, keys: &[(&str, &str)]) -> bool {
    policy["Statement"].as_array().expect("statements").iter().any(|statement| {
        assert_eq!(statement["Effect"], "Allow");
        for member in statement.as_object().expect("a statement").keys() {
            assert!(["Sid", "Effect", "Action", "Resource", "Condition"].contains(&member.as_str()), "{member}");
        }
        texts(&statement["Action"]).iter().any(|pattern| matches(pattern, action))
            && texts(&statement["Resource"]).iter().any(|pattern| matches(pattern, resource))
            && holds(&statement["Condition"], keys)
    })
}

fn holds(condition: &Value, keys: &[(&str, &str)]) -> bool {
    let Some(operators) = condition.as_object() else { return true };
    operators.iter().all(|(operator, wanted)| {
        let is_met = |wanted: &str, value: &str| match operator.as_str() {
            "StringEquals" => wanted == value,
            "StringLike" => matches(wanted, value),
            _ => panic!("no operator: {operator}"),
        };
        wanted.as_object().expect("keys").iter().all(|(key, wanted)| {
            let value = keys.iter().find(|(name, _)| name == key).map(|(_, value)| *value);
            value.is_some_and(|value| texts(wanted).iter().any(|wanted| is_met(wanted, value)))
        })
    })
}

/// One text, or a list of them.
pub fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().map(|item| item.as_str().expect("a text")).collect(),
        other => panic!("no text: {other}"),
    }
}

/// IAM's wildcards: `*` is any characters, `?` is one.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pattern = pattern.chars();
    match pattern.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = pattern.as_str();
            text.char_indices().any(|(at, _)| matches(rest, &text[at..])) || matches(rest, "")
        }
        Some(c) => {
            let mut rest = text.chars();
            rest.next().is_some_and(|first| c == '?' || c == first) && matches(pattern.as_str(), rest.as_str())
        }
    }
}
