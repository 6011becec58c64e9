//! The time from a keystroke to its frame, with the program's own loop on an in-memory terminal: with 10,000
//! executions in the list, 200 observations per second and an open output of 10 MB; then in the start form with an
//! input of 256 KiB. `cargo bench --bench keystroke`

#[path = "../tests/support/scene.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod scene;

use std::io;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size};
use ratatui::{TerminalOptions, Viewport};
use stepgate::app::{EndpointInfo, Key, KeyCode, Keymap, MouseOwner, Msg, Setup};
use stepgate::runtime::{Clipboard, Environment, Events, Notification, Session, event_batch, now};
use stepgate::ui::{Theme, view};
use stepgate_core::domain::{
    Endpoint, ExecutionArn, ExecutionId, ExecutionRecord, GatewayId, Machine, MachineType, Observation, OtherMembers,
    Page, Payload, Remembered, StateMachineArn, Status, Timestamp, Verdict,
};
use stepgate_core::gateway::Clients;
use stepgate_core::lifecycle::backlog::Backlog;
use stepgate_core::lifecycle::{Change, StatusReport};
use tokio::sync::mpsc;

const EXECUTIONS: u64 = 10_000;
const OBSERVATIONS_A_SECOND: u64 = 200;
const KEYS_A_SECOND: u64 = 30;
const SECONDS: u64 = 40;
const OUTPUT_BYTES: usize = 10 * 1024 * 1024;

/// What happens, with when it happened: keys are typed and answers arrive whether the loop is ready or not.
struct Fed {
    events: mpsc::UnboundedReceiver<(Instant, Msg)>,
    /// When the keys were pressed that no frame has shown yet, and which.
    keys: Vec<(Instant, Key)>,
}

impl Fed {
    fn take(&mut self, (at, message): (Instant, Msg)) -> Msg {
        if let Msg::Key(key) = &message {
            self.keys.push((at, *key));
        }
        message
    }
}

impl Events for Fed {
    async fn next(&mut self) -> Option<io::Result<Option<Msg>>> {
        let event = self.events.recv().await?;
        Some(Ok(Some(self.take(event))))
    }

    fn next_queued(&mut self) -> Option<io::Result<Option<Msg>>> {
        let event = self.events.try_recv().ok()?;
        Some(Ok(Some(self.take(event))))
    }
}

fn arn(id: u64) -> ExecutionArn {
    let arn = format!("arn:aws:states:ap-northeast-1:111122223333:execution:Orders:order-{id:05}");
    ExecutionArn::parse(&arn).expect("an ARN")
}

fn running(started: Timestamp) -> Observation {
    Observation { input: Some(Payload::received("{\"order\":4711}")), ..Observation::new(Status::Running, started) }
}

/// An output of 10 MB as services write them: many records with texts, numbers and lists.
fn output() -> Payload {
    let item = r#"{"order":4711,"name":"注文番号","tags":["a","b"],"weight":1.10,"note":"as it came","paid":true},"#;
    Payload::received(format!("{{\"items\":[{}null]}}", item.repeat(OUTPUT_BYTES / item.len())))
}

