//! The response of a Lambda function that API Gateway passes on as it is.

use crate::domain::Failure;
use crate::gateway::members::Members;
use crate::gateway::undecodable::undecodable;

/// Returns whether a body is meant for a Lambda proxy integration, which would unwrap it: `{"statusCode": 200, "body": ".."}`.
pub(super) fn is_envelope(body: &[u8]) -> bool {
    let members = Members::parse(body);
    members.is_some_and(|members| members.count("statusCode").is_some() && members.whole_text("body").is_some())
}

/// Returns the response inside, which the filter `.body | fromjson` returns as well.
pub(in crate::gateway) fn content(body: &[u8]) -> Result<Vec<u8>, Failure> {
    let content = Members::of_response(body)?.whole_text("body");
    content.map(String::into_bytes).ok_or_else(|| undecodable("the response is not wrapped in {statusCode, body}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_has_a_status_code_and_a_text() {
        for (body, expected) in [
            (r#"{"statusCode": 200, "headers": {}, "body": "{\"status\": \"RUNNING\"}"}"#, true),
            (r#"{"statusCode": "400", "body": ""}"#, true),
            (r#"{"statusCode": 200, "body": {"status": "RUNNING"}}"#, false),
            (r#"{"status": "RUNNING", "body": "x"}"#, false),
            (r#"["statusCode", "body"]"#, false),
            ("<html>", false),
        ] {
            assert_eq!(is_envelope(body.as_bytes()), expected, "{body}");
        }
    }
}
