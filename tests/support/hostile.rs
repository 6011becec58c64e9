//! Text that attacks a terminal, a gateway that puts it into every field, and the check that none of it arrives.

use std::io::{Read, Write};
use std::path::Path;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::{Value, json};

use super::cli::{Home, MACHINE};
use super::gateway::http;

/// C0, DEL, C1, sequences that set titles, clear, notify and copy, bidirectional controls, characters without a
/// width, line separators, tags.
pub const HARM: &str = "\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[?1049h\u{1b}P+q\u{1b}\\\u{9b}31m\u{9d}9;hi\u{9c}\u{84}\u{85}\u{1}\u{8}\u{b}\u{c}\
                        \r\n\t\u{7f}\u{ad}\u{61c}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}x\u{202c}\
                        \u{2060}\u{2066}\u{2069}\u{feff}\u{fff9}\u{e0001}\u{e0041}";

/// What a gateway answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// Good answers in which every text that may be any text has harm in it.
    Members,
    /// The same with an execution that still runs.
    Running,
    /// Every text, also those that have to be something.
    EveryMember,
    /// An error of Step Functions.
    ServiceError,
    /// An error of the gateway, also in its headers.
    GatewayError,
    /// A page of something in front of it.
    Page,
    /// A page that says that all is well.
    GoodPage,
    /// Somewhere else.
    Redirect,
    /// Another kind of JSON.
    OtherJson,
}

impl Round {
    pub const ALL: [Self; 9] = [
        Self::Members,
        Self::Running,
        Self::EveryMember,
        Self::ServiceError,
        Self::GatewayError,
        Self::Page,
        Self::GoodPage,
        Self::Redirect,
        Self::OtherJson,
    ];

    /// Its answer to a request for this path.
    pub fn answer(self, path: &str) -> String {
        let headers = "x-amzn-requestid: r\u{84}\u{9b}31m\u{202e}\u{feff}\r\n";
        let page = format!("<HTML><TITLE>{HARM}</TITLE>{HARM}</HTML>");
        match self {
            Self::Members | Self::Running => http("200 OK", headers, &good(path, self == Self::Running).to_string()),
            Self::EveryMember => http("200 OK", headers, &harmed(good(path, false), &[]).to_string()),
            Self::ServiceError => {
                let body = json!({ "__type": format!("com.amazonaws#Odd{HARM}"), "message": format!("no{HARM}") });
                http("400 Bad Request", headers, &body.to_string())
            }
            Self::GatewayError => {
                let headers = format!("{headers}x-amzn-errortype: Odd\u{9b}31m\u{202e}\r\n");
                let body = json!({ "message": format!("Odd{HARM}"), "Type": HARM, "error": HARM, "cause": HARM });
                http("403 Forbidden", &headers, &body.to_string())
            }
            Self::Page => http("404 Not Found", headers, &page),
            Self::GoodPage => http("200 OK", headers, &page),
            Self::Redirect => {
                let headers = format!("{headers}location: https://x/\u{9b}31m\u{202e}\u{200b}\r\n");
                http("302 Found", &headers, &page)
            }
            Self::OtherJson => http("200 OK", headers, &json!([HARM, { "status": [HARM] }]).to_string()),
        }
    }
}

/// The ARN of the only execution.
pub fn execution() -> String {
    format!("{}:e-1", MACHINE.replace("stateMachine:", "execution:PassStateMachine"))
}

/// What a good answer to each route has; every member that any of them may have.
fn good(path: &str, is_running: bool) -> Value {
    let machine = format!("{MACHINE}PassStateMachine");
    let status = if is_running { "RUNNING" } else { "FAILED" };
    let fixed = ["executionArn", "stateMachineArn", "status", "nextToken", "previousEventId", "name"];
    let plain = if path.ends_with("/history") {
        let details = |kind: &str| {
            json!({ "name": "S", "resource": "r", "resourceType": "t", "error": "e", "cause": "c", "input": "{}",
                    "output": "{}", "region": "r", "parameters": "{}", "kind": kind })
        };
        let event = |id: u64, kind: &str, member: &str| json!({ "timestamp": 1_701_837_432.0, "type": kind, "id": id, "previousEventId": id - 1, member: details(kind) });
        json!({ "events": [
            event(1, "ExecutionStarted", "executionStartedEventDetails"),
            event(2, "TaskStateEntered", "stateEnteredEventDetails"),
            event(3, "TaskFailed", "taskFailedEventDetails"),
            event(4, "TaskStateExited", "stateExitedEventDetails"),
            event(5, "ExecutionFailed", "executionFailedEventDetails"),
        ] })
    } else if path.ends_with("/executions") {
        json!({ "executions": [{ "executionArn": execution(), "stateMachineArn": machine, "name": "e-1",
                "status": status, "startDate": 1_701_837_432.0, "stateMachineVersionArn": "v", "mapRunArn": "m" }] })
    } else {
        json!({ "executionArn": execution(), "stateMachineArn": machine, "name": "e-1", "status": status,
                "startDate": 1_701_837_432.0, "stopDate": 1_701_837_439.0, "input": "{}", "output": "{}", "error": "e",
                "cause": "c", "redriveCount": 1, "redriveStatus": "r", "redriveStatusReason": "r", "traceHeader": "t",
                "definition": "{}", "stateMachineVersionArn": "v", "stateMachineAliasArn": "a", "mapRunArn": "m",
                "inputDetails": { "included": true, "note": "n" }, "outputDetails": { "included": true, "note": "n" },
                "warning": "w", "message2": "m" })
    };
    harmed(plain, &fixed)
}

