//! Pictures of the screen: those of README, and more to judge it by.

use std::time::Duration;

use serde_json::json;
use stepgate::app::{Effect, Model, Msg, update};
use stepgate_core::domain::{Failure, FailureKind, HistoryEvent, Paged, Settled, StartRequestId, Started};

use super::scene::{NOW, at_work, batch, press, setup_with_routes, worked};

/// A picture: its name, its file in docs/ if README shows it, and what the screen shows.
pub struct Picture {
    pub name: &'static str,
    pub file: Option<&'static str>,
    pub scene: fn() -> Model,
}

pub const PICTURES: [Picture; 10] = [
    Picture { name: "list", file: Some("screen.svg"), scene: list },
    Picture { name: "timeline", file: Some("timeline.svg"), scene: || timeline(130, 14, "space down down") },
    Picture { name: "failure", file: Some("failure.svg"), scene: failure },
    Picture { name: "list-80", file: None, scene: || at_work(80, 24) },
    Picture { name: "list-120", file: None, scene: || at_work(120, 40) },
    Picture { name: "list-200", file: None, scene: || at_work(200, 50) },
    Picture { name: "form-error", file: None, scene: form_error },
    Picture { name: "batch", file: None, scene: many_starts },
    Picture { name: "help-timeline", file: None, scene: || timeline(120, 40, "?") },
    Picture { name: "groups", file: None, scene: groups },
];

/// The start form with an input that is no JSON.
fn form_error() -> Model {
    let mut model = at_work(120, 40);
    press(&mut model, "n 注文処理 enter tab order-4712 tab ctrl-end");
    update(&mut model, Msg::Paste(",\n\"items\": [1, 2,, 3]".into()));
    model
}

/// A batch of which some lines are started, and one is refused.
fn many_starts() -> Model {
    let mut model = at_work(120, 40);
    let orders = batch(&mut model, 12);
    for (index, order) in orders.into_iter().take(7).enumerate() {
        let settled = if index == 3 {
            Settled::Refused(Failure::without_response(FailureKind::InvalidInput, "too deep"))
        } else {
            Settled::Confirmed(Started::new(order.machine.execution(&order.name), Some(NOW)))
        };
        update(&mut model, Msg::BatchLineFinished(Box::new(order), Some(StartRequestId(1)), settled));
    }
    press(&mut model, "b");
    model
}

/// The list by machine.
fn groups() -> Model {
    let mut model = at_work(120, 40);
    press(&mut model, "u");
    model
}

/// The list, and a finished order.
fn list() -> Model {
    let mut model = at_work(130, 28);
    press(&mut model, "j j j j");
    model
}

/// The error and cause of an order that failed.
fn failure() -> Model {
    let mut model = at_work(130, 24);
    press(&mut model, "G enter");
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
