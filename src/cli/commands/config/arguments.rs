//! The arguments of `stepgate config init`.

use std::path::PathBuf;

use clap::Args;

use stepgate_core::domain::{Method, Placeholder, Route, RouteSettings, RouteSubject, route_path};

/// Write a working configuration with comments, or find out the configuration of a gateway.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct InitArguments {
    /// The gateway's full URL, with its stage if it has one. Nothing is sent to it.
    #[arg(long)]
    pub(super) url: Option<String>,
    /// A state machine's ARN.
    #[arg(long, value_name = "ARN")]
    pub(super) machine: Option<String>,
    /// The environment variable that holds the gateway's API key.
    #[arg(long, value_name = "NAME")]
    pub(super) api_key_env: Option<String>,
    #[command(flatten)]
    pub(super) discovery: DiscoveryArguments,
}

#[derive(Debug, Default, Args)]
pub(in crate::cli) struct DiscoveryArguments {
    /// Query the gateway with this URL, and print its configuration. Starts, stops and redrives nothing.
    #[arg(value_name = "URL", conflicts_with = "url")]
    pub(super) gateway: Option<String>,
    /// Write the configuration of the gateway: to a new file, or as a new endpoint at the end of an existing one.
    #[arg(long, requires = "gateway")]
    pub(super) write: bool,
    /// The name of the endpoint; without it, the stage of the URL.
    #[arg(long, value_name = "NAME", requires = "gateway")]
    pub(super) name: Option<String>,
    /// The environment variable that holds a token for the header Authorization.
    #[arg(long, value_name = "NAME", requires = "gateway", conflicts_with = "api_key_env")]
    pub(super) bearer_env: Option<String>,
    /// Sign requests with AWS credentials.
    #[arg(long, requires = "gateway", conflicts_with_all = ["api_key_env", "bearer_env"])]
    pub(super) iam: bool,
    /// The profile with the AWS credentials.
    #[arg(long, value_name = "NAME", requires = "iam")]
    pub(super) profile: Option<String>,
    /// The AWS region, if the host name does not contain it.
    #[arg(long, requires = "gateway")]
    pub(super) region: Option<String>,
    /// Certificates to trust in addition to the system's.
    #[arg(long, value_name = "FILE", requires = "gateway")]
    pub(super) ca_file: Option<PathBuf>,
    /// The path of a route, if it is not the usual one, such as `status=/jobs/status` or `status=/jobs/{name}`. It is
    /// requested with POST, or with GET if it has a placeholder; `status=POST /jobs/{name}` sets the method. Repeatable.
    #[arg(long = "route", value_name = "ROUTE=PATH", requires = "gateway", value_parser = route)]
    pub(super) routes: Vec<(Route, RouteSettings)>,
}

fn route(text: &str) -> Result<(Route, RouteSettings), String> {
    let keys = || Route::ALL.map(Route::key).join(", ");
    let (key, value) = text.split_once('=').ok_or("expected ROUTE=PATH, such as status=/jobs/status")?;
    let route = Route::ALL.into_iter().find(|route| route.key() == key);
    let route = route.ok_or_else(|| format!("expected one of these routes: {}", keys()))?;
    let is_start = route.subject() == RouteSubject::Start;
    let (method, path) = match value.split_once(' ') {
        Some(("GET", _)) if is_start => return Err("a GET request cannot send the input of a start; use POST".into()),
        Some(("GET", path)) => (Method::Get, path),
        Some(("POST", path)) => (Method::Post, path),
        Some((word, _)) if !word.contains('/') => return Err(format!("expected GET or POST, found `{word}`")),
        _ if value.contains('{') && !is_start => (Method::Get, value),
        _ => (Method::Post, value),
    };
    route_path::check(path, route).map_err(|error| error.to_string())?;
    let names_execution =
        [Placeholder::ExecutionArn, Placeholder::Name].iter().any(|known| route_path::has(path, *known));
    if method == Method::Get && route.subject() == RouteSubject::Execution && !names_execution {
        return Err("a GET request has no body: the path needs {executionArn} or {name}".into());
    }
    Ok((route, RouteSettings { method, ..path.into() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_has_a_path_and_a_method() {
        for (text, expected) in [
            ("status=/jobs/status", "POST /jobs/status"),
            ("status=/jobs/{name}", "GET /jobs/{name}"),
            ("status=/s?a=b=c&arn={executionArn}", "GET /s?a=•••&arn={executionArn}"),
            ("status=POST /jobs/{name}", "POST /jobs/{name}"),
            ("stop=GET /stop/{executionArn}", "GET /stop/{executionArn}"),
            ("list=GET /list", "GET /list"),
            ("start=/start/{name}", "POST /start/{name}"),
        ] {
            let (route, settings) = route(text).expect(text);
            assert_eq!((route.key(), &*settings.line()), (text.split('=').next().expect("a key"), expected), "{text}");
        }
        for (text, expected) in [
            ("status", "expected ROUTE=PATH"),
            ("jobs=/x", "expected one of these routes: start, status,"),
            ("status=jobs", "begins with `/`, found `jobs`"),
            ("status=", "begins with `/`"),
            ("status=PUT /jobs", "expected GET or POST, found `PUT`"),
            ("status=/a b", "white space"),
            ("status=/{arn}", "`{arn}` has no value here"),
            ("status=GET /jobs", "needs {executionArn} or {name}"),
            ("status=/jobs?m={stateMachineArn}", "needs {executionArn} or {name}"),
            ("start=GET /start", "cannot send the input"),
        ] {
            let error = route(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
