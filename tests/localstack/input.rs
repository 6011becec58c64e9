//! Gateways that are not the template: one whose mapping template makes the body the input, and what `config init` finds
//! out about each.

use serde_json::{Value, json};

use crate::deployed::Deployed;
use crate::support::cli::{Home, ran};
use crate::support::terminal::Terminal;
use crate::{quit, stack, text};

/// A configuration for the machine behind the mapping template.
fn config() -> String {
    let input = stack()["input"].clone();
    format!(
        "[endpoints.input]\nurl = {}\nroutes.start = {{ path = \"/execution\", request = \".input\" }}\n\
         [machines.InputStateMachine]\narn = {}\n",
        input["url"], input["machine"]
    )
}

#[test]
fn the_body_can_be_the_input() {
    let home = Home::empty();
    home.write("config.toml", &config());
    let start = |input: &str| ["start", "InputStateMachine", "--input", input, "--output", "json"].map(str::to_owned);
    let run = |arguments: &[String]| home.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let waiting = |input: &str| [&start(input)[..], &["--wait".to_owned()]].concat();
    // Apostrophes are left out: the function of the mapping template makes invalid JSON of them.
    let input = "{\"fail\": false, \"text\": \"a \\\"quoted\\\" \\\\ word\", \"list\": [1, {\"a\": null}]}";
    let passed = run(&waiting(input)).expect(0).object();
    assert_eq!(passed["status"], "SUCCEEDED", "{passed}");
    let json_of = |text: &Value| serde_json::from_str::<Value>(text.as_str().expect("a text")).expect("JSON");
    assert_eq!(json_of(&passed["output"]), json_of(&json!(input)), "{passed}");
    let failed = run(&waiting("{\"fail\": true}")).expect(1).object();
    assert_eq!((&failed["status"], &failed["error"]), (&json!("FAILED"), &json!("AsAsked")), "{failed}");
    let begun = run(&start("{\"fail\": false}")).expect(0).object();
    let watched = home.run(&["watch", "@last", "--output", "json"]).expect(0).object();
    assert_eq!((&watched["executionArn"], &watched["status"]), (&begun["executionArn"], &json!("SUCCEEDED")));
    home.run(&["config", "check"]).expect(0);
    home.run(&["doctor"]).expect(0);
}

#[test]
fn what_the_body_started_is_started_again() {
    let mut terminal = Terminal::open(140, 40, &[]);
    terminal.write("config.toml", &config());
    terminal.send(&format!("{} --config config.toml; echo code=$?\r", Terminal::program()));
    terminal.wait_for_text("InputStateMachine");
    // There is one machine to choose.
    for (key, shown, input) in [("n", "{}", "{\"fail\": false}"), ("r", "\"fail\"", "{\"fail\": true}")] {
        terminal.send(key);
        terminal.wait_for_text("Start InputStateMachine");
        terminal.wait_for_text(shown);
        // Home, delete to the end.
        terminal.send(&format!("\x01\x0b\x1b[200~{input}\x1b[201~\x13"));
        terminal.wait_for_text("1 succeeded");
    }
    terminal.wait_for_text("AsAsked");
    terminal.wait_for_text("1 failed");
    terminal.wait_for_text("1 succeeded");
    quit(&mut terminal);
}

/// Finds out a gateway, and uses the configuration as it is, with this machine.
fn found_out(home: &Home, arguments: &[&str], machine: &str, key: Option<&str>) -> String {
    let run = |arguments: &[&str]| ran(home.command(arguments).envs(key.map(|key| ("STEPGATE_API_KEY", key))));
    let init = ["config", "init"];
    let written = run(&[&init, arguments, &["--write"]].concat()).expect(0).out;
    run(&["config", "check"]).expect(0);
    let doctor = run(&["doctor"]);
    assert_eq!(doctor.code, Some(0), "{written}{doctor:?}");
    let started = run(&["start", machine, "--wait", "--output", "json"]).expect(0).object();
    assert_eq!(started["status"], "SUCCEEDED", "{written}");
    written
}

#[test]
fn what_config_init_finds_out_works_without_edits() {
    let stack = stack();
    let machine = text(&stack["machines"]["PassStateMachine"]);
    for name in ["open", "keyed", "mapped"] {
        let url = text(&stack[name]["url"]);
        let key = stack[name]["api_key"].as_str();
        let with_key = if key.is_some() { &["--api-key-env", "STEPGATE_API_KEY"][..] } else { &[] };
        let arguments = [&[url.as_str(), "--machine", &machine], with_key].concat();
        let written = found_out(&Home::empty(), &arguments, &machine, key);
        let is_named = |route: &str| written.lines().any(|line| line.starts_with(&format!("{route} = ")));
        assert!(!is_named("stop") && !is_named("history") && !is_named("list"), "{written}");
    }
}

#[test]
fn config_init_finds_out_the_routes_of_the_template() {
    let log_group = text(&stack()["express"]["EchoExpress"]["log_group"]);
    let routes =
        ["StopRoute", "HistoryRoute", "ListRoute", "DefinitionRoute", "SyncRoute", "LogsRoute", "MachinesRoute"];
    let mut parameters = vec![("Auth", "API_KEY"), ("LogGroupArns", log_group.as_str())];
    parameters.extend(routes.map(|route| (route, "true")));
    let deployed = Deployed::new("found-out", &parameters);
    let key = deployed.key.as_deref();
    // The gateway lists the machines.
    let arguments = [&deployed.url(), "--api-key-env", "STEPGATE_API_KEY"];
    let home = Home::empty();
    let written = found_out(&home, &arguments, "PassStateMachine", key);
    let express = ["start", "EchoExpress", "--wait", "--output", "json"];
    let mut express = home.command(&express);
    let ended = ran(express.envs(key.map(|key| ("STEPGATE_API_KEY", key)))).expect(0).object();
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
    for route in ["stop", "history", "list", "definition", "logs", "machines"] {
        assert!(written.lines().any(|line| line.starts_with(&format!("{route} = "))), "{route}: {written}");
    }
    // A request to it would start something.
    assert!(written.lines().any(|line| line.starts_with("# sync = ")), "{written}");
    for (name, machine) in stack()["express"].as_object().expect("machines") {
        let block = format!("[machines.{name}]\nendpoint = \"dev\"\narn = {}\ntype = \"express\"\n", machine["arn"]);
        assert!(written.contains(&block), "{block}: {written}");
    }
}
