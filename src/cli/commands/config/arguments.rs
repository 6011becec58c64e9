//! The arguments of `stepgate config init`.

use std::path::PathBuf;

use clap::Args;

use stepgate_core::domain::Route;

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
    /// The path of a route, such as `status=/jobs/status`, if it is not the usual one; requested with POST. Repeatable.
    #[arg(long = "route", value_name = "ROUTE=PATH", requires = "gateway", value_parser = route)]
    pub(super) routes: Vec<(Route, String)>,
}

fn route(text: &str) -> Result<(Route, String), String> {
    let keys = || Route::ALL.map(Route::key).join(", ");
    let (key, path) = text.split_once('=').ok_or("expected ROUTE=PATH, such as status=/jobs/status")?;
    let route = Route::ALL.into_iter().find(|route| route.key() == key);
    Ok((route.ok_or_else(|| format!("expected one of these routes: {}", keys()))?, path.to_owned()))
}
