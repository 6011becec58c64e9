//! Endpoints with `confirm = "name"`: nothing is started, stopped or redriven there before their name is typed, on any path.
#![cfg(unix)]

use std::time::Duration;

use crate::support::cli::{Home, config, orders as lines, ran};
use crate::support::contexts::guarded;
use crate::support::gateway::Served;
use crate::support::render::{drawn, text_of};
use crate::support::scene::{NOW, answered, ordered, press, seen};
use crate::support::terminal::Terminal;
use ratatui::style::Color;
use stepgate::app::{Effect, EndpointInfo, Model, Msg, Overlay, update};
use stepgate::ui::Theme;
use stepgate_core::domain::{
    BatchId, EndpointName, ExecutionId, Failure, FailureKind, GatewayId, InputLine, Payload, Remembered, Settled,
    StartRequestId, Started, Status, UnresolvedStart, UnsentBatch, Verdict,
};
use stepgate_local::Options;
use tokio::runtime::Runtime;

fn screen(model: &Model) -> String {
    text_of(&drawn(model, &Theme::dark()))
}

fn is_sent(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Start(..)
            | Effect::RecordBatch(..)
            | Effect::SendBatch(..)
            | Effect::Stop { .. }
            | Effect::Redrive { .. }
    )
}

fn started(model: &mut Model, keys: &str) -> ExecutionId {
    let (id, order) = ordered(press(model, keys));
    let arn = order.machine.execution(&order.name);
    update(model, Msg::StartFinished(id, None, Settled::Confirmed(Started::new(arn, Some(NOW)))));
    model.selected().expect("it is selected").id
}

/// One execution on dev, then one on prod, which is selected.
fn filled() -> Model {
    let mut model = Model::new(guarded(120, 40));
    started(&mut model, "n dev enter tab on-dev ctrl-s");
    started(&mut model, "n prod enter tab on-prod ctrl-s prod enter");
    model
}

fn not_started() -> Model {
    let mut model = Model::new(guarded(120, 40));
    let (id, order) = ordered(press(&mut model, "n prod enter ctrl-s prod enter"));
    let lost = UnresolvedStart { order, request_id: Some(StartRequestId(7)), first_sent: NOW, sent: NOW, reason: None };
    update(&mut model, Msg::StartFinished(id, Some(StartRequestId(7)), Settled::Unresolved(Box::new(lost))));
    let row = model.selected().expect("its row").id;
    let unknown = Failure::without_response(FailureKind::ExecutionDoesNotExist, "");
    answered(&mut model, row, Err(unknown), Verdict::GivenUp);
    model
}

fn failed() -> Model {
    let mut model = filled();
    let id = model.selected().expect("a row").id;
    let seen = seen(&model, id, Status::Failed, Duration::from_secs(1));
    answered(&mut model, id, Ok(seen), Verdict::Ended);
    model
}

fn with_file() -> Model {
    let mut model = Model::new(guarded(120, 40));
    press(&mut model, "n prod enter esc b orders.jsonl enter");
    let inputs = (1..=3).map(|number| InputLine { number, input: Payload::received("{}") }).collect();
    update(&mut model, Msg::LinesRead("orders.jsonl".into(), Ok(inputs)));
    model
}

fn with_unsent_lines() -> Model {
    let mut model = Model::new(guarded(120, 40));
    let batch = UnsentBatch {
        id: BatchId(3),
        file: "orders.jsonl".into(),
        // As it was called when they were recorded.
        endpoint: EndpointName::new("production"),
        gateway: GatewayId::new("https://api.example.com/prod"),
        machine_name: "order-pipeline".into(),
        lines: 5,
        unsent: 2,
    };
    update(&mut model, Msg::StoreLoaded(Box::new(Remembered { batches: vec![batch], ..Remembered::default() })));
    model
}

/// Ways to send something to prod: a model, and the keys that lead to the question.
type Way = (&'static str, fn() -> Model, &'static str);

