//! The gateway that `stepgate template` prints, deployed unchanged: the main job through it, its routes, and what the
//! doctor finds when it works and when it is broken.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::cli::{Home, Ran, ran};
use crate::{stack, text};

/// The optional routes by the parameter that switches them on.
const ROUTES: [(&str, &str); 8] = [
    ("StopRoute", "stop"),
    ("RedriveRoute", "redrive"),
    ("HistoryRoute", "history"),
    ("ListRoute", "list"),
    ("DefinitionRoute", "definition"),
    ("SyncRoute", "sync"),
    ("LogsRoute", "logs"),
    ("MachinesRoute", "machines"),
];

/// A gateway that was deployed from the printed template.
pub struct Deployed {
    pub home: Home,
    name: String,
    /// What `deploy.py` wrote.
    outputs: Value,
    /// What the template's output says of it, with the address that it has here.
    config: String,
    pub key: Option<String>,
}

impl Deployed {
    /// Deploys it; the machines are those of `stack.py`, and one that is not there.
    pub fn new(name: &str, parameters: &[(&str, &str)]) -> Self {
        let home = Home::empty();
        let template = home.write("gateway.yaml", &home.run(&["template"]).expect(0).out);
        let out = home.path().join("deployed.json");
        deploy(name, &arguments(&template, &out, parameters));
        let outputs = std::fs::read_to_string(out).expect("what was deployed");
        let outputs: Value = serde_json::from_str(&outputs).expect("JSON");
        let block = text(&outputs["outputs"]["EndpointConfig"]);
        let url = text(&outputs["url"]);
        // LocalStack returns the address that it would have on AWS.
        let lines = block.lines().map(|line| match line.strip_prefix("url = ") {
            Some(_) => format!("url = \"{url}\""),
            None => line.to_owned(),
        });
        let config = lines.collect::<Vec<_>>().join("\n") + "\n";
        let key = outputs["api_key"].as_str().map(str::to_owned);
        let deployed = Self { home, name: name.to_owned(), outputs, config, key };
        deployed.configure(&deployed.config);
        deployed
    }

    pub fn url(&self) -> String {
        text(&self.outputs["url"])
    }

    /// Writes the configuration: this block, and the machines.
    fn configure(&self, block: &str) {
        let machines = stack()["machines"].clone();
        let machine = |(name, arn): (&String, &Value)| format!("[machines.{name}]\narn = {arn}\n");
        let machines: String = machines.as_object().expect("machines").iter().map(machine).collect();
        self.home.write("config.toml", &format!("{block}{machines}"));
    }

    /// Writes the configuration: what the template's output says, and these machines.
    pub fn configure_machines(&self, machines: &str) {
        self.home.write("config.toml", &format!("{}{machines}", self.config));
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with_key(arguments, self.key.as_deref())
    }

    fn run_with_key(&self, arguments: &[&str], key: Option<&str>) -> Ran {
        let mut command = self.home.command(arguments);
        command.envs(key.map(|key| ("STEPGATE_API_KEY", key)));
        let ran = ran(&mut command);
        if let Some(key) = key {
            assert!(!ran.out.contains(key) && !ran.err.contains(key), "the key is nowhere: {ran:?}");
        }
        ran
    }

    fn has(&self, route: &str) -> bool {
        self.config.contains(&format!("\n{route} = "))
    }

    /// The words of the doctor's findings that are not good, with what they are about.
    fn doctor(&self, key: Option<&str>) -> Vec<(String, String)> {
        let found = self.run_with_key(&["doctor", "--output", "json"], key);
        let findings = found.objects();
        let is_bad = |finding: &&Value| ["failed", "warning"].contains(&finding["verdict"].as_str().expect("a word"));
        let outputs = |finding: &Value| (text(&finding["subject"]), text(&finding["finding"]));
        let bad: Vec<_> = findings.iter().filter(is_bad).map(outputs).collect();
        assert_eq!(found.code == Some(0), bad.is_empty(), "{found:?}");
        for finding in findings.iter().filter(is_bad) {
            assert!(finding["advice"].as_str().is_some_and(|advice| !advice.is_empty()), "{finding}");
        }
        bad
    }

    fn fault(&self, kind: &str) {
        deploy(&self.name, &["--fault".to_owned(), kind.to_owned()]);
    }
}

impl Drop for Deployed {
    /// Deletes the stack, to keep `LocalStack` small. That it can be deleted is no claim of any test, and `LocalStack` has
    /// been seen to fail at it, so a failure is printed only.
    fn drop(&mut self) {
        if let Err(error) = try_deploy(&self.name, &["--fault".to_owned(), "delete-stack".to_owned()]) {
            eprintln!("not deleted: {error}");
        }
    }
}

