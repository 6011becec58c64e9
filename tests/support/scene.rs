//! A program with executions in many states, always the same: for snapshots, benches and the pictures.

use std::time::Duration;

use jiff::tz::{TimeZone, offset};
use ratatui::layout::Size;
use stepgate::app::{Effect, EndpointInfo, Key, KeyCode, Keymap, Model, MouseOwner, Msg, RowState, Setup, update};
use stepgate_core::domain::{
    Auth, BatchId, Endpoint, EndpointName, ExecutionId, Failure, InputLine, Machine, MachineType, Observation,
    OptionalRoutes, OtherMembers, Payload, Preset, Redrive, SecretSource, Settled, StartId, StartOrder, Started,
    StateMachineArn, Status, Subject, Timestamp, Verdict,
};
use stepgate_core::domain::{ClockOffset, GatewayFacts, NameHandling};
use stepgate_core::lifecycle::backlog::Backlog;
use stepgate_core::lifecycle::{Change, Context, StatusReport, Tracked};

/// 2023-12-06T05:02:11.000Z.
pub const NOW: Timestamp = Timestamp::from_millis(1_701_838_931_000);

pub fn endpoint() -> EndpointName {
    EndpointName::new("dev")
}

/// The model at its beginning, on a terminal of this size.
pub fn opened(width: u16, height: u16) -> Model {
    Model::new(setup(width, height))
}

/// What such a model is made from: three machines on one endpoint without optional routes.
pub fn setup(width: u16, height: u16) -> Setup {
    let url = "https://s8l41c37mk.execute-api.ap-northeast-1.amazonaws.com/dev";
    let dev = Endpoint {
        region: Some("ap-northeast-1".into()),
        auth: Auth::ApiKey(SecretSource::Env("STEPGATE_API_KEY".into())),
        ..Endpoint::plain("dev", url)
    };
    let machine = |name: &str, state_machine: &str, input: &str| Machine {
        name: name.into(),
        endpoint: endpoint(),
        arn: StateMachineArn::parse(&format!(
            "arn:aws:states:ap-northeast-1:111122223333:stateMachine:{state_machine}"
        ))
        .expect("an ARN"),
        machine_type: MachineType::Standard,
        input: Payload::received(input),
        presets: vec![Preset { name: "empty".into(), input: Payload::empty_object() }],
    };
    Setup {
        machines: vec![
            machine("order-pipeline", "OrderPipeline", "{\n  \"order\": 4711\n}"),
            machine("nightly-report", "NightlyReport", "{}"),
            machine("注文処理", "ProcessOrder", "{\"注文番号\": \"東京-4711\"}"),
        ],
        endpoints: vec![EndpointInfo::from(&dev)],
        endpoint: None,
        read_only: false,
        mouse: MouseOwner::Terminal,
        keymap: Keymap::default(),
        name_suffix: "7q2k9x".into(),
        zone: TimeZone::fixed(offset(9)),
        now: NOW,
        size: Size::new(width, height),
        greeting: None,
        store_error: None,
        config_errors: Vec::new(),
    }
}

/// The same with all optional routes.
pub fn setup_with_routes(width: u16, height: u16) -> Setup {
    let mut setup = setup(width, height);
    for endpoint in &mut setup.endpoints {
        endpoint.endpoint.optional_routes = OptionalRoutes::with_default_paths();
    }
    setup
}

/// Presses keys; a word that is no key is typed.
pub fn press(model: &mut Model, script: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for word in script.split_whitespace() {
        let keys = match Key::parse(word) {
            Some(key) => vec![key],
            None => word.chars().map(|c| Key::plain(KeyCode::Char(c))).collect(),
        };
        for key in keys {
            effects.extend(update(model, Msg::Key(key)));
        }
    }
    effects
}

/// The order among the effects.
pub fn ordered(effects: Vec<Effect>) -> (StartId, StartOrder) {
    let found = effects.into_iter().find_map(|effect| match effect {
        Effect::Start(id, order, ..) => Some((id, order)),
        _ => None,
    });
    found.expect("a start")
}

/// Starts an execution through the form, this long ago.
pub fn started(model: &mut Model, machine: &str, name: &str, seconds_ago: u64) -> ExecutionId {
    let effects = press(model, &format!("n {machine} enter tab {name} ctrl-s"));
    let (id, order) = ordered(effects);
    let start_date = Timestamp::from_millis(NOW.as_millis() - i64::try_from(seconds_ago * 1_000).expect("small"));
    let execution_arn = order.machine.execution(&order.name);
    update(model, Msg::StartFinished(id, None, Settled::Confirmed(Started::new(execution_arn, Some(start_date)))));
    model.selected().expect("the new one is selected").id
}