const WAYS: [Way; 10] = [
    ("start", filled, "n prod enter ctrl-s"),
    ("start by palette", filled, ": start enter prod enter ctrl-s"),
    ("start again", filled, "r ctrl-s"),
    ("another endpoint in the form", filled, "n dev enter ctrl-x ctrl-s"),
    ("start now", not_started, "s"),
    ("batch", with_file, "enter"),
    ("continue a batch", with_unsent_lines, "b c"),
    ("stop", filled, "x"),
    ("stop marked ones on both endpoints", filled, "* x"),
    ("redrive", failed, "R"),
];

#[test]
fn nothing_is_sent_in_the_ui_before_the_name_is_typed() {
    for (way, model, keys) in WAYS {
        let mut model = model();
        let asked = press(&mut model, keys);
        assert!(!asked.iter().any(is_sent), "{way}: {asked:?}");
        assert!(screen(&model).contains("Type prod to "), "{way}: {}", screen(&model));
        for wrong in ["enter", "y enter", "y enter", "ctrl-u d e v enter", "ctrl-u P r o d enter"] {
            let sent = press(&mut model, wrong);
            assert!(!sent.iter().any(is_sent), "{way}, {wrong}: {sent:?}");
            let expected = "Nothing was sent. Type the name of the endpoint: `prod`.";
            assert!(screen(&model).contains(expected), "{way}: {}", screen(&model));
        }
        let sent = press(&mut model, "ctrl-u prod enter");
        assert!(sent.iter().any(is_sent), "{way}: {sent:?}\n{}", screen(&model));
        assert!(!press(&mut model, "enter").iter().any(is_sent), "{way}: once");
    }
}

#[test]
fn what_was_confirmed_is_sent_without_another_question() {
    let mut model = with_file();
    let recorded = press(&mut model, "enter prod enter");
    assert!(matches!(&recorded[..], [Effect::RecordBatch(_, orders)] if orders.len() == 3), "{recorded:?}");
    let sent = update(&mut model, Msg::BatchRecorded(Ok(BatchId(1))));
    assert!(sent.iter().any(|effect| matches!(effect, Effect::SendBatch(BatchId(1), _))), "{sent:?}");
    // Both of them, of which only one endpoint asks.
    let mut model = filled();
    let stopped = press(&mut model, "* x prod enter");
    assert_eq!(stopped.iter().filter(|effect| is_sent(effect)).count(), 2, "{stopped:?}");
}

#[test]
fn other_endpoints_ask_nothing() {
    let mut model = filled();
    let sent = press(&mut model, "n dev enter ctrl-s");
    assert!(sent.iter().any(is_sent), "{sent:?}");
    // The form that shows prod goes to dev.
    let mut model = filled();
    let sent = press(&mut model, "n prod enter ctrl-x ctrl-s");
    assert!(sent.iter().any(is_sent), "{sent:?}");
}

#[test]
fn esc_returns_to_the_form_with_what_was_typed() {
    let mut model = Model::new(guarded(120, 40));
    press(&mut model, "n prod enter tab mine ctrl-s p r esc");
    assert!(matches!(model.shell().overlay(), Overlay::Start(form) if form.name.text() == "mine"));
    // What was typed before confirms nothing.
    assert!(!press(&mut model, "ctrl-s o d enter").iter().any(is_sent));
    let mut model = with_file();
    press(&mut model, "enter esc");
    assert!(matches!(model.shell().overlay(), Overlay::File(_)));
    let mut model = with_unsent_lines();
    press(&mut model, "b c esc");
    assert!(matches!(model.shell().overlay(), Overlay::Batch));
}

#[test]
fn a_guarded_endpoint_is_marked_without_a_colour_of_its_own() {
    let mut setup = guarded(120, 40);
    setup.endpoints = setup.endpoints.iter().map(|info| EndpointInfo::from(&info.endpoint)).collect();
    for (keys, expected) in [("1", false), ("2", true)] {
        let mut model = Model::new(setup.clone());
        press(&mut model, keys);
        let buffer = drawn(&model, &Theme::dark());
        let is_red = |text: &str| buffer.content().iter().any(|cell| cell.fg == Color::Red && cell.symbol() == text);
        // The name in the header, and the frame with the focus.
        assert_eq!((is_red("p"), is_red("┏")), (expected, expected), "{keys}: {}", text_of(&buffer));
    }
}

