//! A scene for every place where keys have a meaning: each pane, view, form, menu, prompt and page.

use std::time::Duration;

use serde_json::json;
use stepgate::app::{Effect, Model, Msg, Row, Setup, update};
use stepgate_core::domain::{
    BatchLine, BatchPage, Failure, FailureKind, HistoryEvent, LineState, Paged, Payload, Settled, StartOrder,
    StartRequestId, Started, Status, Timestamp, Unreachable, UnresolvedStart, Verdict,
};

use super::scene::{NOW, answered, at_work, batch, opened, press, seen, setup, setup_with_routes, started, worked};

/// A name and the model.
pub type Scene = (&'static str, Model);

/// All scenes at a size.
pub fn scenes(width: u16, height: u16) -> Vec<Scene> {
    let after = |keys: &str| {
        let mut model = steerable(width, height);
        press(&mut model, keys);
        model
    };
    let mut scenes = vec![
        ("opened", opened(width, height)),
        ("machines", after("shift-tab")),
        ("executions", at_work(width, height)),
        ("a failed execution", after("G")),
        ("marked", after("space space")),
        ("all marked", after("*")),
        ("sorted", after("S S")),
        ("filtered", after("/ order enter")),
        ("filtered to nothing", after("/ zzz enter")),
        ("groups", after("u")),
        ("full screen", after("f")),
        ("status", after("tab")),
        ("input", after("tab tab")),
        ("output of a running one", after("enter")),
        ("output", after("j j j j enter j j")),
        ("output with a search", after("j j j j enter / id enter")),
        ("output with lines cut", after("j j j j enter w")),
        ("error and cause", after("G enter")),
        ("searching", after("j j j j enter / id")),
        ("going to a path", after("j j j j enter . .note")),
        ("typing a jq filter", after("j j j j enter | .note")),
        ("filtering", after("/ order")),
        ("picking a machine", after("n")),
        ("picking nothing", after("n zzz")),
        ("the form", after("n order enter")),
        ("the name in the form", after("n order enter tab")),
        ("the form with an error", after("n order enter x")),
        ("starting", after("n order enter ctrl-s")),
        ("picking an input", after("n order enter ctrl-p")),
        ("the palette", after(":")),
        ("a batch file", after("b")),
        ("copying", after("j j j j y")),
        ("saving", after("j j j j Y o")),
        ("stopping", after("x")),
        ("stopping, confirmed", after("x y")),
        ("stopping, with a cause", after("x y tab tab because")),
        ("stopping several", after("* x")),
        ("redriving", after("G R")),
        ("opening", after("ctrl-o order-1")),
        ("removing", after("j j j d")),
        ("redriven", after("* R y enter")),
        ("compared", after("j j space j c")),
        ("help", after("?")),
        ("searching the help", after("? / step")),
        ("searched help", after("? / step enter")),
        ("messages", after("m")),
        ("plain text", plain_text(width, height)),
        ("definition", definition(width, height)),
        ("definition being read", after("D")),
        ("timeline", timeline(width, height, "")),
        ("timeline text", timeline(width, height, "enter")),
        ("timeline attempts", timeline(width, height, "space down down")),
        ("timeline being read", after("G t")),
        ("copying in the timeline", timeline(width, height, "y")),
        ("help in the timeline", timeline(width, height, "?")),
        ("definition over the timeline", timeline(width, height, "D")),
        ("an outage", outage(width, height)),
        ("an unresolved start", unresolved(width, height)),
        ("a start that never happened", not_started(width, height)),
        ("a read-only session", Model::new(Setup { read_only: true, ..setup(width, height) })),
        ("errors in the configuration", config_errors(width, height)),
    ];
    for (name, finished, keys) in [("batch", 3, ""), ("finished batch", 8, ""), ("batch in the background", 3, "esc")] {
        let mut model = in_batch(width, height, finished);
        press(&mut model, keys);
        scenes.push((name, model));
    }
    let mut stopped = in_batch(width, height, 3);
    press(&mut stopped, "s");
    update(&mut stopped, Msg::BatchStopped(None));
    for (name, keys) in [("stopped batch", ""), ("forgetting a batch", "x"), ("help on the batch page", "?")] {
        let mut model = stopped.clone();
        press(&mut model, keys);
        scenes.push((name, model));
    }
    scenes
}

/// A cause that is not JSON, with the focus.
fn plain_text(width: u16, height: u16) -> Model {
    let mut model = opened(width, height);
    let id = started(&mut model, "order-pipeline", "order-1", 5);
    let mut answer = seen(&model, id, Status::Failed, Duration::from_secs(1));
    answer.cause = Some("The bank refused the card.\nTry another one.".into());
    answered(&mut model, id, Ok(answer), Verdict::Ended);
    press(&mut model, "enter");
    model
}

/// A definition over the panes.
pub fn definition(width: u16, height: u16) -> Model {
    let mut model = steerable(width, height);
    let effects = press(&mut model, "D");
    let number = effects.iter().find_map(|effect| match effect {
        Effect::ReadDefinition(number, ..) => Some(*number),
        _ => None,
    });
    let text = r#"{"StartAt":"Charge","States":{"Charge":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true}}}"#;
    update(&mut model, Msg::DefinitionRead(number.expect("a request"), Ok(Payload::received(text))));
    press(&mut model, "j j j");
    model
}

fn outage(width: u16, height: u16) -> Model {
    let mut model = at_work(width, height);
    let id = model.selected().expect("selected").id;
    let failure = Failure::without_response(FailureKind::Unreachable(Unreachable::Refused), "refused");
    answered(&mut model, id, Err(failure), Verdict::BackingOff(Duration::from_secs(8)));
    model
}

fn unresolved(width: u16, height: u16) -> Model {
    let mut model = steerable(width, height);
    let (id, order) = super::scene::ordered(press(&mut model, "n order enter ctrl-s"));
    let reason = Some(Failure::without_response(FailureKind::Unreachable(Unreachable::Broken), "reset by peer"));
    let request_id = Some(StartRequestId(7));
    let start = UnresolvedStart { order, request_id, first_sent: NOW, sent: NOW, reason };
    update(&mut model, Msg::StartFinished(id, request_id, Settled::Unresolved(Box::new(start))));
    model
}

/// A row that was never started.
pub fn not_started(width: u16, height: u16) -> Model {
    let mut model = unresolved(width, height);
    let id = model.selected().expect("selected").id;
    let unknown = Failure::without_response(FailureKind::ExecutionDoesNotExist, "");
    answered(&mut model, id, Err(unknown), Verdict::GivenUp);
    model
}

fn config_errors(width: u16, height: u16) -> Model {
    let config_errors = (1..=60).map(|line| format!("config.toml:{line}: unknown key `nmae`.")).collect();
    Model::new(Setup { config_errors, ..setup(width, height) })
}

/// A batch of eight lines, some of them finished, of which the third was refused; with its page open.
pub fn in_batch(width: u16, height: u16, finished: usize) -> Model {
    let mut model = at_work(width, height);
    let orders = batch(&mut model, 8);
    let waiting = |(index, order): (usize, &StartOrder)| BatchLine {
        line: index + 1,
        request_id: StartRequestId(1),
        name: order.name.clone(),
        state: LineState::Waiting,
    };
    let all_waiting: Vec<BatchLine> = orders.iter().enumerate().map(waiting).collect();
    let effects = press(&mut model, "b");
    answer_lines(&mut model, effects, &all_waiting);
    let mut lines = Vec::new();
    for (index, order) in orders.into_iter().enumerate() {
        let name = order.name.clone();
        let refusal = Failure::without_response(FailureKind::InvalidInput, "too deep");
        let execution_arn = order.machine.execution(&order.name);
        let settled = match index {
            2 => Settled::Refused(refusal.clone()),
            _ => Settled::Confirmed(Started::new(execution_arn.clone(), Some(NOW))),
        };
        if index < finished {
            update(&mut model, Msg::BatchLineFinished(Box::new(order), None, settled));
        }
        let row = || model.list().executions().rows().find(|row| row.arn == execution_arn).and_then(Row::record);
        let state = match index {
            2 if finished > 2 => LineState::NotStarted(Some(refusal)),
            _ if index < finished => LineState::Started(Box::new(row().expect("a row"))),
            _ if index == finished => LineState::Sent,
            _ => LineState::Waiting,
        };
        lines.push(BatchLine { line: index + 1, request_id: StartRequestId(1), name, state });
    }
    if finished == 8 {
        update(&mut model, Msg::BatchStopped(None));
    }
    let later = model.now().plus(Duration::from_secs(2));
    let effects = update(&mut model, Msg::Clock(later));
    answer_lines(&mut model, effects, &lines);
    model
}

/// The store answers the requests for lines.
pub fn answer_lines(model: &mut Model, effects: Vec<Effect>, lines: &[BatchLine]) {
    for effect in effects {
        if let Effect::ReadBatchLines(query) = effect {
            let is_in = |line: &&BatchLine| {
                !query.only_not_started || matches!(line.state, LineState::NotStarted(_) | LineState::Unresolved(_))
            };
            let lines: Vec<BatchLine> = lines.iter().filter(is_in).cloned().collect();
            let total = lines.len();
            let lines = lines.into_iter().skip(query.from).take(query.count).collect();
            let effects = update(model, Msg::BatchLinesRead(query, Ok(BatchPage { total, lines })));
            assert!(!effects.iter().any(|effect| matches!(effect, Effect::ReadBatchLines(_))), "{query:?}");
        }
    }
}

/// A list that is longer than the screen.
pub fn long_list(width: u16, height: u16, count: u64) -> Model {
    let mut model = opened(width, height);
    for index in 0..count {
        let id = started(&mut model, "order-pipeline", &format!("order-{index}"), 60 + index);
        let seen = seen(&model, id, Status::Succeeded, Duration::from_secs(3));
        answered(&mut model, id, Ok(seen), Verdict::Ended);
    }
    update(&mut model, Msg::Clock(Timestamp::from_millis(NOW.as_millis() + 1_000)));
    model
}

/// With the routes to stop and redrive.
pub fn steerable(width: u16, height: u16) -> Model {
    worked(setup_with_routes(width, height))
}

/// The timeline of an order: a Parallel state of which one branch was tried three times and failed.
pub fn timeline(width: u16, height: u16, keys: &str) -> Model {
    let mut model = steerable(width, height);
    let number = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::ReadHistory(number, ..) => Some(*number),
            _ => None,
        })
    };
    press(&mut model, "G");
    let effects = press(&mut model, "t");
    let began = model.selected().expect("selected").started;
    let mut items: Vec<HistoryEvent> = Vec::new();
    let mut tell = |previous: u64, millis: u64, event_type: &str, details: serde_json::Value| {
        let id = items.len() as u64 + 1;
        let serde_json::Value::Object(details) = details else { panic!("details are an object") };
        let at = began.plus(Duration::from_millis(millis));
        let details = Some(("details".to_owned(), details));
        items.push(HistoryEvent { id, previous, at, event_type: event_type.to_owned(), details });
        id
    };
    let name = |name: &str| json!({ "name": name });
    tell(0, 0, "ExecutionStarted", json!({}));
    let receive = tell(0, 20, "PassStateEntered", name("注文を受ける"));
    let received = tell(receive, 90, "PassStateExited", name("注文を受ける"));
    let prepare = tell(received, 100, "ParallelStateEntered", name("Prepare"));
    let both = tell(prepare, 110, "ParallelStateStarted", json!({}));
    let mut charge = tell(both, 120, "TaskStateEntered", name("Charge"));
    let pack = tell(both, 130, "WaitStateEntered", name("Pack"));
    for attempt in 0..3 {
        let call = json!({ "resourceType": "lambda", "resource": "invoke" });
        charge = tell(charge, 200 + attempt * 900, "TaskScheduled", call);
        let refused = json!({ "error": "PaymentRefused", "cause": r#"{"errorMessage":"The bank refused the card."}"# });
        charge = tell(charge, 900 + attempt * 900, "TaskFailed", refused);
    }
    tell(pack, 2_990, "WaitStateAborted", json!({}));
    let failed = tell(charge, 3_000, "ParallelStateFailed", json!({ "error": "PaymentRefused" }));
    tell(failed, 3_010, "ExecutionFailed", json!({ "error": "PaymentRefused" }));
    let number = number(&effects).expect("the history is asked for");
    update(&mut model, Msg::HistoryRead(number, Ok(Box::new(Paged { items, next: None }))));
    press(&mut model, keys);
    model
}
