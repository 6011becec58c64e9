//! `stepgate template --check-config`: lists the routes and the stacks that the configuration needs.

use serde_json::{Map, Value, json};

use crate::app::copy::word;
use crate::cli::commands::template::log_groups::LogGroups;
use crate::cli::commands::template::plan::{Plan, Stack};
use crate::cli::commands::template::problem::{Problem, machines, problems};
use crate::cli::commands::template::role::{Grants, PARAMETER_LIMIT, POLICY_LIMIT, parameter};
use crate::cli::context::{LocalGateway, load_or_report};
use crate::cli::report::console::{Console, Pipe, say};
use crate::cli::report::execution::Output;
use crate::cli::{Common, Exit};
use stepgate_core::domain::{Auth, Endpoint, Machine, Route, RouteSettings, StateMachineArn, shown_path};

/// Whether the template deploys a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deployed {
    Always,
    /// If this parameter is `true`.
    With(&'static str),
    /// The template has another path for it, or expects other requests.
    Never,
}

/// Returns the parameter that enables an optional route.
fn switch(route: Route) -> Option<&'static str> {
    match route {
        Route::Start | Route::Status => None,
        Route::Stop => Some("StopRoute"),
        Route::Redrive => Some("RedriveRoute"),
        Route::History => Some("HistoryRoute"),
        Route::List => Some("ListRoute"),
        Route::Definition => Some("DefinitionRoute"),
        Route::Sync => Some("SyncRoute"),
        Route::Logs => Some("LogsRoute"),
        Route::Machines => Some("MachinesRoute"),
    }
}

fn deployed(route: Route, settings: &RouteSettings) -> Deployed {
    // The timeout has a parameter.
    if (RouteSettings { timeout: None, ..settings.clone() }) != RouteSettings::from(route.default_path()) {
        return Deployed::Never;
    }
    switch(route).map_or(Deployed::Always, Deployed::With)
}

/// Prints a line for each route and two for each stack; then the problems, on standard error.
pub(super) async fn run(keys: &[String], log_groups: &[String], common: &Common) -> anyhow::Result<Exit> {
    let Some(context) = load_or_report(common, LocalGateway::Skip).await? else { return Ok(Exit::Usage) };
    let key_bytes = keys.join(",").len();
    if key_bytes > PARAMETER_LIMIT {
        say(&format!("--kms-key-arns has {key_bytes} bytes; a CloudFormation parameter has at most {PARAMETER_LIMIT}"));
        return Ok(Exit::Usage);
    }
    // The local gateway's machines are in no AWS account.
    let configured = if context.uses_local_gateway() { &[][..] } else { &context.settings.machines[..] };
    let selected = common.endpoint.as_deref();
    let is_selected = |endpoint: &&Endpoint| selected.is_none_or(|name| endpoint.name.as_str() == name);
    let mut console = Console::plain(common);
    let (mut problem_messages, mut notes) = (Vec::new(), Vec::new());
    for endpoint in context.settings.endpoints.iter().filter(is_selected) {
        let checked = Checked::new(endpoint, configured, keys, log_groups);
        let lines = match common.output {
            Output::Text => checked.lines(),
            Output::Json => checked.objects().iter().map(Value::to_string).collect(),
        };
        for line in lines {
            if console.result(line)? == Pipe::Closed {
                return Ok(Exit::Done);
            }
        }
        problem_messages.extend(
            problems(endpoint, &checked.plan)
                .into_iter()
                .map(|problem| format!("{}: {}", endpoint.name, problem.message)),
        );
        if checked.is_open() {
            notes.push(format!(
                "{}: with Auth=NONE, replace CIDR with the addresses that may call, or set OpenToTheInternet=true instead of SourceRanges",
                endpoint.name
            ));
        }
        if checked.wants_log_groups() {
            notes.push(format!(
                "{}: replace ARN with the log group of the EXPRESS machines. With --log-group-arns, the size of the policy includes it",
                endpoint.name
            ));
        }
        let missing = checked.routes.iter().filter(|(.., deployed)| *deployed == Deployed::Never).count();
        if missing > 0 {
            problem_messages.push(format!("{}: the template does not deploy {missing} of these routes", endpoint.name));
        }
    }
    problem_messages.iter().chain(&notes).for_each(|line| say(line));
    Ok(if problem_messages.is_empty() { Exit::Done } else { Exit::Usage })
}

/// An endpoint compared with the template.
struct Checked<'a> {
    endpoint: &'a Endpoint,
    keys: &'a [String],
    routes: Vec<(Route, &'a str, Deployed)>,
    plan: Plan,
}

impl<'a> Checked<'a> {
    fn new(endpoint: &'a Endpoint, configured: &[Machine], keys: &'a [String], log_groups: &[String]) -> Self {
        let path =
            |route: Route| endpoint.route(route).map(|settings| (route, &*settings.path, deployed(route, settings)));
        let routes: Vec<_> = Route::ALL.into_iter().filter_map(path).collect();
        // A stack always has the first two.
        let has = |route: &Route| {
            switch(*route).is_none() || routes.iter().any(|(known, _, at)| known == route && *at != Deployed::Never)
        };
        let in_policy: Vec<Route> = Route::ALL.into_iter().filter(has).collect();
        let own = configured.iter().filter(|machine| machine.endpoint == endpoint.name);
        let log_groups = if in_policy.contains(&Route::Logs) { log_groups } else { &[] };
        let grants = Grants { keys, routes: &in_policy };
        Self { endpoint, keys, plan: Plan::new(own, log_groups, grants), routes }
    }