/// The value with harm in every text, save in the members of these names.
fn harmed(value: Value, fixed: &[&str]) -> Value {
    match value {
        Value::String(text) => format!("{text}{HARM}").into(),
        Value::Array(items) => items.into_iter().map(|item| harmed(item, fixed)).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| if fixed.contains(&&*name) { (name, value) } else { (name, harmed(value, fixed)) })
            .collect(),
        other => other,
    }
}

/// Whether a terminal would act on a character, or hide it.
pub fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Panics if there is anything in lines that are meant for a pipe or a file but lines.
pub fn assert_harmless(what: &str, text: &str) {
    let wrong = text.char_indices().find(|(_, c)| *c != '\n' && is_harmful(*c));
    assert!(wrong.is_none(), "{what}: {wrong:?} in {text:?}");
}

/// The text that was written to a terminal without the sequences that this program writes: colours, and placing the
/// cursor of live lines.
pub fn without_own_sequences(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8").replace("\r\n", "\n");
    let mut shown = String::new();
    let mut rest = text.as_str();
    while let Some((before, sequence)) = rest.split_once("\u{1b}[") {
        shown.push_str(before);
        let end = sequence.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(sequence.len());
        assert!(matches!(sequence[end..].chars().next(), Some('m' | 'F' | 'J')), "ESC [ {:?}", sequence.get(..end + 1));
        rest = &sequence[end + 1..];
    }
    shown.push_str(rest);
    shown
}

/// Panics if there is anything in what the terminal UI has drawn but pictures, and the sequences that it is made of.
pub fn assert_picture(bytes: &[u8]) {
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let drawn: String =
        text.split("\u{1b}[?1049h").skip(1).filter_map(|rest| rest.split("\u{1b}[?1049l").next()).collect();
    assert!(!drawn.is_empty(), "nothing was drawn");
    let mut pieces = drawn.split('\u{1b}');
    let mut shown = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        if let Some(sequence) = piece.strip_prefix('[') {
            let is_parameter = |c: char| c.is_ascii_digit() || ";:?<=>".contains(c);
            let end = sequence.find(|c| !is_parameter(c)).expect("a final byte");
            let is_title = matches!(&sequence[..=end], "22;0t" | "23;0t");
            assert!(
                is_title || matches!(sequence.as_bytes()[end], b'H' | b'm' | b'h' | b'l' | b'J' | b'K' | b'u' | b'c'),
                "ESC [ {sequence:?}"
            );
            shown.push_str(&sequence[end + 1..]);
        } else if let Some(sequence) = piece.strip_prefix(']') {
            if let Some(text) = sequence.strip_prefix("2;") {
                // The title of the window, whose end is another piece.
                shown.push_str(text);
                continue;
            }
            if let Some(url) = sequence.strip_prefix("8;").map(|link| link.trim_start_matches("id=stepgate")) {
                assert!(
                    url == ";" || url.starts_with(";https://") && url.bytes().all(|byte| byte.is_ascii_graphic()),
                    "{url:?}"
                );
                continue;
            }
            // The clipboard in base64, and the question for the background.
            let content = sequence.strip_prefix("52;c;").or_else(|| sequence.strip_prefix("11;?"));
            let content = content.unwrap_or_else(|| panic!("ESC ] {sequence:?}"));
            assert!(
                content.trim_end_matches('\u{7}').chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c)),
                "{content:?}"
            );
        } else {
            shown.push_str(piece.strip_prefix('\\').unwrap_or_else(|| panic!("ESC {piece:?}")));
        }
    }
    let wrong = shown.char_indices().find(|(_, c)| is_harmful(*c));
    assert!(wrong.is_none(), "{wrong:?} in {shown:?}");
}

/// Runs a command whose streams are all a terminal, to its end; everything that was written to it.
pub fn in_terminal(home: &Home, variables: &[(&str, &str)], arguments: &[&str]) -> Vec<u8> {
    let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_stepgate"));
    command.env_clear();
    command.env("HOME", home.path());
    command.env("XDG_DATA_HOME", home.path().join("data"));
    command.env("TERM", "xterm-256color");
    let config = home.path().join("config.toml");
    if Path::exists(&config) {
        command.env("STEPGATE_CONFIG", config);
    }
    for (name, value) in variables {
        command.env(name, value);
    }
    command.cwd(home.path());
    command.args(arguments);
    let mut child = pair.slave.spawn_command(command).expect("the program runs");
    drop(pair.slave);
    // What asks a person gets the end of the input.
    pair.master.take_writer().expect("the terminal's input").write_all(&[4; 4]).expect("keys");
    let mut reader = pair.master.try_clone_reader().expect("the terminal's output");
    let mut bytes = Vec::new();
    // Linux reports the end of the other side as an error.
    let _ = reader.read_to_end(&mut bytes);
    child.wait().expect("the program ends");
    bytes
}
