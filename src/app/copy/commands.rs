//! Commands that repeat a start: for a shell, with the places of secrets and never the secrets. They do what the
//! client of the endpoint does.

use crate::app::copy::shell::{fits_argument, option, printed, program, word};
use crate::app::setup::EndpointInfo;
use crate::app::text::visible_json;
use crate::domain::endpoint::is_loopback;
use crate::domain::{Auth, Endpoint, HeaderValue, Payload, Proxy, SecretSource, StateMachineArn};

/// The client's own deadlines, in seconds.
const DEADLINES: &str = "--connect-timeout 10 --max-time 32";

/// A curl command that starts the machine with this input, under a name that the service makes up: the same
/// name would be refused.
pub(super) fn curl(endpoint: &Endpoint, machine: &StateMachineArn, input: &Payload) -> String {
    let url = format!("{}{}", endpoint.url, endpoint.start_route);
    let mut words = vec![format!("curl -sS -X POST {}", word(&url)), DEADLINES.to_owned()];
    // Brackets and braces would be a list of URLs.
    words.extend(url.contains(['[', ']', '{', '}']).then(|| "--globoff".to_owned()));
    words.extend(connection(endpoint, &url));
    words.push("-H 'Content-Type: application/json'".into());
    for (name, value) in &endpoint.headers {
        words.push(match value {
            // Without a value curl would leave the header out.
            HeaderValue::Text(text) if text.trim().is_empty() => format!("-H {}", word(&format!("{name};"))),
            HeaderValue::Text(text) => format!("-H {}", word(&format!("{name}: {text}"))),
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
            let region = endpoint.region.as_deref().map_or("\"${AWS_REGION:?}\"".to_owned(), word);
            words.push(format!("--aws-sigv4 aws:amz:{region}:execute-api"));
            words.push("--user \"${AWS_ACCESS_KEY_ID:?}:${AWS_SECRET_ACCESS_KEY:?}\"".into());
            words.push("-H \"x-amz-security-token: $AWS_SESSION_TOKEN\"".into());
        }
    }
    let body = serde_json::json!({ "stateMachineArn": machine.as_str(), "input": input.as_str() }).to_string();
    let body = visible_json(&body);
    let command = if fits_argument(&body) {
        words.push(format!("--data-binary {}", word(&body)));
        words.join(" \\\n  ")
    } else {
        words.push("--data-binary @-".into());
        format!("{} | {}", printed(&body), words.join(" \\\n  "))
    };
    match &endpoint.auth {
        // The variables are set for this command only.
        Auth::Iam { profile: Some(profile) } => {
            let export = format!("aws configure export-credentials {} --format env", option("--profile", profile));
            format!("(eval \"$({export})\" && {command})")
        }
        _ => command,
    }
}

/// Certificates and proxies.
fn connection(endpoint: &Endpoint, url: &str) -> Vec<String> {
    let file = |name: &str, path: &std::path::Path| format!("{name} {}", word(&path.display().to_string()));
    let mut words: Vec<String> = endpoint.ca_file.iter().map(|path| file("--cacert", path)).collect();
    if let Some(certificate) = &endpoint.client_certificate {
        // curl takes what is behind a colon for a password.
        let path = certificate.file.display().to_string().replace('\\', r"\\").replace(':', r"\:");
        words.push(format!("--cert {}", word(&path)));
        words.extend(certificate.key.iter().map(|key| file("--key", key)));
    }
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    match &endpoint.proxy {
        Proxy::Environment if !is_loopback(host) && !is_loopback(authority) => {}
        Proxy::Environment | Proxy::Direct => words.push("--noproxy '*'".into()),
        Proxy::At { url, login } => {
            // Whatever NO_PROXY says.
            words.push(format!("--proxy {} --noproxy ''", word(url)));
            words.extend(
                login.iter().map(|(user, password)| {
                    format!("--proxy-user {}\"{}\"", word(&format!("{user}:")), secret(password))
                }),
            );
        }
    }
    if endpoint.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        words.push("--http1.1".into());
    }
    words
}

/// A stepgate command that does the same.
pub(super) fn stepgate(endpoint: &EndpointInfo, machine: &StateMachineArn, input: &Payload) -> String {
    let (first, options) =
        endpoint.command.split_first().map_or(("stepgate", &[][..]), |(first, rest)| (first.as_str(), rest));
    let mut words = vec![program(first)];
    words.extend(options.iter().map(|option| word(option)));
    words.push(format!("start {}", word(machine.as_str())));
    if fits_argument(input.as_str()) {
        words.push(option("--input", input.as_str()));
        return words.join(" ");
    }
    words.push("--input-file -".into());
    format!("{} | {}", printed(input.as_str()), words.join(" "))
}

/// A header whose secret the shell looks up where stepgate does.
fn header(name: &str, before: &str, source: &SecretSource) -> String {
    format!("-H {}\"{}\"", word(&format!("{name}: {before}")), secret(source))
}

/// What a shell puts the secret in the place of, between double quotes.
fn secret(source: &SecretSource) -> String {
    let is_name = |text: &str| {
        text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !text.starts_with(|c: char| c.is_ascii_digit())
    };
    match source {
        // Without it nothing is sent.
        SecretSource::Env(variable) if is_name(variable) => format!("${{{variable}:?}}"),
        SecretSource::Env(variable) => format!("$(printenv {})", word(variable)),
        // A file may end with a line break of Windows.
        SecretSource::File(path) => format!("$(tr -d '\\r\\n' <{})", word(&path.display().to_string())),
        SecretSource::Member(source, path) => {
            let inner = secret(source);
            let read = match inner.strip_prefix("$(").and_then(|inner| inner.strip_suffix(')')) {
                Some(command) => command.to_owned(),
                None => format!("printf %s \"{inner}\""),
            };
            let names = path.names().iter().map(|name| format!("[{}]", serde_json::Value::from(name.as_str())));
            format!("$({read} | jq -r {})", word(&format!(".{}", names.collect::<String>())))
        }
        SecretSource::Command(words) => {
            let (first, rest) = words.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
            let words = std::iter::once(program(first)).chain(rest.iter().map(|argument| word(argument)));
            format!("$({})", words.collect::<Vec<_>>().join(" "))
        }
    }
}

#[cfg(test)]
mod tests;
