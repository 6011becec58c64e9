//! Whether an execution received the input that was sent. Values are compared, not texts: a gateway may reformat JSON.

use serde_json::Value;

use crate::domain::{InputChange, InputDigest, Payload, Warning};

/// Members of a mapping's request context.
const WRAPPING: [&str; 8] =
    ["header", "headers", "path", "pathParameters", "querystring", "queryString", "requestContext", "params"];

/// Compares the received input with the digest of the sent one.
pub fn compare(sent: &InputDigest, received: &Payload) -> Option<Warning> {
    // Only JSON can be compared.
    let digest = received.digest()?;
    (digest != *sent).then(|| Warning::InputChanged(classify(sent, received)))
}

fn classify(sent: &InputDigest, received: &Payload) -> InputChange {
    let is_sent = |text: &str| Payload::received(text).digest().as_ref() == Some(sent);
    match serde_json::from_str(received.as_str()) {
        Ok(Value::Object(members)) if members.is_empty() => InputChange::Dropped,
        Ok(Value::Object(members)) => {
            let has = |name: &str| members.contains_key(name);
            let is_wrapped = has("body") && (members.len() == 1 || WRAPPING.iter().any(|name| has(name)));
            if has("stateMachineArn") && has("input") {
                InputChange::WholeRequest
            } else if is_wrapped {
                InputChange::Wrapped
            } else {
                InputChange::Other
            }
        }
        Ok(Value::String(text)) if is_sent(&text) => InputChange::Quoted,
        _ => InputChange::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_received_input_reveals_the_kind_of_mapping() {
        let sent = Payload::received(r#"{"order": 1.0}"#);
        let digest = sent.digest().expect("JSON");
        let change = |received: &str| match compare(&digest, &Payload::received(received)) {
            Some(Warning::InputChanged(change)) => Some(change),
            _ => None,
        };
        for (received, expected) in [
            (r#"{"order":1}"#, None),
            ("not JSON", None),
            (r#"{"stateMachineArn":"arn","name":"n","input":"{}"}"#, Some(InputChange::WholeRequest)),
            (r#"{"body":{"order":1},"header":{},"path":{}}"#, Some(InputChange::Wrapped)),
            (r#"{"body":{"order":1}}"#, Some(InputChange::Wrapped)),
            (r#""{\"order\": 1.0}""#, Some(InputChange::Quoted)),
            ("{}", Some(InputChange::Dropped)),
            (r#"{"order":2}"#, Some(InputChange::Other)),
            ("null", Some(InputChange::Other)),
        ] {
            assert_eq!(change(received), expected, "{received}");
        }
    }
}