/// What `deploy.py` needs to create a stack; for all machines of `stack.py`, unless the parameters say otherwise.
fn arguments(template: &Path, out: &Path, parameters: &[(&str, &str)]) -> Vec<String> {
    let machines = stack()["machines"].clone();
    let arns: Vec<String> = machines.as_object().expect("machines").values().map(text).collect();
    let all = ("StateMachineArns", arns.join(","));
    let mut arguments = vec!["--template".to_owned(), template.display().to_string()];
    arguments.extend(["--out".to_owned(), out.display().to_string()]);
    let given = parameters.iter().map(|(key, value)| (*key, (*value).to_owned()));
    let usual = Some(all).filter(|(key, _)| parameters.iter().all(|(other, _)| other != key));
    for (key, value) in usual.into_iter().chain(given) {
        arguments.extend(["--parameter".to_owned(), format!("{key}={value}")]);
    }
    arguments
}

fn deploy(name: &str, arguments: &[String]) {
    try_deploy(name, arguments).unwrap_or_else(|error| panic!("{error}"));
}

fn try_deploy(name: &str, arguments: &[String]) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let url = text(&stack()["open"]["url"]);
    let endpoint = url.split("/_aws").next().expect("LocalStack's address");
    let output = Command::new(root.join("target/localstack/venv/bin/python"))
        .arg(root.join("tests/localstack/deploy.py"))
        .args(["--endpoint", endpoint, "--stack", name])
        .args(arguments)
        .output()
        .expect("Python runs");
    if output.status.success() {
        return Ok(());
    }
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{name} {arguments:?}: {out}{err}"))
}

#[test]
fn the_printed_template_deploys_with_every_combination_of_routes() {
    for auth in ["NONE", "API_KEY"] {
        for combination in 0..16 {
            // Each of four bits is for two routes.
            let is_on = |index: usize| combination >> (index % 4) & 1 == 1;
            let log_group = text(&stack()["express"]["EchoExpress"]["log_group"]);
            let mut parameters = vec![("Auth", auth), ("OpenToTheInternet", "true")];
            if is_on(6) {
                parameters.push(("LogGroupArns", log_group.as_str()));
            }
            parameters.extend(ROUTES.iter().enumerate().filter(|(index, _)| is_on(*index)).map(|(_, r)| (r.0, "true")));
            let name = format!("combination-{}-{combination}", auth.replace('_', "-").to_lowercase());
            let deployed = Deployed::new(&name, &parameters);
            for (index, (_, route)) in ROUTES.iter().enumerate() {
                assert_eq!(deployed.has(route), is_on(index), "{}", deployed.config);
            }
            works(&deployed, &name);
        }
    }
}

/// The main job, and the optional routes of the gateway.
fn works(deployed: &Deployed, name: &str) {
    let started = deployed.run(&["start", "EchoStateMachine", "--name", name, "--wait", "--output", "json"]);
    let execution = started.expect(0).object();
    assert_eq!(execution["status"], "SUCCEEDED", "{name}");
    if deployed.has("history") {
        let events = deployed.run(&["history", name, "--output", "json"]).expect(0).objects();
        assert_eq!(events[0]["type"], "ExecutionStarted", "{name}");
        assert_eq!(events.last().expect("an end")["type"], "ExecutionSucceeded", "{name}");
    }
    if deployed.has("list") {
        let list = ["list", "--remote", "--machine", "EchoStateMachine", "--limit", "1000", "--output", "json"];
        let listed = deployed.run(&list).expect(0).objects();
        let is_it = |object: &&Value| object["executionArn"] == execution["executionArn"];
        assert_eq!(listed.iter().find(is_it).expect("it is listed")["status"], "SUCCEEDED");
    }
    if deployed.has("stop") {
        let long = format!("{name}-long");
        let input = ["--name", long.as_str(), "--input", "{\"seconds\": 600}"];
        deployed.run(&[&["start", "WaitStateMachine"], &input[..]].concat()).expect(0);
        let stop = ["stop", &long, "--error", "Cancelled", "--cause", "tried out", "--output", "json"];
        let stopped = deployed.run(&stop).expect(0).object();
        assert!(stopped["stopDate"].is_string(), "{stopped}");
        let seen = deployed.run(&["status", &long, "--output", "json"]).expect(0).object();
        assert_eq!(seen["status"], "ABORTED", "{seen}");
    }
    // LocalStack has no RedriveExecution, and says so as HTTP 502; everything else is green.
    let redrive = ("/execution/redrive".to_owned(), "unavailable".to_owned());
    let wanted: Vec<_> = Some(redrive).filter(|_| deployed.has("redrive")).into_iter().collect();
    assert_eq!(deployed.doctor(deployed.key.as_deref()), wanted, "{name}");
}

