//! `stepgate config init URL`: queries a gateway, and prints the configuration for it. Starts nothing.

use std::fmt;
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use crate::cli::commands::config::argument_errors::{ArgumentError, Arguments};
use crate::cli::commands::config::arguments::{DiscoveryArguments, InitArguments};
use crate::cli::commands::config::block::partition;
use crate::cli::commands::config::draft::{Draft, NamedMachine};
use crate::cli::commands::config::existing::{Existing, existing, fits, write};
use crate::cli::commands::config::hints::Hints;
use crate::cli::commands::config::written::quoted;
use crate::cli::context::name_suffix::name_suffix;
use crate::cli::context::store_folder::existing_store;
use crate::cli::context::{abbreviate, ui_settings};
use crate::cli::report::console::{Console, Pipe, say};
use crate::cli::report::execution::Output;
use crate::cli::{Common, Exit};
use crate::config::{self, Settings};
use crate::doctor::{Finding, RouteState, Survey, SurveyOptions, Target, Verdict, survey};
use crate::runtime::now;
use stepgate_core::domain::{Endpoint, ExecutionName, MachineType, Route, RouteSettings, StateMachineArn};
use stepgate_core::gateway::probe::ApiType;
use stepgate_core::gateway::{FileError, file_errors};

/// The account of a machine that cannot exist.
const NO_ACCOUNT: &str = "000000000000";
/// The name of an endpoint whose URL has no stage.
const UNNAMED: &str = "gateway";

pub(super) async fn run(url: &str, arguments: InitArguments, path: &Path, common: &Common) -> anyhow::Result<Exit> {
    let (is_written, hints) = (arguments.discovery.write, Hints::new(&arguments));
    let existing = match existing(path, is_written).await {
        Ok(existing) => existing,
        Err(message) => return Ok(refused([message])),
    };
    let (mut draft, known) = match draft(url, arguments, existing.as_ref()) {
        Ok(draft) => draft,
        Err(error) => return Ok(refused([error])),
    };
    // Everything that can be wrong without a request is reported before the first one.
    let all_routes = draft.all_routes();
    let settings = match parsed(&all_routes, &known) {
        Ok(settings) => settings,
        Err(errors) => return Ok(refused(errors)),
    };
    let [endpoint] = &settings.endpoints[..] else { anyhow::bail!("the configuration has not one endpoint") };
    if let Err(message) = fits(existing.as_ref(), &draft, &all_routes) {
        return Ok(refused([message]));
    }
    let errors = file_errors(endpoint).await;
    if !errors.is_empty() {
        let explained =
            |error: FileError| format!("--{}: {} {}; {}", error.key, error.path.display(), error.what, error.fix);
        return Ok(refused(errors.into_iter().map(explained)));
    }
    if draft.url != url {
        say(&format!("routes are appended to the URL; querying {}", draft.url));
    }
    let (surveyed, worst) = query(&draft, &settings, endpoint, &hints).await?;
    let Some(survey) = surveyed else { return Ok(worst) };
    draft.apply(&survey, endpoint, |name| existing.as_ref().is_some_and(|existing| existing.has_machine(name)));
    let region = endpoint.region.as_deref().or_else(|| draft.machines().next().map(|machine| machine.arn.region()));
    let block = draft.block(&survey, region);
    if let Err(errors) = parsed(&block, &known) {
        return Ok(refused(errors));
    }
    if is_written && let Err(message) = write(path, &block, existing.as_ref(), &draft) {
        return Ok(refused([message]));
    }
    let mut console = Console::plain(common);
    match common.output {
        Output::Text => {
            for line in block.lines() {
                if console.result(line.to_owned())? == Pipe::Closed {
                    break;
                }
            }
        }
        Output::Json => {
            let object = object(&draft, &survey, region, &block, path, is_written);
            console.result(object.to_string())?;
        }
    }
    let shown = abbreviate(path);
    say(&match (is_written, path.exists()) {
        (true, _) => format!("written to {shown}; `stepgate doctor` checks it"),
        (false, true) => format!("not written; --write appends it to {shown}"),
        (false, false) => format!("not written; --write creates {shown} with it"),
    });
    Ok(worst)
}

