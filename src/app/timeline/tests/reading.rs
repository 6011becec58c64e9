//! Which pages of a history are requested, and when.

use super::*;

/// A timeline and a simulated gateway with these events.
pub(super) struct Fed {
    pub(super) timeline: Timeline,
    pub(super) numbers: u64,
    pub(super) asked: Vec<HistoryQuery>,
}

impl Fed {
    pub(super) fn new() -> Self {
        let arn = "arn:aws:states:us-east-1:111122223333:execution:M:run-1";
        let arn = ExecutionArn::parse(arn).expect("an ARN");
        let timeline = Timeline::new(ExecutionId(1), EndpointName::new("e"), arn);
        Self { timeline, numbers: 0, asked: Vec::new() }
    }

    /// Answers the request that is due, page by page.
    pub(super) fn feed(&mut self, events: &[HistoryEvent], at: i64, runs: bool) {
        let now = Timestamp::from_millis(at);
        loop {
            self.timeline.open();
            let Some(query) = self.timeline.next_query(self.numbers + 1, now, runs) else { return };
            self.numbers += 1;
            let mut list: Vec<HistoryEvent> = events.to_vec();
            if query.newest_first {
                list.reverse();
            }
            let from = query.token.as_ref().map_or(0, |token| token.parse::<usize>().expect("a token"));
            let until = (from + query.page_size).min(list.len());
            let mut items = list[from..until].to_vec();
            if !query.with_data {
                for (_, details) in items.iter_mut().filter_map(|event| event.details.as_mut()) {
                    details.retain(|member, _| {
                        !matches!(member.as_str(), "input" | "output" | "parameters" | "assignedVariables")
                    });
                }
            }
            let next = (until < list.len()).then(|| until.to_string());
            self.asked.push(query);
            self.timeline.on_page(self.numbers, Ok(Paged { items, next }), now);
        }
    }
}

#[test]
fn only_new_events_of_a_running_execution_are_read() {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    let mut last = history.after(0, "PassStateEntered", name("A"));
    let mut fed = Fed::new();
    fed.feed(&history.events, 0, true);
    // All events, and the input of the selected step.
    assert_eq!((fed.asked.len(), fed.timeline.rows().len()), (2, 1));
    fed.feed(&history.events, 1_000, true);
    assert_eq!(fed.asked.len(), 2, "not before it is time");
    for state in 0..150 {
        let leave = if state == 0 { "A".to_owned() } else { format!("S{state}") };
        last = history
            .then(last, &[("PassStateExited", name(&leave)), ("PassStateEntered", name(&format!("S{}", state + 1)))]);
    }
    fed.feed(&history.events, 3_000, true);
    let pages: Vec<(bool, usize)> = fed.asked[2..]
        .iter()
        .filter(|query| !query.with_data)
        .map(|query| (query.newest_first, query.page_size))
        .collect();
    assert_eq!(pages, [(true, 100), (true, 100), (true, 100), (true, 100)], "until one that is known");
    assert_eq!((fed.timeline.rows().len(), fed.timeline.history.last_event()), (151, 302));
    history.then(last, &[("PassStateExited", name("S150")), ("ExecutionSucceeded", Value::Null)]);
    fed.feed(&history.events, 6_000, false);
    let asked = fed.asked.len();
    fed.feed(&history.events, 60_000, false);
    assert_eq!((fed.asked.len(), fed.timeline.steps().has_ended()), (asked, true), "nothing after the end");
}

#[test]
fn payloads_are_read_on_demand_from_the_nearer_end() {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    let mut last = 0;
    for state in 0..1_000 {
        let text = |what: &str| json!({ "name": format!("S{state}"), what: format!("{{\"{what}\":{state}}}") });
        last = history.then(last, &[("PassStateEntered", text("input")), ("PassStateExited", text("output"))]);
    }
    history.after(last, "ExecutionSucceeded", Value::Null);
    let mut fed = Fed::new();
    fed.feed(&history.events, 0, false);
    assert_eq!(fed.timeline.selected(), Some(Row::Step(0)));
    assert_eq!(fed.timeline.document().map(|document| &**document.source()), Some("{\"input\":0}"));
    let pages = fed.asked.len();
    fed.timeline.go(Move::Last, 10);
    fed.timeline.step_text(true);
    fed.feed(&history.events, 0, false);
    assert_eq!(fed.timeline.document().map(|document| &**document.source()), Some("{\"output\":999}"));
    assert_eq!(fed.asked.len(), pages + 1, "one page from the end");
    fed.timeline.go(Move::By(-20), 10);
    fed.feed(&history.events, 0, false);
    assert_eq!(fed.asked.len(), pages + 1, "what has been passed is known");
    fed.timeline.go(Move::First, 10);
    fed.timeline.go(Move::By(450), 10);
    fed.feed(&history.events, 0, false);
    assert_eq!(fed.timeline.document().map(|document| &**document.source()), Some("{\"output\":450}"));
}

#[test]
fn transient_failures_are_retried_and_large_pages_split() {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    history.then(
        0,
        &[("PassStateEntered", name("A")), ("PassStateExited", name("A")), ("ExecutionSucceeded", Value::Null)],
    );
    let mut fed = Fed::new();
    let query = fed.timeline.next_query(1, Timestamp::from_millis(0), false);
    assert!(query.is_some());
    let failure = |kind| Err(Failure::without_response(kind, ""));
    fed.timeline.on_page(1, failure(stepgate_core::domain::FailureKind::GatewayUnavailable), Timestamp::from_millis(0));
    assert!(
        fed.timeline.failure().is_some() && fed.timeline.next_query(2, Timestamp::from_millis(1_000), false).is_none()
    );
    assert_eq!(fed.timeline.next_query(2, Timestamp::from_millis(5_000), false), query);
    fed.timeline.on_page(2, Ok(Paged { items: history.events.clone(), next: None }), Timestamp::from_millis(5_000));
    let first = fed.timeline.next_query(3, Timestamp::from_millis(5_000), false).expect("its input is looked at");
    fed.timeline.on_page(
        3,
        failure(stepgate_core::domain::FailureKind::ResponseTooLarge),
        Timestamp::from_millis(5_000),
    );
    let second = fed.timeline.next_query(4, Timestamp::from_millis(5_000), false).expect("again");
    assert_eq!((first.with_data, first.page_size, second.page_size), (true, 30, 7));
    // A late response to an earlier request is ignored.
    fed.timeline.on_page(3, Ok(Paged { items: Vec::new(), next: None }), Timestamp::from_millis(5_000));
    assert_eq!(fed.timeline.next_query(5, Timestamp::from_millis(5_000), false), None);
}