/// What was seen of an execution that began when its row says.
pub fn seen(model: &Model, id: ExecutionId, status: Status, took: Duration) -> Observation {
    let row = model.list().executions().get(id).expect("a row");
    let is_running = status == Status::Running;
    Observation {
        subject: Subject::default(),
        start_date: Some(row.started),
        stop_date: (!is_running).then(|| row.started.plus(took)),
        input: row.input.clone(),
        output: (status == Status::Succeeded).then(|| {
            Payload::received(r#"{"order":4711,"payment":{"paid":true},"parcels":[{"id":1,"kg":1.0}],"note":"完了"}"#)
        }),
        error: (status == Status::Failed).then(|| "PaymentRefused".into()),
        cause: (status == Status::Failed)
            .then(|| r#"{"errorMessage":"The bank refused the card.","attempts":3}"#.into()),
        redrive: Redrive { status: (status == Status::Failed).then(|| "REDRIVABLE".into()), ..Redrive::default() },
        others: OtherMembers::default(),
        status,
    }
}

/// What an answer to the question about a row changes, at a gateway that passes names on and whose clock is right.
pub fn change_of(model: &Model, id: ExecutionId, answer: Result<Observation, Failure>, verdict: &Verdict) -> Change {
    let Some(row) = model.list().executions().get(id) else {
        return match answer {
            Ok(seen) => Change::Seen(Box::new(seen), None),
            Err(failure) => Change::Failed(failure),
        };
    };
    let facts = GatewayFacts { names: NameHandling::PassedOn, ..GatewayFacts::default() };
    let offset = Some(ClockOffset::between(model.now(), model.now()));
    let context = Context { now: model.now(), offset, facts, ..Context::default() };
    let mut tracked = match (&row.state, row.record()) {
        (RowState::Unresolved(start) | RowState::NeverStarted(start), _) => Tracked::from_start((**start).clone()),
        (_, Some(record)) => Tracked::from_record(&record),
        (_, None) => unreachable!("all others have a record"),
    };
    tracked.begin(Duration::ZERO, &context);
    let (heard, _) = tracked.on_response(answer, &context);
    tracked.change(heard, verdict, &context)
}

/// An answer arrives.
pub fn answered(model: &mut Model, id: ExecutionId, answer: Result<Observation, Failure>, verdict: Verdict) {
    let is_held_back = matches!(verdict, Verdict::BackingOff(_));
    update(model, Msg::StatusRequested(endpoint(), model.now()));
    let change = change_of(model, id, answer, &verdict);
    let answer = StatusReport {
        endpoint: endpoint(),
        id,
        change,
        verdict,
        is_paused: is_held_back,
        rate: 5.0,
        backlog: Backlog::default(),
    };
    update(model, Msg::StatusReceived(Box::new(answer)));
}

/// Six executions, one of each kind; the running one is selected.
pub fn at_work(width: u16, height: u16) -> Model {
    worked(setup(width, height))
}

/// The same in a model with this setup.
pub fn worked(setup: Setup) -> Model {
    let mut model = Model::new(setup);
    let ends = [
        ("order-pipeline", "order-4709", Status::Failed, 3_070),
        ("order-pipeline", "order-4710", Status::Succeeded, 28_123),
        ("nightly-report", "report-2023-12-05", Status::TimedOut, 3_600_000),
        ("注文処理", "注文-東京-1", Status::Succeeded, 69),
        ("nightly-report", "report-2023-12-06", Status::Aborted, 61_000),
    ];
    for (index, (machine, name, status, millis)) in ends.into_iter().enumerate() {
        let id = started(&mut model, machine, name, 7_200 - 600 * index as u64);
        let seen = seen(&model, id, status, Duration::from_millis(millis));
        answered(&mut model, id, Ok(seen), Verdict::Ended);
    }
    let id = started(&mut model, "order-pipeline", "order-4711", 12);
    let running = seen(&model, id, Status::Running, Duration::ZERO);
    answered(&mut model, id, Ok(running), Verdict::Watching(Duration::from_secs(1)));
    update(&mut model, Msg::Clock(NOW.plus(Duration::from_secs(1))));
    model
}

/// Begins a batch with this many lines, and returns its orders.
pub fn batch(model: &mut Model, lines: usize) -> Vec<StartOrder> {
    let effects = press(model, "b orders.jsonl enter");
    let path = effects.into_iter().find_map(|effect| match effect {
        Effect::ReadLines(path) => Some(path),
        _ => None,
    });
    let inputs = (1..=lines).map(|number| InputLine { number, input: Payload::received("{}") }).collect();
    update(model, Msg::LinesRead(path.expect("a file to read"), Ok(inputs)));
    let effects = press(model, "enter");
    let orders = effects.into_iter().find_map(|effect| match effect {
        Effect::RecordBatch(_, orders) => Some(orders),
        _ => None,
    });
    update(model, Msg::BatchRecorded(Ok(BatchId(1))));
    press(model, "esc");
    orders.expect("orders to record").into_iter().map(|line| line.order).collect()
}