/// Prints usage errors.
fn refused<E: fmt::Display>(errors: impl IntoIterator<Item = E>) -> Exit {
    for error in errors {
        say(&error.to_string());
    }
    say("nothing was written");
    Exit::Usage
}

/// Returns what the arguments say about the gateway, and which argument sets which value.
fn draft(
    url: &str,
    arguments: InitArguments,
    existing: Option<&Existing>,
) -> Result<(Draft, Arguments), ArgumentError> {
    let DiscoveryArguments { name, bearer_env, iam, profile, region, ca_file, routes, .. } = arguments.discovery;
    let url = without_route(url, &routes);
    let machine = arguments.machine.as_deref().map(StateMachineArn::parse_startable).transpose();
    let machine = machine.map_err(|error| ArgumentError::new("--machine", error))?;
    let (option, auth) = match (&arguments.api_key_env, &bearer_env) {
        (Some(variable), _) => ("--api-key-env", Some(format!("{{ type = \"api-key\", env = {} }}", quoted(variable)))),
        (_, Some(variable)) => ("--bearer-env", Some(format!("{{ type = \"bearer\", env = {} }}", quoted(variable)))),
        _ if iam => match profile {
            Some(profile) => ("--iam", Some(format!("{{ type = \"iam\", profile = {} }}", quoted(&profile)))),
            None => ("--iam", Some("{ type = \"iam\" }".to_owned())),
        },
        _ => ("", None),
    };
    let ca_file = ca_file.map(|file| std::path::absolute(&file).unwrap_or(file).display().to_string());
    let name = name.unwrap_or_else(|| stage(url).to_owned());
    let mut draft = Draft { name, url: url.to_owned(), region, auth, ca_file, routes, ..Draft::default() };
    let is_used = |name: &str| existing.is_some_and(|existing| existing.has_machine(name));
    draft.machine = machine.map(|arn| draft.named(arn, MachineType::Unknown, is_used));
    let known = Arguments {
        endpoint: draft.name.clone(),
        url: "URL",
        auth: option,
        has_region: true,
        machine: draft.machine.as_ref().map(|machine| machine.name.clone()),
    };
    Ok((draft, known))
}

/// Removes a route that was copied with the URL.
fn without_route<'u>(url: &'u str, routes: &[(Route, RouteSettings)]) -> &'u str {
    let url = url.trim_end_matches('/');
    let mut paths: Vec<&str> = Route::ALL.iter().map(|route| route.default_path()).collect();
    paths.extend(routes.iter().map(|(_, settings)| &*settings.path));
    // The longest first: `/execution/status` before `/execution`.
    paths.sort_by_key(|path| std::cmp::Reverse(path.len()));
    let found = paths.into_iter().find_map(|path| url.strip_suffix(path).filter(|_| path.len() > 1));
    found.unwrap_or(url)
}

/// Returns the stage of the URL, if its path is one.
fn stage(url: &str) -> &str {
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    // LocalStack adds a part behind the stage.
    let last = path.rsplit('/').find(|part| *part != "_user_request_").unwrap_or_default();
    let is_bare = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_bare { last } else { UNNAMED }
}

/// Parses a configuration that is not in a file yet.
fn parsed(text: &str, known: &Arguments) -> Result<Settings, Vec<ArgumentError>> {
    config::parse(Path::new("config.toml"), text, &ui_settings::errors).map_err(|errors| known.explain(&errors))
}