#[test]
fn copied_commands_confirm_nothing() {
    let mut model = filled();
    let copied = press(&mut model, "y s");
    let Some(Effect::Copy(item)) = copied.first() else { panic!("{copied:?}") };
    assert!(item.text.contains("start") && !item.text.contains("--yes-to"), "{}", item.text);
}

fn served() -> (Runtime, Served, Home) {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let home = Home::empty();
    let guarded = config(&served.url()).replace("endpoints.e.", "endpoints.prod.");
    let guarded = guarded.replace("[endpoints.e]\n", "[endpoints.prod]\nconfirm = \"name\"\n");
    let dev = "default-endpoint = \"prod\"\n[endpoints.dev]\nurl = \"http://127.0.0.1:9/dev\"\n";
    home.write("config.toml", &format!("{dev}{guarded}"));
    home.write("lines.jsonl", &lines(2));
    (runtime, served, home)
}

#[test]
fn commands_send_nothing_without_the_name() {
    let (_runtime, served, home) = served();
    let start =
        |name: &'static str| ["start", "wait", "--input", "{\"seconds\": 60}", "--name", name, "--yes-to", "prod"];
    for name in ["one", "two"] {
        home.run(&start(name)).expect(0);
    }
    home.run(&["stop", "two", "--yes-to", "prod"]).expect(0);
    let before = served.gateway.requests();
    let commands: [&[&str]; 5] = [
        &["start", "pass"],
        &["start", "pass", "--wait", "--timeout", "10s"],
        &["start", "pass", "--each", "lines.jsonl"],
        &["stop", "one"],
        &["redrive", "two"],
    ];
    for command in commands {
        let said = home.run(command).expect(2);
        let expected = "stepgate: the endpoint `prod` sets confirm = \"name\": add --yes-to prod; nothing was sent\n";
        assert_eq!((&*said.err, &*said.out), (expected, ""), "{command:?}");
        let said = home.run(&[command, &["--yes-to", "dev"]].concat()).expect(2);
        let expected =
            "stepgate: --yes-to names `dev`, but the endpoint is `prod`: use --yes-to prod; nothing was sent\n";
        assert_eq!((&*said.err, &*said.out), (expected, ""), "{command:?}");
        // A script with standard input is no terminal either.
        home.run_with(command, "prod\n").expect(2);
        assert_eq!(served.gateway.requests(), before, "{command:?}");
    }
    home.run(&["start", "pass", "--each", "lines.jsonl", "--yes-to", "prod"]).expect(0);
    home.run(&["start", "pass", "--each", "lines.jsonl", "--resume", "--yes-to=prod"]).expect(0);
    home.run(&["stop", "one", "--yes-to", "prod"]).expect(0);
    home.run(&["redrive", "two", "--yes-to", "prod"]).expect(0);
    // What only reads needs none.
    home.run(&["status", "one"]).expect(0);
    assert_eq!(served.gateway.executions().len(), 4);
}

#[test]
fn a_start_that_cannot_be_sent_is_refused_before_the_name_is_asked_for() {
    let (_runtime, served, home) = served();
    let config = std::fs::read_to_string(home.path().join("config.toml")).expect("a configuration");
    let without_routes: String = config
        .lines()
        .filter(|line| !line.starts_with("stop") && !line.starts_with("redrive"))
        .fold(String::new(), |text, line| text + line + "\n");
    home.run(&["start", "pass", "--name", "one", "--yes-to", "prod"]).expect(0);
    home.write("config.toml", &without_routes);
    home.write("bad.jsonl", "{}\n{\n");
    let before = served.gateway.requests();
    for (command, expected) in [
        (&["start", "nobody"][..], "nobody"),
        (&["start", "pass", "--input", "{"], "input"),
        (&["start", "pass", "--preset", "missing"], "missing"),
        (&["start", "pass", "--each", "missing.jsonl"], "missing.jsonl"),
        (&["start", "pass", "--each", "bad.jsonl"], "bad.jsonl:2"),
        (&["start", "pass", "--each", "lines.jsonl", "--resume"], "no earlier run of these lines"),
        (&["stop", "one"], "declares no route `stop`"),
        (&["redrive", "one"], "declares no route `redrive`"),
    ] {
        for command in [command.to_vec(), [command, &["--yes-to", "dev"]].concat()] {
            let said = home.run(&command).expect(2);
            assert!(said.err.contains(expected) && !said.err.contains("--yes-to"), "{command:?}: {said:?}");
        }
    }
    assert_eq!(served.gateway.requests(), before);
}

