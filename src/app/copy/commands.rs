//! Commands that repeat a start: for a shell, with the places of secrets and never the secrets.

use crate::app::row::Row;
use crate::domain::{Auth, Endpoint, HeaderValue, Payload, SecretSource, StateMachineArn};

/// The most bytes of an argument that every system takes (Linux: `MAX_ARG_STRLEN`, 128 KiB).
const MOST_ARGUMENT: usize = 100 * 1024;

/// A curl command that starts the machine with this input, under a name that the service makes up: the same
/// name would be refused.
pub(super) fn curl(endpoint: &Endpoint, machine: &StateMachineArn, input: &Payload) -> String {
    let url = format!("{}{}", endpoint.url, endpoint.start_route);
    let mut words = vec![format!("curl -sS -X POST {}", quoted(&url)), "-H 'Content-Type: application/json'".into()];
    for (name, value) in &endpoint.headers {
        words.push(match value {
            HeaderValue::Text(text) => format!("-H {}", quoted(&format!("{name}: {text}"))),
            HeaderValue::Secret(source) => header(name, "", source),
        });
    }
    match &endpoint.auth {
        Auth::None => {}
        Auth::ApiKey(source) => words.push(header("x-api-key", "", source)),
        Auth::Bearer(bearer) => {
            let scheme = if bearer.scheme.is_empty() { String::new() } else { format!("{} ", bearer.scheme) };
            words.push(header(&bearer.header, &scheme, &bearer.token));
        }
        Auth::Iam { .. } => {
            let region = endpoint.region.as_deref().unwrap_or("REGION");
            words.push(format!("--aws-sigv4 {}", quoted(&format!("aws:amz:{region}:execute-api"))));
            words.push("--user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\"".into());
            words.push("-H \"x-amz-security-token: $AWS_SESSION_TOKEN\"".into());
        }
    }
    let body = serde_json::json!({ "stateMachineArn": machine.as_str(), "input": input.as_str() }).to_string();
    if body.len() > MOST_ARGUMENT {
        // Too long for an argument: by standard input.
        words.push("--data-binary @-".into());
        return format!("{} <<'EOF'\n{body}\nEOF\n", words.join(" \\\n  "));
    }
    words.push(format!("--data-binary {}", quoted(&body)));
    words.join(" \\\n  ")
}

/// A stepgate command that does.
pub(super) fn stepgate(row: &Row, input: &Payload) -> String {
    let start = format!("stepgate --endpoint {} start {}", quoted(row.endpoint.as_str()), quoted(row.machine.as_str()));
    if input.as_str().len() > MOST_ARGUMENT {
        return format!("{start} --input-file - <<'EOF'\n{}\nEOF\n", input.as_str());
    }
    format!("{start} --input {}", quoted(input.as_str()))
}

/// A header whose secret the shell looks up where stepgate does.
fn header(name: &str, before: &str, source: &SecretSource) -> String {
    let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let secret = match source {
        SecretSource::Env(variable) if is_name(variable) => format!("${variable}"),
        SecretSource::File(path) => format!("$(cat {})", quoted(&path.display().to_string())),
        SecretSource::Command(words) => {
            format!("$({})", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "))
        }
        SecretSource::Env(_) => "YOUR_SECRET".to_owned(),
    };
    format!("-H {}\"{secret}\"", quoted(&format!("{name}: {before}")))
}

/// A word for a POSIX shell: whatever is in it, it stays one word.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=,+%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Bearer, EndpointName};

    const ARN: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:Orders";

    fn machine() -> StateMachineArn {
        StateMachineArn::parse(ARN).expect("an ARN")
    }

    #[test]
    fn words_stay_words_whatever_is_in_them() {
        assert_eq!(quoted("order-1"), "order-1");
        assert_eq!(quoted("it's $HOME `x`"), r"'it'\''s $HOME `x`'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_curl_command_has_places_for_secrets() {
        let mut endpoint = Endpoint::plain("dev", "https://gate.example.com/dev");
        let input = Payload::received("{\"a\":1.0,\"who\":\"it's me\"}");
        endpoint.headers = vec![
            ("x-apigw-api-id".into(), HeaderValue::Text("s8l41c37mk".into())),
            ("x-own".into(), HeaderValue::Secret(SecretSource::File("/run/secrets/own key".into()))),
        ];
        endpoint.auth = Auth::ApiKey(SecretSource::Env("STEPGATE_API_KEY".into()));
        assert_eq!(
            curl(&endpoint, &machine(), &input),
            "curl -sS -X POST https://gate.example.com/dev/execution \\\n  -H 'Content-Type: application/json' \\\n  \
             -H 'x-apigw-api-id: s8l41c37mk' \\\n  -H 'x-own: '\"$(cat '/run/secrets/own key')\" \\\n  \
             -H 'x-api-key: '\"$STEPGATE_API_KEY\" \\\n  \
             --data-binary '{\"stateMachineArn\":\"arn:aws:states:us-east-1:000000000000:stateMachine:Orders\",\
             \"input\":\"{\\\"a\\\":1.0,\\\"who\\\":\\\"it'\\''s me\\\"}\"}'"
        );
        endpoint.headers.clear();
        let token = SecretSource::Command(vec!["op".into(), "read".into(), "op://a b".into()]);
        endpoint.auth = Auth::Bearer(Bearer { token, header: "Authorization".into(), scheme: "Bearer".into() });
        assert!(curl(&endpoint, &machine(), &input).contains("-H 'Authorization: Bearer '\"$(op read 'op://a b')\""));
        endpoint.auth = Auth::Iam { profile: None };
        endpoint.region = Some("us-east-1".into());
        assert!(curl(&endpoint, &machine(), &input).contains("--aws-sigv4 aws:amz:us-east-1:execute-api"));
    }

    #[test]
    fn what_is_too_long_for_an_argument_comes_by_standard_input() {
        let input = Payload::received(format!("\"{}\"", "x".repeat(200 * 1024)));
        let text = curl(&Endpoint::plain("dev", "https://x.example.com"), &machine(), &input);
        assert!(text.contains("--data-binary @- <<'EOF'\n{\"stateMachineArn\"") && text.ends_with("\nEOF\n"));
        assert_eq!(EndpointName::new("dev").as_str(), "dev");
    }
}