/// The program with its executions; the newest one has ended, with the large output.
async fn program(size: Size) -> Session {
    let endpoint = Endpoint::plain("dev", "http://127.0.0.1:9/dev");
    let machine =
        StateMachineArn::parse("arn:aws:states:ap-northeast-1:111122223333:stateMachine:Orders").expect("an ARN");
    let machines = vec![Machine {
        name: "orders".into(),
        endpoint: endpoint.name.clone(),
        arn: machine.clone(),
        machine_type: MachineType::Standard,
        input: Payload::empty_object(),
        presets: Vec::new(),
    }];
    let setup = Setup {
        machines,
        endpoints: vec![EndpointInfo::from(&endpoint)],
        endpoint: None,
        read_only: false,
        mouse: MouseOwner::Terminal,
        keymap: Keymap::default(),
        name_suffix: "bench".into(),
        zone: TimeZone::UTC,
        now: now(),
        size,
        greeting: None,
        store_error: None,
        config_errors: Vec::new(),
    };
    let outside = Environment {
        notification: Notification::Off,
        clipboard: Clipboard::default(),
        program: std::env::current_exe().expect("a program"),
    };
    let mut program = Session::start(setup, Clients::default(), None, outside).await;
    let began = now();
    let record = |id: u64| {
        let started =
            Timestamp::from_millis(began.as_millis() - i64::try_from((EXECUTIONS - id) * 100).expect("small"));
        ExecutionRecord {
            gateway: GatewayId::new("http://127.0.0.1:9/dev"),
            endpoint: endpoint.name.clone(),
            machine_name: "orders".into(),
            machine: machine.clone(),
            arn: arn(id),
            started,
            last_response: Some(began),
            seen: Some(running(started)),
            given_up: None,
            input_digest: None,
            warning: None,
            is_others: false,
            start_members: OtherMembers::default(),
        }
    };
    let records: Vec<ExecutionRecord> = (0..EXECUTIONS).map(record).collect();
    let page = Page { records, next: None };
    let remembered = Remembered { page, ..Remembered::default() };
    program.handle(now(), [Msg::StoreLoaded(Box::new(remembered))]).await;
    let last = ExecutionId(EXECUTIONS - 1);
    let large =
        Observation { status: Status::Succeeded, stop_date: Some(now()), output: Some(output()), ..running(began) };
    program.handle(now(), [answer(last, large)]).await;
    program
}

fn answer(id: ExecutionId, seen: Observation) -> Msg {
    let verdict = if seen.is_ended() { Verdict::Ended } else { Verdict::Watching(Duration::from_secs(1)) };
    let endpoint = Endpoint::plain("dev", "http://127.0.0.1:9/dev").name;
    let change = Change::Seen(Box::new(seen), None);
    Msg::StatusReceived(Box::new(StatusReport {
        endpoint,
        id,
        change,
        verdict,
        is_paused: false,
        rate: 5.0,
        backlog: Backlog::default(),
    }))
}

/// A user's keys: reading the output, searching it, folding, filtering the list, moving in it.
const SCRIPT: &[&str] = &[
    "down",
    "down",
    "page-down",
    "page-down",
    "down",
    "up",
    "G",
    "page-up",
    "g",
    "enter",
    "enter",
    "/",
    "n",
    "o",
    "t",
    "e",
    "enter",
    "n",
    "n",
    "N",
    ".",
    "i",
    "t",
    "e",
    "m",
    "s",
    "[",
    "9",
    "9",
    "]",
    "enter",
    "w",
    ">",
    ">",
    "<",
    "w",
    "f",
    "page-down",
    "f",
    "esc",
    "/",
    "o",
    "r",
    "d",
    "e",
    "r",
    "-",
    "0",
    "9",
    "esc",
    "o",
    "o",
    "o",
    "o",
    "o",
    "enter",
];

