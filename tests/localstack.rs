//! The real program, in a real terminal, against `LocalStack`'s API Gateway and Step Functions: what the
//! article builds. `tests/localstack/run` installs and starts it, and runs this suite; a plain
//! `cargo test` leaves it out.
#![cfg(unix)]

#[path = "localstack/deployed.rs"]
mod deployed;
#[path = "localstack/express.rs"]
mod express;
#[path = "localstack/input.rs"]
mod input;
mod support;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::io::Write as _;
use std::time::Duration;

use serde_json::{Value, json};
use support::chaos::Chaos;
use support::cli::{Home, orders};
use support::crash::{Victim, Way, intent_of};
use support::terminal::Terminal;

/// What `tests/localstack/stack.py` has built.
fn stack() -> Value {
    let path = std::env::var("STEPGATE_LOCALSTACK_STACK").expect("run this suite by tests/localstack/run");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the stack's description")).expect("JSON")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The program with a configuration for this endpoint (`open`, `keyed`, `mapped`, `wrong_stage`).
fn launch(endpoint: &str, auth: &str, variables: &[(&str, &str)]) -> Terminal {
    let stack = stack();
    let mut config = format!("[endpoints.{endpoint}]\nurl = {}\n{auth}\n", stack[endpoint]["url"]);
    for (name, arn) in stack["machines"].as_object().expect("machines") {
        write!(config, "[machines.{name}]\narn = {arn}\n").expect("a text");
    }
    let unknown = text(&stack["machines"]["PassStateMachine"]).replace("PassStateMachine", "NoSuchMachine");
    write!(config, "[machines.NoSuchMachine]\narn = \"{unknown}\"\n[ui]\ntheme = \"dark\"\n").expect("a text");
    let mut terminal = Terminal::open(140, 40, variables);
    terminal.write("config.toml", &config);
    terminal.send(&format!("{} --config config.toml; echo code=$?\r", Terminal::program()));
    terminal.wait_for_text("EchoStateMachine");
    terminal
}

/// Starts a machine through the form with this name and input.
fn start(terminal: &mut Terminal, machine: &str, name: &str, input: &str) {
    terminal.send("n");
    terminal.wait_for_text("Start which machine?");
    terminal.send(machine);
    terminal.send("\r");
    terminal.wait_for_text(&format!("Start {machine}"));
    // Home, delete to the end: the form opens with `{}`.
    terminal.send(&format!("\x01\x0b\x1b[200~{input}\x1b[201~\t{name}"));
    terminal.wait_for_text(name);
    terminal.send("\x13");
}

fn quit(terminal: &mut Terminal) {
    terminal.send("q");
    terminal.wait_for_text("code=0");
}

#[test]
fn the_articles_machine_succeeds_with_its_output() {
    let mut terminal = launch("open", "", &[]);
    start(&mut terminal, "PassStateMachine", "pass-1", "{}");
    terminal.wait_for_text("SUCCEEDED");
    terminal.wait_for_text("\"Arg1\": \"argument1\"");
    quit(&mut terminal);
}

#[test]
fn input_and_output_are_those_of_the_service() {
    let mut terminal = launch("open", "", &[]);
    start(&mut terminal, "EchoStateMachine", "echo-1", "{\"city\": \"東京\", \"n\": 1}");
    terminal.wait_for_text("SUCCEEDED");
    // LocalStack rewrites values with escapes; the screen shows what it returns.
    let escaped = "\"city\": \"\\u6771\\u4eac\"";
    terminal.wait_for("input and output", |screen| screen.contents().matches(escaped).count() == 2);
    quit(&mut terminal);
}

#[test]
fn a_waiting_execution_is_watched_to_its_end() {
    let mut terminal = launch("open", "", &[]);
    start(&mut terminal, "WaitStateMachine", "wait-1", "{\"seconds\": 4}");
    terminal.wait_for_text("RUNNING");
    terminal.wait_for_text("1 running");
    terminal.wait_for_text("0:02");
    terminal.wait_for_text("SUCCEEDED");
    terminal.wait_for_text("1 succeeded");
    quit(&mut terminal);
}

#[test]
fn a_failure_shows_error_and_cause() {
    let mut terminal = launch("open", "", &[]);
    start(&mut terminal, "FailStateMachine", "fail-1", "{}");
    terminal.wait_for_text("FAILED");
    terminal.wait_for_text("SomeFailure");
    terminal.wait_for_text("This state machine raises a");
    quit(&mut terminal);
}

#[test]
fn a_timeout_is_told() {
    let mut terminal = launch("open", "", &[]);
    start(&mut terminal, "TimeoutStateMachine", "timeout-1", "{}");
    terminal.wait_for_text("TIMED_OUT");
    quit(&mut terminal);
}

#[test]
fn errors_are_recognised_by_the_body_whatever_the_status() {
    for endpoint in ["open", "mapped"] {
        let mut terminal = launch(endpoint, "", &[]);
        start(&mut terminal, "NoSuchMachine", "nobody-1", "{}");
        terminal.wait_for_text("the state machine does not exist");
        terminal.send("\x1b");
        terminal.wait_for("the form to close", |screen| !screen.contents().contains("Input (JSON)"));
        let name = format!("twice-{endpoint}");
        start(&mut terminal, "PassStateMachine", &name, "{}");
        terminal.wait_for_text("SUCCEEDED");
        start(&mut terminal, "PassStateMachine", &name, "{\"other\": 1}");
        terminal.wait_for_text("the name is already in use");
        terminal.wait_for_text("Start PassStateMachine");
        terminal.send("\x1b");
        terminal.wait_for("the form to close", |screen| !screen.contents().contains("Input (JSON)"));
        quit(&mut terminal);
    }
}

#[test]
fn a_right_key_lets_in_and_a_wrong_one_does_not() {
    let auth = "auth = { type = \"api-key\", env = \"STEPGATE_API_KEY\" }";
    let key = text(&stack()["keyed"]["api_key"]);
    let mut terminal = launch("keyed", auth, &[("STEPGATE_API_KEY", &key)]);
    start(&mut terminal, "PassStateMachine", "keyed-1", "{}");
    terminal.wait_for_text("SUCCEEDED");
    assert!(!terminal.text().contains(&key), "the key is nowhere on the screen");
    quit(&mut terminal);
    let mut terminal = launch("keyed", auth, &[("STEPGATE_API_KEY", "wrong-canary")]);
    start(&mut terminal, "PassStateMachine", "keyed-2", "{}");
    terminal.wait_for_text("the gateway forbids it: Forbidden");
    terminal.wait_for_text("Check the API key");
    assert!(!terminal.text().contains("wrong-canary"), "the key is nowhere on the screen");
}

#[test]
fn a_wrong_stage_is_told() {
    let mut terminal = launch("wrong_stage", "", &[]);
    start(&mut terminal, "PassStateMachine", "stage-1", "{}");
    // LocalStack returns 404 with its own text where API Gateway returns 403 Forbidden.
    terminal.wait_for_text("the gateway has no such route");
    terminal.wait_for_text("with its stage");
}

/// Asks Step Functions itself, not the gateway: `LocalStack` takes any signature.
fn step_functions(address: &str, action: &str, body: &Value) -> Value {
    let mut stream = std::net::TcpStream::connect(address).expect("LocalStack listens");
    let body = body.to_string();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.0\r\n\
         x-amz-target: AWSStepFunctions.{action}\r\nauthorization: AWS4-HMAC-SHA256 \
         Credential=test/20231206/ap-northeast-1/states/aws4_request, SignedHeaders=host, Signature=0\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let body = answer.split_once("\r\n\r\n").expect("a body").1;
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{action}: {error}: {answer}"))
}

#[test]
fn no_start_is_lost_or_doubled_by_a_kill() {
    const ROUNDS: usize = 24;
    let stack = stack();
    let url = text(&stack["open"]["url"]);
    let (address, path) = url.trim_start_matches("http://").split_once('/').expect("a path");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _context = runtime.enter();
    let chaos = runtime.block_on(Chaos::before(address.to_owned()));
    let machines = ["EchoStateMachine", "FailStateMachine"];
    let machines = machines.map(|name| (name.to_owned(), text(&stack["machines"][name]))).to_vec();
    let victim = Victim::new(format!("http://{}/{path}", chaos.address()), machines.clone(), true);
    for round in 0..ROUNDS {
        let way = if round % 4 == 0 { Way::StartAndWait } else { Way::Start };
        victim.kill_after(way, &format!("intent-{round}"), Duration::from_millis(fastrand::u64(20..1_200)));
    }
    chaos.calm_down();
    victim.settle();
    let (mut there, mut statuses) = (Vec::new(), HashMap::new());
    for (_, machine) in &machines {
        let list = step_functions(address, "ListExecutions", &json!({ "stateMachineArn": machine }));
        for execution in list["executions"].as_array().expect("executions") {
            let arn = text(&execution["executionArn"]);
            let described = step_functions(address, "DescribeExecution", &json!({ "executionArn": arn }));
            // The other tests start executions, too.
            if let Some(intent) = intent_of(described["input"].as_str().unwrap_or_default()) {
                statuses.insert(arn.clone(), text(&described["status"]));
                there.push((arn, intent));
            }
        }
    }
    let tally = victim.check(&there, |arn| statuses[arn].clone());
    println!("{ROUNDS} rounds, {} executions: {tally:?}; none lost, none doubled", there.len());
    assert!(tally.confirmed > 0, "{tally:?}");
}

/// A home whose configuration has the machines of the stack, and one that is not there, at an endpoint.
fn home(endpoint: &str) -> Home {
    let stack = stack();
    let mut config = format!("[endpoints.{endpoint}]\nurl = {}\n", stack[endpoint]["url"]);
    for (name, arn) in stack["machines"].as_object().expect("machines") {
        write!(config, "[machines.{name}]\narn = {arn}\n").expect("a text");
    }
    let unknown = text(&stack["machines"]["PassStateMachine"]).replace("PassStateMachine", "NoSuchMachine");
    write!(config, "[machines.NoSuchMachine]\narn = \"{unknown}\"\n").expect("a text");
    let home = Home::empty();
    home.write("config.toml", &config);
    home
}

#[test]
fn scripts_get_honest_exit_codes() {
    for endpoint in ["open", "mapped"] {
        let home = home(endpoint);
        let passed = home.run(&["start", "PassStateMachine", "--wait", "--output", "json"]).expect(0).object();
        assert!(passed["status"] == "SUCCEEDED" && passed["output"].is_string(), "{passed}");
        let arn = text(&passed["executionArn"]);
        let described = home.run(&["status", &arn, "--output", "json"]).expect(0).object();
        assert_eq!(described["stopDate"], passed["stopDate"]);
        assert_eq!(home.run(&["watch", "@last", "--output", "json"]).expect(0).object()["executionArn"], *arn);
        let failed = home.run(&["start", "FailStateMachine", "--wait", "--output", "json"]).expect(1).object();
        assert!(failed["status"] == "FAILED" && failed["error"].is_string(), "{failed}");
        let refused = home.run(&["start", "NoSuchMachine", "--wait"]).expect(3);
        assert!(refused.err.contains("the state machine does not exist"), "{refused:?}");
        let nobody = arn.replace(arn.rsplit(':').next().expect("a name"), "nobody");
        home.run(&["status", &nobody]).expect(3);
    }
}

#[test]
fn many_lines_have_their_results_in_order() {
    let home = home("open");
    let objects = home
        .run_with(&["start", "EchoStateMachine", "--each", "-", "--wait", "--output", "json"], &orders(20))
        .expect(0)
        .objects();
    for (index, object) in objects.iter().enumerate() {
        assert_eq!((object["line"].as_u64(), &object["status"]), (Some(index as u64 + 1), &"SUCCEEDED".into()));
        let input: Value = serde_json::from_str(object["input"].as_str().expect("a text")).expect("JSON");
        assert_eq!(input["order"].as_u64(), Some(index as u64 + 1));
    }
    assert_eq!(objects.len(), 20);
}
