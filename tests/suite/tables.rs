//! Tables of commands: the same on a terminal and in a pipe, and easy for a script to split.
#![cfg(unix)]

use crate::support::cli::{Home, MACHINE, cells, ran};
use crate::support::gateway::Served;
use crate::support::terminal::Terminal;
use stepgate::format::text::width;
use stepgate_local::Options;
use tokio::runtime::Runtime;

/// A name as wide as the API allows, and one in Japanese.
fn names() -> [String; 3] {
    ["short".to_owned(), "n".repeat(80), "注文-４７１１".to_owned()]
}

/// A home with three ended executions of a machine with a Japanese name.
fn filled() -> (Runtime, Served, Home) {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let home = Home::at(&served.url());
    let config = std::fs::read_to_string(home.path().join("config.toml")).expect("a configuration");
    home.write("config.toml", &config.replace("[machines.fail]", "[machines.\"失敗  の\"]"));
    for name in names() {
        home.run(&["start", "失敗  の", "--name", &name, "--wait"]).expect(1);
    }
    (runtime, served, home)
}

/// The commands that print tables, with their columns.
fn tables() -> Vec<(Vec<&'static str>, Vec<&'static str>)> {
    let executions = vec!["STATUS", "NAME", "MACHINE", "STARTED", "DURATION", "ERROR"];
    vec![
        (vec!["list"], executions.clone()),
        (vec!["list", "--remote"], executions),
        (vec!["machines"], vec!["NAME", "ENDPOINT", "TYPE", "PRESETS", "ARN"]),
        (vec!["history", "short"], vec!["ID", "TYPE", "NAME", "TIME", "DETAILS"]),
        (vec!["timeline", "short"], vec!["STATUS", "STEP", "STARTED", "DURATION", "ATTEMPTS", "ERROR"]),
    ]
}

#[test]
fn every_line_of_a_table_can_be_split_at_two_spaces() {
    let (_runtime, _served, home) = filled();
    for (command, columns) in tables() {
        let out = home.run(&command).expect(0).out;
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(cells(lines[0]), columns, "{command:?}");
        assert!(lines.len() > 1, "{command:?}: {out}");
        // Every column but the last begins at the same cell in every line.
        let starts = |line: &str| -> Vec<usize> {
            let mut at = 0;
            let cells = cells(line);
            let cells = cells.iter().take(columns.len() - 1).map(|cell| {
                at += line[at..].find(cell).expect("the cell");
                let start = width(&line[..at]);
                at += cell.len();
                start
            });
            cells.collect()
        };
        let is_aligned = |line: &&str| {
            let numbers: Vec<bool> = columns.iter().map(|title| ["ID", "ATTEMPTS"].contains(title)).collect();
            let pairs = starts(lines[0]).into_iter().zip(starts(line)).zip(numbers);
            let is_tree = |index: usize| columns[index] == "STEP";
            pairs.enumerate().all(|(index, ((header, cell), is_number))| is_number || is_tree(index) || header == cell)
        };
        assert!(lines.iter().all(is_aligned), "{command:?}:\n{out}");
        let enough = |line: &&str| cells(line).len() >= columns.len() - 1;
        assert!(lines.iter().all(enough), "{command:?}:\n{out}");
        let headless = home.run(&[&command[..], &["--no-headers"]].concat()).expect(0).out;
        assert_eq!(headless.lines().collect::<Vec<_>>(), &lines[1..], "{command:?}");
    }
    let list = home.run(&["list"]).expect(0).out;
    for (line, name) in list.lines().skip(1).zip(names().iter().rev()) {
        assert_eq!((cells(line)[1], cells(line)[2]), (&**name, "失敗 の"), "{line}");
    }
}

#[test]
fn machines_are_those_of_the_configuration() {
    let (_runtime, served, home) = filled();
    let asked = served.gateway.requests();
    let out = home.run(&["machines", "--no-headers"]).expect(0).out;
    let pass = out.lines().map(cells).find(|cells| cells[0] == "pass").expect("the machine");
    assert_eq!(pass, ["pass", "e", "-", "order", &format!("{MACHINE}PassStateMachine")]);
    let objects = home.run(&["machines", "--output", "json"]).expect(0).objects();
    let names: Vec<&str> = objects.iter().filter_map(|object| object["name"].as_str()).collect();
    assert_eq!(names, ["pass", "order", "wait", "失敗  の", "timeout"], "in the order of the file");
    assert_eq!(objects[0]["stateMachineArn"], format!("{MACHINE}PassStateMachine"));
    assert_eq!((&objects[0]["presets"][0], &objects[0]["endpoint"]), (&"order".into(), &"e".into()));
    assert!(home.run(&["machines", "--endpoint", "other"]).expect(2).err.contains("names `other`"));
    assert_eq!(served.gateway.requests(), asked);
    let nothing = Home::empty();
    assert!(nothing.run(&["machines"]).expect(2).err.contains("there is no configuration"));
    assert!(nothing.run(&["machines", "--endpoint", "local"]).expect(0).out.contains("PassStateMachine"));
}

