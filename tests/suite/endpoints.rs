//! Several endpoints in commands: one machine on each of them, in every command that names a machine.
#![cfg(unix)]

use crate::support::cli::{Home, MACHINE, cells, ran};
use crate::support::gateway::Served;
use crate::support::terminal::Terminal;
use stepgate_local::Options;
use tokio::runtime::Runtime;

/// Two local gateways; `order` is on both, `wait` only on dev and `fail` only on prod.
fn served() -> (Runtime, [Served; 2], Home) {
    let runtime = Runtime::new().expect("a runtime");
    let gateways = runtime.block_on(async { [Served::new(Options::default()), Served::new(Options::default())] });
    let home = Home::empty();
    let order = format!("{MACHINE}OrderStateMachine");
    let endpoint = |name: &str, url: String| {
        format!(
            "[endpoints.{name}]\nurl = \"{url}\"\nwatch = {{ requests-per-second = 50 }}\n\
             routes = {{ list = \"/executions\", stop = \"/execution/stop\" }}\n"
        )
    };
    let config = format!(
        "default-endpoint = \"dev\"\n{}{}\
         [machines.order]\narn = {{ dev = \"{order}\", prod = \"{order}\" }}\npresets = {{ small = \"[1]\" }}\n\
         [machines.wait]\narn = \"{MACHINE}WaitStateMachine\"\n\
         [machines.fail]\nendpoint = \"prod\"\narn = \"{MACHINE}FailStateMachine\"\n",
        endpoint("dev", gateways[0].url()),
        endpoint("prod", gateways[1].url())
    );
    home.write("config.toml", &config);
    (runtime, gateways, home)
}

#[test]
fn a_machine_on_several_endpoints_starts_only_on_the_chosen_one() {
    let (_runtime, [dev, prod], home) = served();
    home.write("lines.jsonl", "{}\n");
    let refused = "stepgate: `order` is on several endpoints: dev, prod; choose one with --endpoint";
    for arguments in [
        &["start", "order"][..],
        &["start", "order", "--preset", "small", "--wait"],
        &["start", "order", "--each", "lines.jsonl"],
        &["start", &format!("{MACHINE}OrderStateMachine")],
        &["open", "order", "--print"],
    ] {
        let said = home.run(arguments).expect(2);
        let refused = refused.replace("order", arguments[1]);
        assert!(said.err.starts_with(&refused) && said.out.is_empty(), "{arguments:?}: {said:?}");
    }
    assert_eq!((dev.gateway.requests(), prod.gateway.requests()), (0, 0));
    home.run(&["start", "order", "--endpoint", "prod", "--name", "on-prod"]).expect(0);
    assert_eq!((dev.gateway.requests(), prod.gateway.requests()), (0, 1));
    ran(home.command(&["start", "order", "--name", "on-dev", "--preset", "small"]).env("STEPGATE_ENDPOINT", "dev"))
        .expect(0);
    assert_eq!((dev.gateway.requests(), prod.gateway.requests()), (1, 1));
    // The flag precedes the variable.
    ran(home.command(&["--endpoint", "dev", "start", "order"]).env("STEPGATE_ENDPOINT", "prod")).expect(0);
    assert_eq!((dev.gateway.requests(), prod.gateway.requests()), (2, 1));
    // The others are on one endpoint only.
    home.run(&["start", "fail"]).expect(0);
    home.run(&["start", "wait"]).expect(0);
    let said = home.run(&["start", "wait", "--endpoint", "prod"]).expect(2);
    assert!(said.err.contains("no machine `wait` in the configuration"), "{said:?}");
    // Suggested once, although it has two entries.
    let said = home.run(&["start", "something"]).expect(2);
    assert!(said.err.contains("known: order, wait, fail;"), "{said:?}");
}