/// Queries the gateway, and prints problems. The exit code is that of the worst one.
async fn query(
    draft: &Draft,
    settings: &Settings,
    endpoint: &Endpoint,
    hints: &Hints,
) -> anyhow::Result<(Option<Survey>, Exit)> {
    let region = endpoint.region.as_deref().unwrap_or("us-east-1");
    let unused = format!("arn:{}:states:{region}:{NO_ACCOUNT}:stateMachine:stepgate-config-init", partition(region));
    let machine = match &draft.machine {
        Some(machine) => machine.arn.clone(),
        None => StateMachineArn::parse(&unused).context("the region")?,
    };
    let unused_name = ExecutionName::parse(&format!("stepgate-doctor-{}", name_suffix()));
    let unused_name = unused_name.map_err(|error| anyhow::anyhow!("{error}"))?;
    let machines = settings.machines.iter().collect();
    let store = existing_store(settings);
    let target = Target { endpoint, machines, earlier: None, store, unused_name, clock: now };
    let mut worst = Exit::Done;
    let mut report = |finding: Finding| {
        match &finding.verdict {
            Verdict::Passed | Verdict::Skipped => return,
            Verdict::Warning => {}
            Verdict::Failed(failure) => worst = worst.worse(Exit::from_failure(failure)),
        }
        say(&format!("{}: {}: {}", finding.check.as_str(), finding.subject, finding.message));
        if !finding.advice.is_empty() {
            say(&finding.advice);
        }
        if let Some(hint) = hints.of(finding.name, endpoint) {
            say(hint);
        }
    };
    let may_find_status = !draft.routes.iter().any(|(route, _)| *route == Route::Status);
    let found = survey(&target, SurveyOptions { machine: &machine, may_find_status }, &mut report).await;
    Ok((found, worst))
}

fn object(draft: &Draft, survey: &Survey, region: Option<&str>, block: &str, path: &Path, is_written: bool) -> Value {
    let required = [Route::Start, Route::Status].map(|route| (route, &survey.status));
    let optional = survey.routes.iter().map(|(route, state)| (*route, state));
    let optional = optional.filter(|(route, state)| draft.declares(*route, state));
    let route = |(route, state): (Route, &RouteState)| {
        let RouteSettings { path, method, answer, .. } = draft.settings(route, Some(state));
        let value = json!({ "path": path, "method": method.as_str(), "answer": answer.as_deref() });
        (route.key().to_owned(), value)
    };
    let routes: Map<String, Value> = required.into_iter().chain(optional).map(route).collect();
    let machine = |machine: &NamedMachine| {
        let machine_type = match machine.machine_type {
            MachineType::Unknown => None,
            MachineType::Standard => Some("STANDARD"),
            MachineType::Express => Some("EXPRESS"),
        };
        json!({ "name": machine.name, "stateMachineArn": machine.arn.as_str(), "type": machine_type })
    };
    let machines: Vec<Value> = draft.machines().map(machine).collect();
    let api = survey.api_type.map(|api| match api {
        ApiType::Rest => "rest",
        ApiType::Http => "http",
    });
    json!({
        "endpoint": draft.name,
        "url": draft.url,
        "region": region,
        "api": api,
        "errorsAre200": survey.errors_are_200,
        "routes": routes,
        "machines": machines,
        "config": block,
        "file": path.to_string_lossy(),
        "written": is_written,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_that_was_copied_with_the_url_is_removed() {
        let own = [(Route::Status, RouteSettings::from("/jobs/state"))];
        for (url, expected) in [
            ("https://x.example/dev", "https://x.example/dev"),
            ("https://x.example/dev/", "https://x.example/dev"),
            ("https://x.example/dev/execution", "https://x.example/dev"),
            ("https://x.example/dev/execution/status/", "https://x.example/dev"),
            ("https://x.example/jobs/state", "https://x.example"),
            ("https://x.example/executions-of-us", "https://x.example/executions-of-us"),
        ] {
            assert_eq!(without_route(url, &own), expected);
        }
    }

    #[test]
    fn an_endpoint_is_named_after_the_stage() {
        for (url, expected) in [
            ("https://x.example/dev", "dev"),
            ("https://x.example/api/v1", "v1"),
            ("http://localhost:4566/restapis/abc/prod/_user_request_", "prod"),
            ("https://x.example", UNNAMED),
            ("https://x.example/a.b", UNNAMED),
        ] {
            assert_eq!(stage(url), expected, "{url}");
        }
    }
}
