//! Shell commands that repeat a start. They contain the sources of secrets, never the secrets, and do what stepgate's
//! own client does.

use crate::app::copy::secret::{Purpose, condition, looked_up};
use crate::app::copy::shell::{fits_argument, option, printed, program, word};
use crate::app::shell::setup::EndpointInfo;
use crate::format::text::visible_json;
use stepgate_core::domain::endpoint::is_loopback;
use stepgate_core::domain::route_path::{self, PathValues};
use stepgate_core::domain::{
    Auth, Endpoint, HeaderValue, Method, Payload, Placeholder, Proxy, SecretSource, StateMachineArn,
};

/// The timeouts of stepgate's own client, in seconds.
const TIMEOUTS: &str = "--connect-timeout 10 --max-time 32";

/// Returns why there is no curl command for this endpoint.
pub(in crate::app) fn curl_objection(endpoint: &Endpoint) -> Option<&'static str> {
    let start = &endpoint.start_route;
    if start.request.is_some() {
        return Some("No curl command: the route `start` has a `request` filter. Copy the stepgate command.");
    }
    route_path::has(&start.path, Placeholder::Name)
        .then_some("No curl command: the path of the route `start` needs a new name. Copy the stepgate command.")
}

/// Returns a curl command that starts the machine with this input. The service generates the name, since it would refuse
/// the same name.
pub(in crate::app) fn curl(endpoint: &Endpoint, machine: &StateMachineArn, input: &Payload) -> String {
    let settings = &endpoint.start_route;
    let path =
        route_path::expand(&settings.path, PathValues::Machine(machine)).unwrap_or(settings.path.as_str().into());
    let url = format!("{}{path}", endpoint.url);
    let mut words = vec![format!("curl -sS -X {} {}", settings.method.as_str(), word(&url)), TIMEOUTS.to_owned()];
    // curl would expand brackets and braces to a list of URLs.
    words.extend(url.contains(['[', ']', '{', '}']).then(|| "--globoff".to_owned()));
    words.extend(connection(endpoint, &url));
    words.extend((settings.method == Method::Post).then(|| "-H 'Content-Type: application/json'".into()));
    for (name, value) in &endpoint.headers {
        words.push(match value {
            // Without a value curl would omit the header.
            HeaderValue::Text(text) if text.trim().is_empty() => format!("-H {}", word(&format!("{name};"))),
            HeaderValue::Text(text) => format!("-H {}", word(&format!("{name}: {text}"))),
            HeaderValue::Secret(source) => header(name, "", source, Purpose::Value),
        });
    }
    match &endpoint.auth {
        Auth::None => {}
        Auth::ApiKey(source) => words.push(header("x-api-key", "", source, Purpose::Value)),
        Auth::Bearer(bearer) => {
            let scheme = if bearer.scheme.is_empty() { String::new() } else { format!("{} ", bearer.scheme) };
            words.push(header(&bearer.header, &scheme, &bearer.token, Purpose::Token(&bearer.scheme)));
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
    let command = if settings.method == Method::Get {
        words.join(" \\\n  ")
    } else if fits_argument(&body) {
        words.push(format!("--data-binary {}", word(&body)));
        words.join(" \\\n  ")
    } else {
        words.push("--data-binary @-".into());
        format!("{} | {}", printed(&body), words.join(" \\\n  "))
    };
    let mut conditions: Vec<String> = Vec::new();
    for condition in sources(endpoint).filter_map(condition) {
        if !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    let command = conditions.concat() + &command;
    match &endpoint.auth {
        // In a subshell, so that the variables are set for this command only.
        Auth::Iam { profile: Some(profile) } => {
            let export = format!("aws configure export-credentials {} --format env", option("--profile", profile));
            format!("(eval \"$({export})\" && {command})")
        }
        _ => command,
    }
}

/// Returns the options for certificates and proxies.
fn connection(endpoint: &Endpoint, url: &str) -> Vec<String> {
    let file = |name: &str, path: &std::path::Path| format!("{name} {}", word(&path.display().to_string()));
    let mut words: Vec<String> = endpoint.ca_file.iter().map(|path| file("--cacert", path)).collect();
    if let Some(certificate) = &endpoint.client_certificate {
        // curl takes the text after a colon for a password.
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
            // stepgate ignores NO_PROXY for a configured proxy.
            words.push(format!("--proxy {} --noproxy ''", word(url)));
            words.extend(login.iter().map(|(user, password)| {
                format!("--proxy-user {}\"{}\"", word(&format!("{user}:")), looked_up(password, Purpose::Password))
            }));
        }
    }
    if endpoint.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        words.push("--http1.1".into());
    }
    words
}

/// Returns a stepgate command that starts the machine with this input.
pub(in crate::app) fn stepgate(endpoint: &EndpointInfo, machine: &StateMachineArn, input: &Payload) -> String {
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

/// Returns a header whose secret the shell reads from the same source as stepgate.
fn header(name: &str, before: &str, source: &SecretSource, purpose: Purpose<'_>) -> String {
    format!("-H {}\"{}\"", word(&format!("{name}: {before}")), looked_up(source, purpose))
}

/// Returns the sources of all secrets in the command.
fn sources(endpoint: &Endpoint) -> impl Iterator<Item = &SecretSource> {
    let headers = endpoint.headers.iter().filter_map(|(_, value)| match value {
        HeaderValue::Secret(source) => Some(source),
        HeaderValue::Text(_) => None,
    });
    let auth = match &endpoint.auth {
        Auth::ApiKey(source) => Some(source),
        Auth::Bearer(bearer) => Some(&bearer.token),
        Auth::None | Auth::Iam { .. } => None,
    };
    let proxy = match &endpoint.proxy {
        Proxy::At { login: Some((_, password)), .. } => Some(password),
        _ => None,
    };
    headers.chain(auth).chain(proxy)
}

#[cfg(test)]
mod tests;