#[test]
fn commands_cover_a_machine_on_each_of_its_endpoints() {
    let (_runtime, [dev, prod], home) = served();
    let names = |out: &str| out.lines().skip(1).map(|line| cells(line)[..2].join(" ")).collect::<Vec<_>>();
    let machines = home.run(&["machines"]).expect(0);
    assert_eq!(names(&machines.out), ["order dev", "order prod", "wait dev", "fail prod"]);
    let of_prod = home.run(&["machines", "--endpoint", "prod", "--output", "json"]).expect(0).objects();
    assert_eq!(
        of_prod.iter().map(|machine| machine["name"].as_str()).collect::<Vec<_>>(),
        [Some("order"), Some("fail")]
    );
    let checked = home.run(&["config", "check"]).expect(0);
    assert!(checked.out.ends_with("OK; 2 endpoints and 3 machines\n"), "{checked:?}");
    for endpoint in ["dev", "prod"] {
        home.run(&["start", "order", "--endpoint", endpoint, "--name", &format!("on-{endpoint}"), "--wait"]).expect(0);
    }
    home.run(&["start", "fail", "--name", "other", "--wait"]).expect(1);
    let listed = |arguments: &[&str]| -> Vec<String> {
        let out = home.run(&[&["list", "--no-headers"], arguments].concat()).expect(0).out;
        out.lines().map(|line| cells(line)[1].to_owned()).collect()
    };
    assert_eq!(listed(&["--machine", "order"]), ["on-prod", "on-dev"]);
    assert_eq!(listed(&["--machine", "order", "--endpoint", "dev"]), ["on-dev"]);
    assert_eq!(listed(&["--endpoint", "prod"]), ["other", "on-prod"]);
    assert_eq!(listed(&["--machine", "order", "--remote"]), ["on-prod", "on-dev"]);
    assert_eq!(listed(&["--machine", "order", "--remote", "--endpoint", "prod"]), ["on-prod"]);
    // A name that is not in the store, and the only machine is on two endpoints.
    let only = std::fs::read_to_string(home.path().join("config.toml")).expect("a configuration");
    home.write("config.toml", only.split("[machines.wait]").next().expect("the first machine"));
    let said = home.run(&["status", "nobody"]).expect(2);
    assert!(said.err.ends_with("use its ARN, or --endpoint with one of dev, prod\n"), "{said:?}");
    let doctor = home.run(&["doctor"]);
    assert_eq!(doctor.out.matches("no errors; 1 machine").count(), 2, "{doctor:?}");
    // The requests of the doctor about each machine.
    assert!(dev.gateway.requests() > 2 && prod.gateway.requests() > 2, "{doctor:?}");
}

#[test]
fn a_colour_that_cannot_be_shown_is_an_error_with_a_suggestion() {
    let (_runtime, _gateways, home) = served();
    let config = std::fs::read_to_string(home.path().join("config.toml")).expect("a configuration");
    let lines = config.lines().take_while(|line| !line.starts_with("[endpoints.prod]")).count() + 2;
    for (color, suggestion) in [
        ("rde", "; did you mean `red`?"),
        ("ligth-blue", "; did you mean `light-blue`?"),
        ("#ff87", ""),
        ("", ""),
        ("256", ""),
    ] {
        let with = format!("[endpoints.prod]\ncolor = \"{color}\"\n");
        home.write("config.toml", &config.replace("[endpoints.prod]\n", &with));
        let expected = format!(
            "config.toml:{lines}: endpoints.prod.color: `{color}` is not a colour; expected a colour such as `light-red`, \
             `#5fffd7` or `86`{suggestion}\n"
        );
        let checked = home.run(&["config", "check"]).expect(2);
        assert!(checked.out.ends_with(&expected), "{checked:?}: {expected}");
    }
    for color in ["red", "light-red", "#ff8700", "#FF8700", "86", "dark-gray"] {
        let with = format!("[endpoints.prod]\ncolor = \"{color}\"\n");
        home.write("config.toml", &config.replace("[endpoints.prod]\n", &with));
        home.run(&["config", "check"]).expect(0);
    }
    home.write("config.toml", &config.replace("[endpoints.prod]\n", "[endpoints.prod]\ncolor = 3\ncolour = \"red\"\n"));
    let checked = home.run(&["config", "check"]).expect(2);
    assert!(checked.out.contains("endpoints.prod.color: expected a string, found integer"), "{checked:?}");
    assert!(checked.out.contains("endpoints.prod.colour: unknown key; did you mean `color`?"), "{checked:?}");
}

