//! The errors of AWS services in bodies.

/// Returns whether a body is certainly an error of an AWS service. Otherwise, `__type` may be a member of an output.
pub fn is_error(members: &serde_json::Value) -> bool {
    let has_message = ["message", "Message"].iter().any(|name| members[name].is_string());
    members["__type"].as_str().is_some_and(|word| word.contains('#') || has_message)
}