#[test]
fn the_doctor_names_each_fault() {
    let parameters = [("Auth", "API_KEY"), ("StopRoute", "true"), ("HistoryRoute", "true"), ("ListRoute", "true")];
    let deployed = Deployed::new("faults", &parameters);
    let key = deployed.key.clone();
    let key = key.as_deref();
    assert_eq!(deployed.doctor(key), []);
    let names = |key: Option<&str>| -> Vec<String> { deployed.doctor(key).into_iter().map(|(_, name)| name).collect() };
    let same = |name: &str, count: usize| vec![name.to_owned(); count];
    // The four routes that can be asked.
    assert_eq!(names(Some("wrong-canary")), same("wrong-key", 4));
    let without: String =
        deployed.config.lines().filter(|line| !line.starts_with("auth")).flat_map(|line| [line, "\n"]).collect();
    deployed.configure(&without);
    assert_eq!(names(None), same("no-key", 4));
    let unknown = text(&stack()["machines"]["PassStateMachine"]).replace("PassStateMachine", "NoSuchMachine");
    deployed.configure(&format!("{}[machines.nobody]\narn = \"{unknown}\"\n", deployed.config));
    // It is first, so the list route is checked with it, too, and passes nevertheless.
    assert_eq!(deployed.doctor(key), [("nobody".to_owned(), "unknown-machine".to_owned())]);
    deployed.configure(&deployed.config);
    deployed.fault("missing-integration-response");
    let broken = [("/execution/status".to_owned(), "missing-integration-response".to_owned())];
    assert_eq!(deployed.doctor(key), broken);
    deployed.fault("no-usage-plan");
    assert_eq!(names(key), same("wrong-key", 4));
    deployed.fault("delete-stage");
    assert_eq!(names(key), same("wrong-stage", 4));
}

/// Everything that the other tests leave at its default. `LocalStack` checks no permission, so that the role suffices is
/// checked by `tests/template.rs`.
#[test]
fn the_optional_parameters_deploy_together() {
    let arn = |name: &str| text(&stack()["machines"][name]);
    let echo = arn("EchoStateMachine");
    let (account, region) = ("000000000000", echo.split(':').nth(3).expect("a region"));
    let key = |id: &str| format!("arn:aws:kms:{region}:{account}:key/{id}");
    let keys = [key("one"), key("two")].join(",");
    let machines = [echo.clone(), format!("{}*", arn("WaitStateMachine").trim_end_matches("StateMachine"))].join(",");
    let log = key("log");
    let groups = ["EchoExpress", "QuietEchoExpress"].map(|name| text(&stack()["express"][name]["log_group"])).join(",");
    let mut parameters = vec![
        ("StateMachineArns", machines.as_str()),
        ("KmsKeyArns", &keys),
        ("Auth", "NONE"),
        ("SourceRanges", "127.0.0.0/8"),
        ("AccessLogs", "true"),
        ("LogKmsKeyArn", &log),
        ("XRayTracing", "true"),
        ("CheckSourceAccount", "true"),
        ("LogGroupArns", &groups),
        ("SyncTimeoutSeconds", "120"),
        ("CorsOrigin", "https://tools.example.com"),
    ];
    parameters.extend(ROUTES.map(|(parameter, _)| (parameter, "true")));
    works(&Deployed::new("optional", &parameters), "optional");
}

#[test]
fn a_stack_with_machines_of_another_region_is_not_created() {
    let home = Home::empty();
    let template = home.write("gateway.yaml", &home.run(&["template"]).expect(0).out);
    let elsewhere = text(&stack()["machines"]["EchoStateMachine"]).replace(":ap-northeast-1:", ":eu-west-1:");
    let parameters = [("StateMachineArns", elsewhere.as_str()), ("Auth", "API_KEY")];
    let out = home.path().join("deployed.json");
    let refused = try_deploy("elsewhere", &arguments(&template, &out, &parameters)).expect_err("refused");
    assert!(refused.contains("StateMachineArns are not of the region and account of this stack"), "{refused}");
    if let Err(error) = try_deploy("elsewhere", &["--fault".to_owned(), "delete-stack".to_owned()]) {
        eprintln!("not deleted: {error}");
    }
}
