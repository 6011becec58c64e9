//! The cost of the store: the first frame of the real program with 204,000 stored executions and with an empty store,
//! in one run; records and intents per second; and how long the UI waits for them. `cargo bench --bench store`

#[path = "../tests/support/terminal.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod terminal;

use std::path::Path;
use std::time::{Duration, Instant};

use stepgate_core::domain::{
    EndpointName, ExecutionName, ExecutionRecord, GatewayId, MachineType, NameOrigin, Observation, OtherMembers,
    Payload, StartOrder, StateMachineArn, Status, Timestamp,
};
use stepgate_core::store::{Phase, Retention, Store};
use terminal::Terminal;

const KEEP: Retention = Retention { payloads: true, retain: Duration::from_secs(90 * 86_400) };
const STORED: i64 = 204_000;
const LAUNCHES: usize = 21;
/// Limit for the fastest launch, from the return key to the first frame, with the shell's part in it.
const FIRST_FRAME: Duration = Duration::from_millis(10);

fn now() -> Timestamp {
    stepgate::runtime::now()
}

fn order(index: i64) -> StartOrder {
    StartOrder {
        endpoint: EndpointName::new("e"),
        gateway: GatewayId::new("http://127.0.0.1:9/dev"),
        machine_name: "m".into(),
        machine: StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:M").expect("an ARN"),
        machine_type: MachineType::Standard,
        name: ExecutionName::parse(&format!("order-{index}")).expect("a name"),
        origin: NameOrigin::Generated,
        input: Payload::received("{\"order\": 4711}"),
    }
}

fn record(index: i64) -> ExecutionRecord {
    let order = order(index);
    let started = Timestamp::from_millis(now().as_millis() - (STORED - index) * 1_000);
    let seen = Observation {
        stop_date: Some(started.plus(Duration::from_secs(3))),
        input: Some(order.input.clone()),
        output: Some(Payload::received("{\"paid\": true}")),
        ..Observation::new(Status::Succeeded, started)
    };
    ExecutionRecord {
        arn: order.machine.execution(&order.name),
        gateway: order.gateway,
        endpoint: order.endpoint,
        machine_name: order.machine_name,
        machine: order.machine,
        started,
        last_response: Some(started),
        seen: Some(seen),
        given_up: None,
        input_digest: None,
        warning: None,
        is_others: false,
        start_members: OtherMembers::default(),
    }
}

/// Hands everything over; returns how long that and the writing took.
async fn writes(folder: &Path) {
    let (store, _) = Store::open(folder, KEEP, now()).expect("the store opens");
    let mut records: Vec<ExecutionRecord> = (0..STORED).map(record).collect();
    // As many as a busy second of the watcher brings, one by one, as the loop of the UI does it.
    let mut waits: Vec<Duration> = records
        .drain(..1_000)
        .map(|record| {
            let began = Instant::now();
            store.keep(record);
            began.elapsed()
        })
        .collect();
    waits.sort();
    println!("handing a record over: median {:.1?}, the longest of 1,000 {:.1?}", waits[500], waits[999]);
    let began = Instant::now();
    let count = u32::try_from(records.len()).expect("small");
    for record in records {
        store.keep(record);
    }
    store.flush().await;
    let written = began.elapsed();
    println!("{count} records written in {written:.2?}: {:.0} a second", f64::from(count) / written.as_secs_f64());
    let began = Instant::now();
    let alone = 200;
    for index in 0..alone {
        store.plan_starts(vec![order(STORED + index)], Phase::Sent, now()).await.expect("written");
    }
    let each = began.elapsed() / u32::try_from(alone).expect("small");
    let began = Instant::now();
    let together: Vec<_> = (0..1_000)
        .map(|index| {
            let store = store.clone();
            tokio::spawn(async move { store.plan_starts(vec![order(2 * STORED + index)], Phase::Sent, now()).await })
        })
        .collect();
    for intent in together {
        intent.await.expect("a task").expect("written");
    }
    println!(
        "intents, on the disk before the request leaves: {each:.1?} each, one after another; 1,000 at once in {:.0?}",
        began.elapsed()
    );
}

/// From the shell's return key to the first frame.
fn first_frame(data: &Path) -> Duration {
    let mut terminal =
        Terminal::open(120, 40, &[("XDG_DATA_HOME", &data.to_string_lossy()), ("XDG_CONFIG_HOME", "/nowhere")]);
    let arn = "arn:aws:states:us-east-1:111122223333:stateMachine:M";
    let config = format!(
        "[endpoints.e]\nurl = \"http://127.0.0.1:9/dev\"\n[machines.m]\narn = \"{arn}\"\n[ui]\ntheme = \"dark\"\n"
    );
    terminal.write("c.toml", &config);
    let program = Terminal::program();
    let began = Instant::now();
    terminal.send(&format!("{program} --config c.toml\r"));
    terminal.wait_for("the first frame", |screen| screen.alternate_screen() && screen.contents().contains("Machines"));
    let took = began.elapsed();
    terminal.send("q");
    terminal.wait_for("the shell", |screen| !screen.alternate_screen());
    took
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (empty, full) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    runtime.block_on(writes(&full.path().join("stepgate")));
    // Settled, so that a launch has nothing to find out about.
    let store = rusqlite::Connection::open(full.path().join("stepgate").join("stepgate.db")).expect("the store");
    store.execute("DELETE FROM starts", []).expect("deleted");
    drop(store);
    // By turns, so that whatever else the machine does meets both.
    let (mut of_empty, mut of_full): (Vec<_>, Vec<_>) =
        (0..LAUNCHES).map(|_| (first_frame(empty.path()), first_frame(full.path()))).unzip();
    of_empty.sort();
    of_full.sort();
    // What else the machine does only adds to it.
    let fastest = of_full[0];
    let (of_empty, of_full) = (of_empty[LAUNCHES / 2], of_full[LAUNCHES / 2]);
    let times = of_full.as_secs_f64() / of_empty.as_secs_f64();
    println!(
        "first frame, median of {LAUNCHES} launches each: empty store {of_empty:.1?}, {STORED} executions {of_full:.1?}: {times:.2} times; the \
         fastest with {STORED}: {fastest:.1?}"
    );
    assert!(times <= 1.5, "a full store opens as fast as an empty one");
    assert!(fastest <= FIRST_FRAME, "the first frame is there at once");
}
