//! The text of a configuration for one gateway. Pure.

use std::fmt::Write as _;

use crate::cli::commands::config::draft::{Draft, NamedMachine};
use crate::cli::commands::config::written::quoted;
use crate::doctor::{RouteState, Survey};
use stepgate_core::domain::{MachineType, Method, Route, RouteSettings, counted, toml_header};
use stepgate_core::gateway::probe::ApiType;

/// The column at which the comments behind the routes begin.
const COMMENT: usize = 40;
/// The longest reason in a comment.
const LONGEST_REASON: usize = 120;

impl Draft {
    /// Returns a configuration with all routes, to query the gateway with.
    pub(super) fn all_routes(&self) -> String {
        let mut text = self.endpoint();
        text.push_str(&self.header_of_routes());
        for route in Route::ALL {
            line(&mut text, &setting(route, &self.settings(route, None)));
        }
        text + &self.machine_tables()
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
        if survey.status == RouteState::Enveloped {
            line(&mut text, "# Responses are wrapped in {\"statusCode\", \"body\"}, and `answer` unwraps them.");
        }
        let declared = |route, state| setting(route, &self.settings(route, Some(state)));
        let note = "StartExecution: not tested, only a start proves it";
        line(&mut text, &noted(&declared(Route::Start, &survey.status), note));
        let note = match survey.status {
            RouteState::Restricted => "DescribeExecution: the role refuses unknown machines",
            _ => "DescribeExecution: works",
        };
        line(&mut text, &noted(&declared(Route::Status, &survey.status), note));
        if let Some(reason) = survey.routes.iter().find_map(|(_, state)| not_asked(state)) {
            line(&mut text, &format!("# Not requested: {reason}."));
        }
        for (route, state) in &survey.routes {
            let prefix = if self.declares(*route, state) { "" } else { "# " };
            let note = match state {
                RouteState::Works | RouteState::Enveloped => ": works".to_owned(),
                RouteState::Restricted if prefix.is_empty() => ": the role refuses unknown machines".to_owned(),
                RouteState::Restricted => ": the role does not allow it".to_owned(),
                RouteState::Absent => ": no such route".to_owned(),
                RouteState::Unusable(reason) => format!(": {}", one_line(reason)),
                RouteState::NotAsked(_) => String::new(),
            };
            let setting = format!("{prefix}{}", declared(*route, state));
            line(&mut text, &noted(&setting, &format!("{}{note}", route.action())));
        }
        if self.machines().any(|machine| machine.machine_type == MachineType::Express) {
            let note = "StartSyncExecution: not tested; returns the outcome of EXPRESS machines";
            line(&mut text, &noted(&format!("# {}", declared(Route::Sync, &survey.status)), note));
        }
        text.push_str(&self.machine_tables());
        if survey.has_more_machines {
            let these = counted(survey.machines.len(), "machine");
            line(&mut text, &format!("\n# The gateway lists more than {these}. Any ARN can be started."));
        }
        if self.machines().next().is_none() {
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

    fn machine_tables(&self) -> String {
        let mut text = String::new();
        for NamedMachine { name, arn, machine_type } in self.machines() {
            let header = toml_header(&["machines", name]);
            line(&mut text, &format!("\n{header}\nendpoint = {}\narn = {}", quoted(&self.name), quoted(arn.as_str())));
            if *machine_type == MachineType::Express {
                line(&mut text, "type = \"express\"");
            }
        }
        text
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

/// Returns a route as a setting.
fn setting(route: Route, settings: &RouteSettings) -> String {
    let mut members = vec![format!("path = {}", quoted(&settings.path))];
    if settings.method != Method::default() {
        members.push(format!("method = {}", quoted(settings.method.as_str())));
    }
    members.extend(settings.answer.as_ref().map(|answer| format!("answer = {}", quoted(answer))));
    match &members[..] {
        [_] => format!("{} = {}", route.key(), quoted(&settings.path)),
        _ => format!("{} = {{ {} }}", route.key(), members.join(", ")),
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
    use stepgate_core::domain::StateMachineArn;

    fn survey(routes: Vec<(Route, RouteState)>) -> Survey {
        Survey {
            api_type: Some(ApiType::Rest),
            errors_are_200: Some(true),
            account: None,
            routes,
            status_route: Route::Status.default_path().into(),
            status: RouteState::Works,
            machines: Vec::new(),
            has_more_machines: false,
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
    fn machines_of_a_list_are_declared_with_their_type() {
        let machine = |name: &str, machine_type| NamedMachine {
            name: name.into(),
            arn: StateMachineArn::parse("arn:aws:states:eu-west-1:111122223333:stateMachine:M").expect("an ARN"),
            machine_type,
        };
        let listed = vec![machine("a.\"b", MachineType::Standard), machine("c", MachineType::Express)];
        let draft = Draft { listed, ..draft() };
        let survey = Survey { has_more_machines: true, ..survey(vec![(Route::Machines, RouteState::Works)]) };
        let text = draft.block(&survey, Some("eu-west-1"));
        let settings = config::parse(Path::new("c.toml"), &text, &|_| Vec::new()).expect(&text);
        let machines: Vec<_> = settings.machines.iter().map(|found| (&*found.name, found.machine_type)).collect();
        assert_eq!(machines, [("a.\"b", MachineType::Unknown), ("c", MachineType::Express)]);
        assert!(settings.endpoints[0].route(Route::Machines).is_some());
        assert!(text.contains("# sync = \"/execution/sync\" "), "{text}");
        assert!(text.contains("lists more than") && !text.contains("[machines.NAME]"), "{text}");
        let refused = draft.block(&Survey { routes: vec![(Route::Machines, RouteState::Restricted)], ..survey }, None);
        assert!(refused.contains("# machines = \"/machines\" "), "{refused}");
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