    /// Whether the template refuses the stack without source addresses.
    fn is_open(&self) -> bool {
        self.endpoint.auth == Auth::None && !self.plan.stacks.is_empty()
    }

    /// Whether the template refuses a stack for its logs route.
    fn wants_log_groups(&self) -> bool {
        self.plan.log_groups == LogGroups::Shared(None)
            && !self.plan.stacks.is_empty()
            && self.routes.iter().any(|(route, _, at)| *route == Route::Logs && *at != Deployed::Never)
    }

    fn lines(&self) -> Vec<String> {
        let name = &self.endpoint.name;
        let route = |(route, path, deployed): &(Route, &str, Deployed)| {
            let status = match deployed {
                Deployed::Always => "deployed".to_owned(),
                Deployed::With(parameter) => format!("deployed with {parameter}=true"),
                Deployed::Never if *path == route.default_path() => {
                    "not deployed: in the template it is a POST of the action's own request and response".to_owned()
                }
                Deployed::Never => format!("not deployed: its path in the template is {}", route.default_path()),
            };
            format!("{name}  {:<10} {}  {}: {status}", route.key(), shown_path(path), route.action())
        };
        let stack = |(index, stack): (usize, &Stack)| {
            let (number, location, sizes) = (index + 1, stack.location(), stack.sizes);
            let counted = format!(
                "{name}  {:<10} {}, account {}: {}; role policy {} of {POLICY_LIMIT} bytes, StateMachineArns {} of {PARAMETER_LIMIT} bytes",
                format!("stack {number}"),
                location.region,
                location.account,
                machines(stack.machines.len()),
                sizes.policy,
                sizes.parameter,
            );
            let parameters = self.parameters(stack).into_iter().map(|(key, value)| format!("{key}={}", word(&value)));
            let parameters = parameters.collect::<Vec<_>>().join(" ");
            let groups = if self.wants_log_groups() { " LogGroupArns=ARN" } else { "" };
            let ranges = if self.is_open() { " SourceRanges=CIDR" } else { "" };
            let deploy = format!("--region {} --parameter-overrides {parameters}{groups}{ranges}", location.region);
            [counted, format!("{name}  {:<10} {deploy}", "deploy")]
        };
        self.routes.iter().map(route).chain(self.plan.stacks.iter().enumerate().flat_map(stack)).collect()
    }

    fn objects(&self) -> Vec<Value> {
        let name = self.endpoint.name.as_str();
        let route = |(route, path, deployed): &(Route, &str, Deployed)| {
            let parameter =
                if let Deployed::With(parameter) = deployed { Some(format!("{parameter}=true")) } else { None };
            json!({
                "endpoint": name,
                "route": route.key(),
                "path": shown_path(path),
                "action": route.action(),
                "deployed": *deployed != Deployed::Never,
                "parameter": parameter,
            })
        };
        let stack = |(index, stack): (usize, &Stack)| {
            let parameters =
                self.parameters(stack).into_iter().map(|(key, value)| (key.to_owned(), Value::from(value)));
            json!({
                "endpoint": name,
                "stack": index + 1,
                "region": stack.location().region,
                "account": stack.location().account,
                "stateMachineArns": stack.machines.iter().map(StateMachineArn::as_str).collect::<Vec<_>>(),
                "policyBytes": stack.sizes.policy,
                "policyLimit": POLICY_LIMIT,
                "parameterBytes": stack.sizes.parameter,
                "parameterLimit": PARAMETER_LIMIT,
                "parameters": parameters.collect::<Map<_, _>>(),
            })
        };
        let problem =
            |problem: Problem| json!({ "endpoint": name, "problem": problem.word, "message": problem.message });
        let routes = self.routes.iter().map(route);
        routes
            .chain(self.plan.stacks.iter().enumerate().map(stack))
            .chain(problems(self.endpoint, &self.plan).into_iter().map(problem))
            .collect()
    }

    fn parameters(&self, stack: &Stack) -> Vec<(&'static str, String)> {
        let mut parameters = vec![("StateMachineArns", parameter(&stack.machines))];
        if !self.keys.is_empty() {
            parameters.push(("KmsKeyArns", self.keys.join(",")));
        }
        match self.endpoint.auth {
            Auth::None => parameters.push(("Auth", "NONE".to_owned())),
            Auth::ApiKey(_) => parameters.push(("Auth", "API_KEY".to_owned())),
            Auth::Iam { .. } => parameters.push(("Auth", "AWS_IAM".to_owned())),
            // Reported as a problem.
            Auth::Bearer(_) => {}
        }
        let on = self.routes.iter().filter_map(|(.., deployed)| match deployed {
            Deployed::With(parameter) => Some((*parameter, "true".to_owned())),
            Deployed::Always | Deployed::Never => None,
        });
        parameters.extend(on);
        if let Some(timeout) = self.endpoint.route(Route::Sync).and_then(|settings| settings.timeout) {
            // The parameter is in whole seconds.
            parameters.push(("SyncTimeoutSeconds", timeout.as_secs_f64().ceil().to_string()));
        }
        if !stack.log_groups.is_empty() {
            parameters.push(("LogGroupArns", stack.log_groups.join(",")));
        }
        parameters
    }
}
