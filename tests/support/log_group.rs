//! A gateway with an EXPRESS machine (`ORDER`) whose log group it reads, in the form of AWS; its other machine, `REFUND`, is
//! STANDARD.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::cli::Home;
use super::odd::{Fate, ORDER, OddGateway, Request, Shape, config};

/// What is in the log group of an execution, and how it is returned.
#[derive(Debug, Clone)]
pub struct LogGroup {
    /// Types and details of the events; the ids count from 1, and events without a type are not logged.
    pub events: Vec<(&'static str, Value)>,
    /// How long ago executions began, by the service's clock, when they are started.
    pub age: Duration,
    /// Events on a page. Before each page with events there is an empty one.
    pub page: usize,
    /// The number of requests without a token that arrive before the last event is delivered.
    pub late: usize,
    /// The error that each request gets instead.
    pub error: Option<&'static str>,
    /// Whether the responses to starts are lost.
    pub is_mute: bool,
}

impl Default for LogGroup {
    fn default() -> Self {
        Self { events: succeeded(), age: Duration::ZERO, page: 100, late: 0, error: None, is_mute: false }
    }
}

/// An execution with one state.
pub fn succeeded() -> Vec<(&'static str, Value)> {
    vec![
        ("ExecutionStarted", json!({ "input": "{}", "inputDetails": { "truncated": false }, "roleArn": "r" })),
        ("PassStateEntered", json!({ "name": "Only", "input": "{}" })),
        ("PassStateExited", json!({ "name": "Only", "output": "{\"total\":12}" })),
        ("ExecutionSucceeded", json!({ "output": "{\"total\":12}", "outputDetails": { "truncated": false } })),
    ]
}

/// An execution whose task is repeated, and fails.
pub fn failed() -> Vec<(&'static str, Value)> {
    let task = |member: &str| json!({ "resourceType": "sqs", "resource": "sendMessage", member: "1" });
    let failure =
        json!({ "resourceType": "sqs", "resource": "sendMessage", "error": "Sold.Out", "cause": "none left" });
    vec![
        ("ExecutionStarted", json!({ "input": "{}", "roleArn": "r" })),
        ("TaskStateEntered", json!({ "name": "Send", "input": "{\"order\": 4711}" })),
        ("TaskScheduled", task("parameters")),
        ("TaskStarted", task("x")),
        ("TaskFailed", failure.clone()),
        ("TaskScheduled", task("parameters")),
        ("TaskStarted", task("x")),
        ("TaskFailed", failure),
        ("ExecutionFailed", json!({ "error": "Sold.Out", "cause": "none left" })),
    ]
}

/// The same events, as logged by a machine that only logs failures.
pub fn only_failures(events: Vec<(&'static str, Value)>) -> Vec<(&'static str, Value)> {
    let is_failure = |name: &str| name.ends_with("Failed") || name.ends_with("TimedOut") || name == "FailStateEntered";
    events.into_iter().map(|(name, details)| (if is_failure(name) { name } else { "" }, details)).collect()
}

/// The gateway, and the requests to its log route.
pub struct Served {
    pub gateway: OddGateway,
    requests: Arc<Mutex<Vec<Value>>>,
    arrivals: Arc<Mutex<Vec<Instant>>>,
}

impl Served {
    /// Serves this log group for each execution of the EXPRESS machine.
    pub async fn new(group: LogGroup) -> Self {
        let (requests, started) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
        let (seen, arrivals) = (Arc::clone(&requests), Arc::<Mutex<Vec<Instant>>>::default());
        let times = Arc::clone(&arrivals);
        let before = move |request: &Request| {
            let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
            if request.path.ends_with("/execution") && body["stateMachineArn"] == ORDER {
                let at = Timestamp::now().as_millisecond() - i64::try_from(group.age.as_millis()).expect("small");
                let mut started = started.lock().expect("no panic");
                let express = ORDER.replace(":stateMachine:", ":express:");
                let name = body["name"].as_str().unwrap_or_default();
                let arn = format!("{express}:{name}:0b3c-{}", started.len());
                started.push((arn.clone(), at));
                if group.is_mute {
                    return Some(Fate::Close);
                }
                #[expect(clippy::cast_precision_loss, reason = "as the service does")]
                let date = at as f64 / 1_000.0;
                return Some(Fate::reply("200 OK", json!({ "executionArn": arn, "startDate": date }).to_string()));
            }
            if request.path.ends_with("/execution/logs") {
                let mut seen = seen.lock().expect("no panic");
                seen.push(body.clone());
                times.lock().expect("no panic").push(Instant::now());
                if let Some(error) = group.error {
                    let body = json!({ "__type": error, "message": "no" }).to_string();
                    return Some(Fate::reply("400 Bad Request", body));
                }
                let passes = seen.iter().filter(|request| request["nextToken"].is_null()).count();
                let started = started.lock().expect("no panic");
                return Some(Fate::reply("200 OK", group.page(&body, &started, passes).to_string()));
            }
            if request.path.ends_with("/execution/history") {
                return Some(Fate::reply("200 OK", group.history(&body).to_string()));
            }
            None
        };
        let gateway = OddGateway::serve_before(Shape::Documented, Duration::from_millis(300), before).await;
        Self { gateway, requests, arrivals }
    }

    /// The bodies of the requests to the log route.
    pub fn requests(&self) -> Vec<Value> {
        self.requests.lock().expect("no panic").clone()
    }

    /// When they arrived.
    pub fn arrivals(&self) -> Vec<Instant> {
        self.arrivals.lock().expect("no panic").clone()
    }
}

/// A home whose endpoint has these routes.
pub fn home(served: &Served, routes: &[&str]) -> Home {
    let path = |route: &&str| match *route {
        "history" => "history = \"/execution/history\"\n",
        "logs" => "logs = \"/execution/logs\"\n",
        other => panic!("{other}"),
    };
    let routes: String = routes.iter().map(path).collect();
    let home = Home::empty();
    home.write("config.toml", &config(&served.gateway, &format!("[endpoints.e.routes]\n{routes}"), ""));
    home
}

impl LogGroup {
    fn numbered(&self) -> impl Iterator<Item = (i64, &'static str, &Value)> {
        let events = (1..).zip(&self.events).map(|(id, (name, details))| (id, *name, details));
        events.filter(|(_, name, _)| !name.is_empty())
    }

    /// The events of all executions, as `FilterLogEvents` returns them. The last one of each may still be on its way.
    fn page(&self, request: &Value, started: &[(String, i64)], passes: usize) -> Value {
        let since = request["startTime"].as_i64().expect("a number");
        let pattern = request["filterPattern"].as_str().expect("a pattern");
        let term = pattern.strip_prefix('"').and_then(|term| term.strip_suffix('"')).expect("a quoted term");
        let mut events = Vec::new();
        for (arn, began) in started {
            let last = self.numbered().last().map(|(id, ..)| id);
            let here = self.numbered().filter(|(id, ..)| passes > self.late || Some(*id) != last);
            for (id, name, details) in here {
                let at = began + id * 10;
                let message = json!({
                    "id": id.to_string(), "previous_event_id": (id - 1).to_string(), "type": name,
                    "event_timestamp": at.to_string(), "execution_arn": arn, "redrive_count": "0", "details": details,
                });
                let message = message.to_string();
                if at >= since && message.contains(term) {
                    let event = json!({ "timestamp": at, "message": message, "eventId": format!("{arn}{id}") });
                    // Delivered twice.
                    events.extend([event.clone(), event]);
                }
            }
        }
        events.push(json!({ "timestamp": since, "message": "INIT_START Runtime Version: 1", "eventId": "x" }));
        let number: usize = request["nextToken"].as_str().map_or(0, |token| token.parse().expect("a token"));
        let from = number / 2 * self.page;
        let until = (from + self.page).min(events.len());
        let is_empty = number.is_multiple_of(2);
        let mut page = json!({ "events": if is_empty { &[][..] } else { &events[from..until] } });
        if is_empty || until < events.len() {
            page["nextToken"] = (number + 1).to_string().into();
        }
        page
    }

    /// The same events as `GetExecutionHistory` returns them, of an execution that began with the epoch.
    fn history(&self, request: &Value) -> Value {
        let event = |(id, name, details): (i64, &'static str, &Value)| {
            let member = match name {
                _ if name.ends_with("StateEntered") => "stateEnteredEventDetails".to_owned(),
                _ if name.ends_with("StateExited") => "stateExitedEventDetails".to_owned(),
                _ => format!("{}{}EventDetails", name[..1].to_lowercase(), &name[1..]),
            };
            let mut details: Map<String, Value> = details.as_object().expect("an object").clone();
            if request["includeExecutionData"] == false {
                details.retain(|name, _| name != "input" && name != "output");
            }
            json!({ "id": id, "previousEventId": id - 1, "timestamp": 0, "type": name, member: details })
        };
        let mut events: Vec<Value> = self.numbered().map(event).collect();
        if request["reverseOrder"] == true {
            events.reverse();
        }
        json!({ "events": events })
    }
}
