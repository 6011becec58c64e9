//! Whether an execution received the input that was sent. Values are compared, not texts: a gateway may reformat JSON.

use serde_json::Value;

use crate::domain::{InputChange, InputDigest, Payload, Warning};

/// Members of a mapping's request context.
const WRAPPING: [&str; 8] =
    ["header", "headers", "path", "pathParameters", "querystring", "queryString", "requestContext", "params"];

/// How an input arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    /// It arrived byte for byte.
    Unchanged,
    /// The same JSON arrived in another notation.
    Reformatted,
    /// A different input arrived.
    Changed(InputChange),
}

/// Compares the received input with the sent one; `None` if they cannot be compared.
pub fn reception(sent: &Payload, received: &Payload) -> Option<Reception> {
    if sent == received {
        return Some(Reception::Unchanged);
    }
    let (digest, of_received) = (sent.digest()?, received.digest()?);
    Some(if digest == of_received { Reception::Reformatted } else { Reception::Changed(classify(&digest, received)) })
}

/// Compares the received input with the digest of the sent one.
pub fn compare(sent: &InputDigest, received: &Payload) -> Option<Warning> {
    // Only JSON can be compared.
    let digest = received.digest()?;
    (digest != *sent).then(|| Warning::InputChanged(classify(sent, received)))
}

fn classify(sent: &InputDigest, received: &Payload) -> InputChange {
    let is_sent = |text: &str| Payload::received(text).digest().as_ref() == Some(sent);
    let has_sent = |value: Option<&Value>| match value {
        Some(Value::String(text)) => is_sent(text),
        Some(value) => is_sent(&value.to_string()),
        None => false,
    };
    match serde_json::from_str(received.as_str()) {
        Ok(Value::Object(members)) if members.is_empty() => InputChange::Dropped,
        Ok(Value::Object(members)) => {
            let has = |name: &str| members.contains_key(name);
            let is_wrapped = has("body")
                && (members.len() == 1 || WRAPPING.iter().any(|name| has(name)) || has_sent(members.get("body")));
            // A `request` filter may have left other members out.
            if (has("stateMachineArn") && has("input")) || has_sent(members.get("input")) {
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
            (r#"{"body":"{\"order\": 1}","requestTime":"now"}"#, Some(InputChange::Wrapped)),
            (r#"{"body":{"order":2},"requestTime":"now"}"#, Some(InputChange::Other)),
            (r#"{"input":{"order":1}}"#, Some(InputChange::WholeRequest)),
            (r#"{"input":"{\"order\": 1}","name":"n"}"#, Some(InputChange::WholeRequest)),
            (r#"{"input":{"order":2}}"#, Some(InputChange::Other)),
            (r#""{\"order\": 1.0}""#, Some(InputChange::Quoted)),
            ("{}", Some(InputChange::Dropped)),
            (r#"{"order":2}"#, Some(InputChange::Other)),
            ("null", Some(InputChange::Other)),
        ] {
            assert_eq!(change(received), expected, "{received}");
        }
        let received = |text: &str| reception(&sent, &Payload::received(text));
        assert_eq!(received(r#"{"order": 1.0}"#), Some(Reception::Unchanged));
        assert_eq!(received(r#"{"order":1}"#), Some(Reception::Reformatted));
        assert_eq!(received("{}"), Some(Reception::Changed(InputChange::Dropped)));
        assert_eq!(received("not JSON"), None);
    }
}