#[tokio::main]
async fn main() {
    let size = Size::new(200, 50);
    let mut program = program(size).await;
    let selected = program.model().selected().map(|row| row.id);
    assert_eq!(selected, Some(ExecutionId(EXECUTIONS - 1)), "the one with the large output");
    let press = |key: &str| Msg::Key(Key::parse(key).expect("a key"));
    // To the output.
    program.handle(now(), [press("tab"), press("enter")]).await;
    let (sender, events) = mpsc::unbounded_channel();
    std::thread::spawn(move || feed(&sender));
    let mut fed = Fed { events, keys: Vec::new() };
    let viewport = Viewport::Fixed(Rect::new(0, 0, size.width, size.height));
    // What is written goes nowhere, as soon as it is whole.
    let backend = CrosstermBackend::new(io::BufWriter::new(io::sink()));
    let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).expect("a terminal");
    let (mut taken, mut answers): (Vec<(Duration, Key)>, u64) = (Vec::new(), 0);
    terminal.draw(|frame| view(program.model(), &Theme::dark(), frame)).expect("drawn");
    while let Some(messages) = event_batch(&mut fed, &mut program).await.expect("events") {
        answers += messages.iter().filter(|message| matches!(message, Msg::StatusReceived(_))).count() as u64;
        program.handle(now(), messages).await;
        terminal.draw(|frame| view(program.model(), &Theme::dark(), frame)).expect("drawn");
        taken.extend(fed.keys.drain(..).map(|(at, key)| (at.elapsed(), key)));
    }
    taken.sort_by_key(|(took, _)| *took);
    let part = |percent: usize| taken[(taken.len() * percent).div_ceil(100).max(1) - 1].0;
    println!("{} keys, {answers} observations", taken.len());
    for percent in [50, 90, 99, 100] {
        println!("{percent:>3} %: {:.2} ms", part(percent).as_secs_f64() * 1e3);
    }
    let slowest: Vec<String> =
        taken.iter().rev().take(8).map(|(took, key)| format!("{key} {:.1} ms", took.as_secs_f64() * 1e3)).collect();
    println!("slowest: {}", slowest.join(", "));
    type_into_form(&mut program, &mut terminal).await;
}

/// An input of 256 KiB on one line.
fn large_input() -> String {
    let item = r#"{"order":4711,"name":"注文番号","weight":1.10},"#;
    format!("[{}0]", item.repeat(256 * 1024 / item.len() - 1))
}

/// Types into the start form with the largest input, at its end and in its middle, and prints how long each key takes
/// until its frame has been drawn.
async fn type_into_form(program: &mut Session, terminal: &mut Terminal<CrosstermBackend<io::BufWriter<io::Sink>>>) {
    let press = |key: &str| Msg::Key(Key::parse(key).expect("a key"));
    for message in [press("esc"), press("esc"), press("n"), press("ctrl-a"), press("ctrl-k"), Msg::Paste(large_input())]
    {
        program.handle(now(), [message]).await;
    }
    for (place, keys) in [("end", &["ctrl-end"] as &[&str]), ("middle", &["ctrl-home", "page-down", "page-down"])] {
        for key in keys {
            program.handle(now(), [press(key)]).await;
        }
        let mut taken = Vec::new();
        for key in ["1", "left", "backspace", "right", "up", "down", "{", "backspace"].iter().cycle().take(400) {
            let began = Instant::now();
            program.handle(now(), [press(key)]).await;
            terminal.draw(|frame| view(program.model(), &Theme::dark(), frame)).expect("drawn");
            taken.push(began.elapsed());
        }
        taken.sort();
        let millis = |percent: usize| taken[(taken.len() * percent).div_ceil(100) - 1].as_secs_f64() * 1e3;
        println!("256 KiB, at the {place}: {:.2} ms (median), {:.2} ms (99 %)", millis(50), millis(99));
    }
}

/// Types and answers in real time.
fn feed(sender: &mpsc::UnboundedSender<(Instant, Msg)>) {
    let start = Instant::now();
    let (mut keys, mut observations, mut next) = (0, 0, 0_u64);
    let began = now();
    while start.elapsed() < Duration::from_secs(SECONDS) {
        let passed = start.elapsed().as_micros();
        let due = |a_second: u64| u64::try_from(passed * u128::from(a_second) / 1_000_000).unwrap_or(0);
        while observations < due(OBSERVATIONS_A_SECOND) {
            observations += 1;
            next = (next * 7 + 13) % (EXECUTIONS - 1);
            let _ = sender.send((Instant::now(), answer(ExecutionId(next), running(began))));
        }
        while keys < due(KEYS_A_SECOND) {
            let script = SCRIPT[usize::try_from(keys).unwrap_or(0) % SCRIPT.len()];
            keys += 1;
            let key = Key::parse(script).unwrap_or(Key::plain(KeyCode::Esc));
            let _ = sender.send((Instant::now(), Msg::Key(key)));
        }
        std::thread::sleep(Duration::from_micros(500));
    }
}
