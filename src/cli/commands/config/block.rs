//! The text of a configuration for one gateway. Pure.

use std::fmt::Write as _;

use crate::cli::commands::config::written::quoted;
use crate::doctor::{RouteState, Survey};
use stepgate_core::domain::{Route, StateMachineArn, toml_header};
use stepgate_core::gateway::probe::ApiType;

/// The column at which the comments behind the routes begin.
const COMMENT: usize = 40;
/// The longest reason in a comment.
const LONGEST_REASON: usize = 120;
/// Unwraps the responses of a Lambda function.
const UNWRAPPED: &str = ".body | fromjson";

/// What the user has said about a gateway.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// The name of the endpoint.
    pub(super) name: String,
    pub(super) url: String,
    /// Given, or needed because the host name does not contain it.
    pub(super) region: Option<String>,
    /// The value of `auth`, as TOML.
    pub(super) auth: Option<String>,
    pub(super) ca_file: Option<String>,
    /// Paths other than the usual ones.
    pub(super) paths: Vec<(Route, String)>,
    /// The name of a machine, and its ARN.
    pub(super) machine: Option<(String, StateMachineArn)>,
}

impl Draft {
    pub(super) fn path(&self, route: Route) -> &str {
        let given = self.paths.iter().rev().find(|(known, _)| *known == route);
        given.map_or(route.default_path(), |(_, path)| path)
    }

    /// Returns a configuration with all routes, to query the gateway with.
    pub(super) fn all_routes(&self) -> String {
        let mut text = self.endpoint();
        text.push_str(&self.header_of_routes());
        for route in Route::ALL {
            line(&mut text, &format!("{} = {}", route.key(), quoted(self.path(route))));
        }
        text + &self.machine_table()
    }

    /// Returns the configuration that a survey has found, with comments. `region` is where its machines are, if known.
    pub(super) fn block(&self, survey: &Survey, region: Option<&str>) -> String {
        let mut text = String::new();
        line(&mut text, &format!("# {}", api(survey)));
        text.push_str(&self.endpoint());
        line(
            &mut text,
            match self.auth {
                None => "# The status route accepts requests without authentication.",
                Some(_) => "# The status route accepts it; whether it is required was not tested.",
            },
        );
        if region.is_none() {
            line(&mut text, "# The host name does not contain the region, which only signatures need.");
            line(&mut text, "# region = \"us-east-1\"");
        }
        line(&mut text, "# Whether the gateway passes names on to Step Functions is learned from the first start.");
        line(&mut text, "# names = \"passed-on\"");
        text.push_str(&self.header_of_routes());
        let is_enveloped = survey.status == RouteState::Enveloped;
        if is_enveloped {
            line(&mut text, "# Responses are wrapped in {\"statusCode\", \"body\"}, and `answer` unwraps them.");
        }
        let note = "StartExecution: not tested, only a start proves it";
        line(&mut text, &noted(&self.route(Route::Start, is_enveloped), note));
        let note = match survey.status {
            RouteState::Restricted => "DescribeExecution: the role refuses unknown machines",
            _ => "DescribeExecution: works",
        };
        line(&mut text, &noted(&self.route(Route::Status, is_enveloped), note));
        if let Some(reason) = survey.routes.iter().find_map(|(_, state)| not_asked(state)) {
            line(&mut text, &format!("# Not requested: {reason}."));
        }
        for (route, state) in &survey.routes {
            let declared = self.route(*route, *state == RouteState::Enveloped);
            let action = route.action();
            let (prefix, note) = match state {
                RouteState::Works | RouteState::Enveloped => ("", format!("{action}: works")),
                RouteState::Restricted if self.machine.is_none() => {
                    ("", format!("{action}: the role refuses unknown machines"))
                }
                RouteState::Restricted => ("# ", format!("{action}: the role does not allow it")),
                RouteState::Absent => ("# ", format!("{action}: no such route")),
                RouteState::Unusable(reason) => ("# ", format!("{action}: {}", one_line(reason))),
                RouteState::NotAsked(_) => ("# ", action.to_owned()),
            };
            line(&mut text, &noted(&format!("{prefix}{declared}"), &note));
        }
        text.push_str(&self.machine_table());
        if self.machine.is_none() {
            text.push_str(&self.machine_example(survey.account.as_deref(), region));
        }
        text
    }

    fn endpoint(&self) -> String {
        let mut text = String::new();
        line(&mut text, &toml_header(&["endpoints", &self.name]));
        line(&mut text, &format!("url = {}", quoted(&self.url)));
        for (key, value) in [("region", &self.region), ("ca-file", &self.ca_file)] {
            if let Some(value) = value {
                line(&mut text, &format!("{key} = {}", quoted(value)));
            }
        }
        if let Some(auth) = &self.auth {
            line(&mut text, &format!("auth = {auth}"));
        }
        text
    }

    fn header_of_routes(&self) -> String {
        format!("\n{}\n", toml_header(&["endpoints", &self.name, "routes"]))
    }