#[test]
fn a_name_that_is_not_the_endpoints_is_refused_even_if_none_is_required() {
    let (_runtime, served, home) = served();
    let open = std::fs::read_to_string(home.path().join("config.toml")).expect("a configuration");
    home.write("config.toml", &open.replace("confirm = \"name\"\n", ""));
    let said = home.run(&["start", "pass", "--yes-to", "dev"]).expect(2);
    assert!(said.err.contains("--yes-to names `dev`, but the endpoint is `prod`"), "{said:?}");
    assert_eq!(served.gateway.requests(), 0);
    home.run(&["start", "pass", "--yes-to", "prod"]).expect(0);
    home.run(&["start", "pass"]).expect(0);
}

#[test]
fn a_terminal_asks_for_the_name() {
    let (_runtime, served, home) = served();
    let config = std::fs::read_to_string(home.path().join("config.toml")).expect("a configuration");
    let data = home.path().to_string_lossy().into_owned();
    let mut terminal = Terminal::open(120, 30, &[("XDG_DATA_HOME", &data)]);
    terminal.write("c.toml", &config);
    for (typed, code) in [("dev\r", 2), ("\r", 2), ("y\r", 2), ("prod\r", 0)] {
        terminal.send(&format!("clear; {} --config c.toml start pass; echo code=$?\r", Terminal::program()));
        terminal.wait_for_text("Type prod to start there: ");
        assert_eq!(served.gateway.requests(), 0, "nothing is sent before");
        terminal.send(typed);
        terminal.wait_for_text(&format!("code={code}"));
        if code == 2 {
            terminal.wait_for_text("that is not the name of the endpoint, `prod`; nothing was sent");
        }
    }
    assert_eq!(served.gateway.requests(), 1);
}

#[test]
fn the_configuration_is_checked_and_names_are_completed() {
    let (_runtime, _served, home) = served();
    let candidates = |words: &[&str]| -> Vec<String> {
        let index = words.len().to_string();
        let mut command = home.command(&[&["--", "stepgate"][..], words].concat());
        command.env("COMPLETE", "zsh").env("_CLAP_COMPLETE_INDEX", index).env("_CLAP_IFS", "\n");
        ran(&mut command).expect(0).out.lines().map(str::to_owned).collect()
    };
    for command in ["start", "stop", "redrive"] {
        assert_eq!(candidates(&[command, "something", "--yes-to", ""]), ["dev", "prod"]);
        assert_eq!(candidates(&[command, "something", "--yes-to", "p"]), ["prod"]);
    }
    home.run(&["config", "check"]).expect(0);
    let config = std::fs::read_to_string(home.path().join("config.toml")).expect("a configuration");
    for (value, expected) in [
        ("\"yes\"", "config.toml:5: endpoints.prod.confirm: expected `name`, found `yes`\n"),
        ("\"nam\"", "config.toml:5: endpoints.prod.confirm: expected `name`, found `nam`; did you mean `name`?\n"),
        ("true", "config.toml:5: endpoints.prod.confirm: expected a string, found boolean\n"),
    ] {
        home.write("config.toml", &config.replace("confirm = \"name\"", &format!("confirm = {value}")));
        let checked = home.run(&["config", "check"]).expect(2);
        assert!(checked.out.ends_with(expected), "{checked:?}");
    }
}