#[test]
fn times_are_dates_unless_asked_otherwise() {
    let (_runtime, _served, home) = filled();
    let time = |arguments: &[&str], column: usize| {
        let out = ran(home.command(arguments).env("TZ", "Asia/Tokyo")).expect(0).out;
        cells(out.lines().nth(1).expect("a row"))[column].to_owned()
    };
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::get("Asia/Tokyo").expect("a zone"));
    for (arguments, column) in [(&["list"][..], 3), (&["history", "short"], 3), (&["timeline", "short"], 2)] {
        let absolute = time(arguments, column);
        assert!(absolute.starts_with(&today.strftime("%Y-%m-").to_string()), "{arguments:?}: {absolute}");
        assert_eq!(time(&[arguments, &["--time", "absolute"]].concat(), column).len(), absolute.len());
        let relative = time(&[arguments, &["--time", "relative"]].concat(), column);
        assert!(relative.ends_with(" s ago") || relative.ends_with(" m ago"), "{arguments:?}: {relative}");
    }
    let objects = home.run(&["list", "--time", "relative", "--output", "json"]).expect(0).objects();
    assert!(objects[0]["startDate"].as_str().is_some_and(|date| date.ends_with('Z')), "{objects:?}");
}

#[test]
fn an_empty_table_has_no_headers_and_says_why() {
    let (_runtime, _served, home) = filled();
    for (command, said) in [(&["list", "--status", "RUNNING"][..], true), (&["list", "--machine", MACHINE], true)] {
        let empty = home.run(command).expect(0);
        assert!(empty.out.is_empty() && empty.err.contains("no executions found") == said, "{empty:?}");
        let json = home.run(&[command, &["--output", "json"]].concat()).expect(0);
        assert!(json.out.is_empty() && json.err.is_empty(), "{json:?}");
    }
}

#[test]
fn a_terminal_cuts_rows_to_its_width_and_a_pipe_does_not() {
    let (_runtime, _served, home) = filled();
    let folder = home.path().display().to_string();
    let variables = [
        ("XDG_DATA_HOME", format!("{folder}/data")),
        ("STEPGATE_CONFIG", format!("{folder}/config.toml")),
        ("NO_COLOR", "1".to_owned()),
    ];
    let variables = variables.each_ref().map(|(name, value)| (*name, &**value));
    for columns in [40, 80, 200] {
        let mut terminal = Terminal::open(columns, 40, &variables);
        let program = Terminal::program();
        terminal.send(&format!("clear; {program} list; {program} list | wc -L; echo en''d\r"));
        terminal.wait_for_text("end");
        let text = terminal.text();
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("FAILED")).collect();
        // One line each: nothing has wrapped.
        assert_eq!(rows.len(), 3, "{columns}: {text}");
        assert_eq!(rows[1].contains(&"n".repeat(80)), columns == 200, "{columns}: {text}");
        let piped: Vec<&str> = text.lines().filter(|line| line.trim().parse::<usize>().is_ok()).collect();
        assert_eq!(piped.len(), 1, "{text}");
        assert!(piped[0].trim().parse::<usize>().is_ok_and(|longest| longest > 120), "{text}");
    }
}

#[test]
fn a_list_of_several_endpoints_has_a_column_for_them() {
    let (runtime, _served, home) = filled();
    let other = runtime.block_on(async { Served::new(Options::default()) });
    let config = std::fs::read_to_string(home.path().join("config.toml")).expect("a configuration");
    let arn = format!("{MACHINE}PassStateMachine");
    let second = format!(
        "[endpoints.other]\nurl = \"{}\"\n[machines.second]\narn = \"{arn}\"\nendpoint = \"other\"\n",
        other.url()
    );
    home.write("config.toml", &format!("default-endpoint = \"e\"\n{config}{second}"));
    let headers = |arguments: &[&str]| {
        let out = home.run(arguments).expect(0).out;
        cells(out.lines().next().expect("headers")).join(" ")
    };
    let (one, several) =
        ("STATUS NAME MACHINE STARTED DURATION ERROR", "STATUS NAME MACHINE ENDPOINT STARTED DURATION ERROR");
    assert_eq!(headers(&["list"]), one, "all executions are of one endpoint");
    home.run(&["start", "second", "--name", "theirs", "--wait"]).expect(0);
    assert_eq!(headers(&["list"]), several);
    let out = home.run(&["list"]).expect(0).out;
    let row = |name: &str| cells(out.lines().find(|line| line.contains(name)).expect("a row"))[2..4].join(" ");
    assert_eq!((row("theirs"), row("short")), ("second other".to_owned(), "失敗 の e".to_owned()), "{out}");
    assert_eq!(headers(&["list", "--limit", "1"]), one, "only of the rows shown");
    assert_eq!(headers(&["list", "--endpoint", "other"]), one);
    // JSON has the members of `DescribeExecution`.
    let objects = home.run(&["list", "--output", "json"]).expect(0).objects();
    assert!(objects.iter().all(|object| object.get("endpoint").is_none()));
}
