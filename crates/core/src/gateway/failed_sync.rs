//! The failure of an EXPRESS execution as the AWS CDK's integration of `StartSyncExecution` returns it: HTTP 500 with
//! `{"error": "..", "cause": ".."}` and nothing else (aws-cdk, `apigateway/lib/integrations/stepfunctions.ts`).

use serde_json::json;

use crate::gateway::members::Members;

/// Returns such a response in the form of `StartSyncExecution`; `None` for any other response.
pub(super) fn outcome(http_status: u16, body: &[u8]) -> Option<Vec<u8>> {
    if http_status != 500 {
        return None;
    }
    let (error, cause) = match Members::parse(body) {
        Some(members) if members.iter().all(|(name, _)| matches!(name, "error" | "cause")) => {
            (members.whole_text("error")?, members.whole_text("cause")?)
        }
        Some(_) => return None,
        None => unescaped(std::str::from_utf8(body).ok()?)?,
    };
    Some(json!({ "status": "FAILED", "error": error, "cause": cause }).to_string().into_bytes())
}

/// The CDK's mapping template does not escape the texts, and the cause of a Lambda function's error is JSON.
fn unescaped(text: &str) -> Option<(String, String)> {
    let members = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let rest = value(members.strip_prefix("\"error\"")?)?.strip_suffix('"')?;
    let (error, cause) = rest.split_once("\"cause\"")?;
    let error = error.trim_end().strip_suffix(',')?.trim_end().strip_suffix('"')?;
    Some((error.to_owned(), value(cause)?.to_owned()))
}

/// Returns what follows a colon and a quotation mark.
fn value(text: &str) -> Option<&str> {
    text.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_error_and_a_cause_are_a_failed_execution() {
        let found = |body: &str| {
            let outcome: serde_json::Value = serde_json::from_slice(&outcome(500, body.as_bytes())?).expect("JSON");
            assert_eq!(outcome["status"], "FAILED");
            Some((outcome["error"].as_str()?.to_owned(), outcome["cause"].as_str()?.to_owned()))
        };
        let pair = |error: &str, cause: &str| Some((error.to_owned(), cause.to_owned()));
        assert_eq!(found(r#"{"error":"Refused","cause":"no \"credit\""}"#), pair("Refused", "no \"credit\""));
        assert_eq!(found("{\n\"error\": \"\",\n\"cause\": \"\"\n}"), pair("", ""));
        let lambda = r#"{"errorMessage":"boom","trace":["a"]}"#;
        let body = format!("{{\n\"error\": \"Error\",\n\"cause\": \"{lambda}\"\n}}\n");
        assert_eq!(found(&body), pair("Error", lambda));
        for other in [
            r#"{"message":"Internal server error"}"#,
            r#"{"error":"Bad request!"}"#,
            r#"{"error":"E","cause":"c","message":"m"}"#,
            r#"{"error":{"code":1},"cause":"c"}"#,
            r#"{"error":"E","cause":null}"#,
            "{}",
            "",
            "<html>\"error\": \"a\", \"cause\": \"b\"</html>",
        ] {
            assert_eq!(found(other), None, "{other}");
        }
        assert_eq!(outcome(502, br#"{"error":"E","cause":"c"}"#), None);
        assert_eq!(outcome(200, br#"{"error":"E","cause":"c"}"#), None);
    }
}