#[test]
fn completions_know_every_endpoint_of_a_machine() {
    let (_runtime, _gateways, home) = served();
    let candidates = |words: &[&str]| -> Vec<String> {
        let index = words.len().to_string();
        let mut command = home.command(&[&["--", "stepgate"][..], words].concat());
        command.env("COMPLETE", "zsh").env("_CLAP_COMPLETE_INDEX", index).env("_CLAP_IFS", "\n");
        ran(&mut command).expect(0).out.lines().map(str::to_owned).collect()
    };
    assert_eq!(candidates(&["start", "o"]), ["order:dev, prod"]);
    assert_eq!(candidates(&["--endpoint", "prod", "start", ""])[..2], ["order:prod", "fail:prod"]);
    assert_eq!(candidates(&["start", "order", "--preset", ""]), ["small:order"]);
    assert_eq!(candidates(&["start", "order", "--endpoint=prod", "--preset", ""]), ["small:order"]);
}

/// Launches the terminal UI, presses keys, each until a text is on the screen, and quits.
fn launch(terminal: &mut Terminal, options: &str, expected: &str, keys: &[(&str, &str)]) {
    terminal.send(&format!("clear; {} --config c.toml {options}; echo code=$?\r", Terminal::program()));
    terminal.wait_for("the screen", vt100::Screen::alternate_screen);
    terminal.wait_for_text(expected);
    for (keys, expected) in keys {
        terminal.send(keys);
        terminal.wait_for_text(expected);
    }
    terminal.send("q");
    // The shell reads its input again.
    terminal.wait_for_text("code=0");
}

#[test]
fn the_chosen_endpoint_is_remembered_and_a_start_goes_to_the_endpoint_in_the_form() {
    let (_runtime, [dev, prod], home) = served();
    let config = std::fs::read_to_string(home.path().join("config.toml")).expect("a configuration");
    let data = home.path().to_string_lossy().into_owned();
    let mut terminal = Terminal::open(120, 30, &[("XDG_DATA_HOME", &data)]);
    terminal.write("c.toml", &config);
    launch(&mut terminal, "", "all endpoints", &[("2", "stepgate  prod ")]);
    launch(&mut terminal, "", "stepgate  prod ", &[]);
    launch(&mut terminal, "--endpoint dev", "stepgate  dev ", &[]);
    assert_eq!((dev.gateway.requests(), prod.gateway.requests()), (0, 0));
    // A start on prod, then the same input on dev.
    let again = [
        ("norder\r", "Start order on prod"),
        ("\x13", "SUCCEEDED"),
        ("r", "Start order on prod"),
        ("\x18", "Start order on dev"),
        ("\x13", "Showing all endpoints: the new execution is on dev."),
        (":endpoint all\r", "stepgate  all endpoints "),
    ];
    launch(&mut terminal, "", "stepgate  prod ", &again);
    assert!(dev.gateway.requests() > 0 && prod.gateway.requests() > 0);
    launch(&mut terminal, "", "all endpoints", &[("1", "stepgate  dev ")]);
    // A name that no longer exists selects all.
    let renamed = config.replace("[endpoints.dev]", "[endpoints.test]").replace("dev = ", "test = ");
    terminal.write("c.toml", &renamed.replace("\"dev\"", "\"test\""));
    launch(&mut terminal, "", "all endpoints", &[]);
    launch(&mut terminal, "--endpoint test", "stepgate  test ", &[]);
}