    fn route(&self, route: Route, is_enveloped: bool) -> String {
        let (key, path) = (route.key(), quoted(self.path(route)));
        if is_enveloped {
            format!("{key} = {{ path = {path}, answer = {} }}", quoted(UNWRAPPED))
        } else {
            format!("{key} = {path}")
        }
    }

    fn machine_table(&self) -> String {
        let Some((name, arn)) = &self.machine else { return String::new() };
        let header = toml_header(&["machines", name]);
        format!("\n{header}\nendpoint = {}\narn = {}\n", quoted(&self.name), quoted(arn.as_str()))
    }

    fn machine_example(&self, account: Option<&str>, region: Option<&str>) -> String {
        let (region, account) = (region.unwrap_or("REGION"), account.unwrap_or("ACCOUNT"));
        let mut text = String::from("\n");
        for comment in [
            "A state machine to start. Its ARN is on its page in the AWS console, and in the output of",
            "`aws stepfunctions list-state-machines`. An ARN can also be started without this table.",
            "[machines.NAME]",
            &format!("endpoint = {}", quoted(&self.name)),
            &format!("arn = \"arn:{}:states:{region}:{account}:stateMachine:NAME\"", partition(region)),
        ] {
            line(&mut text, &format!("# {comment}"));
        }
        text
    }
}

/// Returns the partition of a region.
pub(super) fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn api(survey: &Survey) -> String {
    let api = match survey.api_type {
        Some(ApiType::Rest) => "A REST API.",
        Some(ApiType::Http) => "An HTTP API.",
        None => "The type of the API is unknown.",
    };
    match survey.errors_are_200 {
        Some(true) => format!("{api} Errors of Step Functions arrive as HTTP 200; their body shows them."),
        Some(false) => format!("{api} Errors of Step Functions have an HTTP status of their own."),
        None => api.to_owned(),
    }
}

fn not_asked(state: &RouteState) -> Option<&'static str> {
    match state {
        RouteState::NotAsked(reason) => Some(reason),
        _ => None,
    }
}

fn noted(setting: &str, note: &str) -> String {
    format!("{setting:COMMENT$} # {note}")
}

/// Returns a text as the end of a comment: a line break from a gateway would begin a setting, and other invisible
/// characters would deceive the reader of the file.
fn one_line(text: &str) -> String {
    let visible = |c: char| if c == ' ' || c.is_ascii_graphic() { c } else { '?' };
    text.chars().map(visible).take(LONGEST_REASON).collect()
}

fn line(text: &mut String, line: &str) {
    // Writing to a string never fails.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config;

    fn survey(routes: Vec<(Route, RouteState)>) -> Survey {
        Survey {
            api_type: Some(ApiType::Rest),
            errors_are_200: Some(true),
            account: None,
            routes,
            status: RouteState::Works,
        }
    }

    fn draft() -> Draft {
        let url = "https://x.execute-api.eu-west-1.amazonaws.com/dev".into();
        Draft { name: "dev".into(), url, ..Draft::default() }
    }

    #[test]
    fn only_routes_that_work_are_declared_and_no_text_of_a_gateway_begins_a_setting() {
        let hostile = RouteState::Unusable("x\nread-only = true\n[keys]\u{7}\u{202e}".into());
        let routes = vec![
            (Route::Stop, RouteState::Works),
            (Route::Redrive, RouteState::Absent),
            (Route::History, hostile),
            (Route::List, RouteState::NotAsked("it stopped")),
            (Route::Definition, RouteState::Restricted),
        ];
        let text = draft().block(&survey(routes), Some("eu-west-1"));
        let settings = config::parse(Path::new("c.toml"), &text, &|_| Vec::new()).expect(&text);
        let declared = |route| settings.endpoints[0].route(route).is_some();
        let declared: Vec<Route> = Route::ALL.into_iter().filter(|route| declared(*route)).collect();
        assert_eq!(declared, [Route::Start, Route::Status, Route::Stop, Route::Definition], "{text}");
        assert!(text.contains("# GetExecutionHistory: x?read-only = true?[keys]??\n"), "{text}");
        assert!(!settings.read_only && settings.keys.is_empty() && settings.machines.is_empty(), "{text}");
        assert!(text.contains("# arn = \"arn:aws:states:eu-west-1:ACCOUNT:stateMachine:NAME\""), "{text}");
    }

    #[test]
    fn responses_in_an_envelope_are_unwrapped() {
        let survey = Survey { status: RouteState::Enveloped, ..survey(vec![(Route::Stop, RouteState::Enveloped)]) };
        let text = draft().block(&survey, None);
        for route in ["start", "status", "stop"] {
            let path = if route == "start" { String::new() } else { format!("/{route}") };
            let line = format!("{route} = {{ path = \"/execution{path}\", answer = \".body | fromjson\" }}");
            assert!(text.contains(&line), "{line}: {text}");
        }
    }
}
