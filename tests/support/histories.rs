//! Histories written for the tests in the service's form, and a gateway that returns them.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::cli::Home;
use super::odd::{Fate, ORDER, OddGateway, Request, Shape, config};

/// The execution that the histories are of.
pub fn execution() -> String {
    format!("{}:run-1", ORDER.replace(":stateMachine:", ":execution:"))
}

/// Events from lines such as `5 <2 TaskFailed error=Sold.Out`: the previous event, the type, and members of the details.
/// The ids count from 1; event 1, `ExecutionStarted`, comes by itself. Each event is half a second after the one before.
pub fn events(lines: &str) -> Vec<Value> {
    let mut events =
        vec![json!({ "id": 1, "previousEventId": 0, "timestamp": seconds(1), "type": "ExecutionStarted" })];
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let mut word = || words.next().expect("an id, a previous id and a type");
        let id: u64 = word().parse().expect("an id");
        assert_eq!(id, events.len() as u64 + 1, "{line}");
        let previous: u64 = word().trim_start_matches('<').parse().expect("a previous id");
        let event_type = word().to_owned();
        let mut details = Map::new();
        for (name, value) in words.filter_map(|member| member.split_once('=')) {
            let number = value.parse::<u64>().map(Value::from);
            details.insert(name.to_owned(), number.unwrap_or_else(|_| value.into()));
        }
        let mut event = json!({ "id": id, "previousEventId": previous, "timestamp": seconds(id), "type": event_type });
        event["someEventDetails"] = Value::Object(details);
        events.push(event);
    }
    events
}

#[expect(clippy::cast_precision_loss, reason = "ids are small")]
fn seconds(id: u64) -> f64 {
    1_764_200_000.0 + id as f64 / 2.0
}

/// The date of an event, as commands print it.
pub fn date(id: u64) -> String {
    let millis = 1_764_200_000_000 + i64::try_from(id).expect("small") * 500;
    stepgate_core::domain::Timestamp::from_millis(millis).to_string()
}

/// A gateway whose route `history` is answered by this.
pub async fn gateway(answer: impl Fn(&Value) -> String + Send + Sync + 'static) -> OddGateway {
    let before = move |request: &Request| {
        let query = serde_json::from_str(&request.body).unwrap_or_default();
        request.path.ends_with("/execution/history").then(|| Fate::reply("200 OK", answer(&query)))
    };
    OddGateway::serve_before(Shape::Documented, Duration::from_secs(600), before).await
}

/// Returns these events in pages.
pub fn paged(events: Vec<Value>) -> impl Fn(&Value) -> String + Send + Sync + 'static {
    move |query| {
        let mut events = events.clone();
        if query["reverseOrder"] == true {
            events.reverse();
        }
        let from: usize = query["nextToken"].as_str().map_or(0, |token| token.parse().expect("a token"));
        let until =
            (from + usize::try_from(query["maxResults"].as_u64().unwrap_or(100)).expect("small")).min(events.len());
        let mut page = json!({ "events": events[from..until] });
        if until < events.len() {
            page["nextToken"] = until.to_string().into();
        }
        page.to_string()
    }
}

/// A home whose endpoint has the route `history`.
pub fn home(gateway: &OddGateway) -> Home {
    let home = Home::empty();
    home.write("config.toml", &config(gateway, "[endpoints.e.routes]\nhistory = \"/execution/history\"", ""));
    home
}
