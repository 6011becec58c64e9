//! EXPRESS executions in the task: what the pages of their log report.

use std::collections::VecDeque;

use serde_json::{Map, json};

use super::*;

/// Responds to log requests with these pages, and then with empty ones.
struct Logs {
    pages: Mutex<VecDeque<Result<Paged<LogEvent>, Failure>>>,
    queries: Mutex<Vec<LogQuery>>,
}

impl StatusSource for Logs {
    async fn status(&self, arn: &ExecutionArn) -> Result<Observation, Failure> {
        assert!(arn.is_describable(), "EXPRESS executions are not polled");
        seen(Status::Running)
    }

    async fn running(&self, _: Sweep) -> Result<Paged<ExecutionArn>, Failure> {
        unreachable!("nothing is listed here")
    }

    async fn latest(&self, _: StateMachineArn) -> Result<Vec<ListedExecution>, Failure> {
        unreachable!("nothing is listed here")
    }

    async fn history(&self, _: HistoryQuery) -> Result<Paged<HistoryEvent>, Failure> {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(Paged { items: Vec::new(), next: None })
    }

    async fn logs(&self, query: LogQuery) -> Result<Paged<LogEvent>, Failure> {
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.queries.lock().unwrap_or_else(PoisonError::into_inner).push(query);
        let page = self.pages.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        page.unwrap_or_else(|| Ok(page_of(Vec::new(), None)))
    }

    fn reads_logs(&self) -> bool {
        true
    }

    fn limits(&self) -> WatchLimits {
        WatchLimits::default()
    }

    fn lists(&self) -> bool {
        false
    }
}

fn page_of(items: Vec<LogEvent>, next: Option<&str>) -> Paged<LogEvent> {
    Paged { items, next: next.map(str::to_owned) }
}

fn arn(id: u64) -> ExecutionArn {
    ExecutionArn::parse(&format!("arn:aws:states:us-east-1:111122223333:express:M:run-{id}:0b3c")).expect("an ARN")
}

fn express(id: u64, age: u64) -> Watched {
    let tracked = Tracked::Execution(Box::new(KnownExecution::new(arn(id), None)), arn(id));
    Watched { id: ExecutionId(id), endpoint: EndpointName::new("e"), age: Duration::from_secs(age), tracked }
}

fn event(execution: u64, id: u64, event_type: &str, output: &str) -> LogEvent {
    let details: Map<String, serde_json::Value> =
        json!({ "output": output, "input": output }).as_object().expect("an object").clone();
    let event = HistoryEvent {
        id,
        previous: id - 1,
        at: Timestamp::from_millis(i64::try_from(id).expect("small")),
        event_type: event_type.to_owned(),
        details: Some(("details".to_owned(), details)),
    };
    LogEvent { execution: arn(execution), event }
}

struct Watch {
    source: Arc<Logs>,
    commands: mpsc::Sender<Command>,
    reports: mpsc::Receiver<Report>,
}

impl Watch {
    async fn of(watched: Vec<Watched>, pages: Vec<Result<Paged<LogEvent>, Failure>>) -> Self {
        let (commands, inbox) = mpsc::channel(4);
        let (outbox, reports) = mpsc::channel(64);
        let source = Arc::new(Logs { pages: Mutex::new(pages.into()), queries: Mutex::default() });
        spawn([(EndpointName::new("e"), Arc::clone(&source))], Minutes(0), inbox, outbox);
        commands.send(Command::Watch(watched)).await.expect("sent");
        Self { source, commands, reports }
    }

    async fn next(&mut self) -> (u64, Change, Verdict) {
        loop {
            if let Report::Status(report) = self.reports.recv().await.expect("the watcher lives") {
                return (report.id.0, report.change, report.verdict);
            }
        }
    }

    fn queries(&self) -> Vec<LogQuery> {
        self.source.queries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn output(change: &Change) -> Option<&str> {
    if let Change::Seen(seen, _) = change { seen.output.as_ref().map(Payload::as_str) } else { None }
}

#[tokio::test(start_paused = true)]
async fn one_page_ends_several_executions_and_foreign_events_do_nothing() {
    let page = vec![
        event(1, 1, "ExecutionStarted", "1"),
        event(2, 1, "ExecutionStarted", "2"),
        event(9, 4, "ExecutionSucceeded", "9"),
        event(2, 4, "ExecutionSucceeded", "2"),
        event(2, 4, "ExecutionSucceeded", "2"),
    ];
    let again = vec![event(1, 1, "ExecutionStarted", "1"), event(1, 1, "ExecutionStarted", "1")];
    let end = vec![event(1, 4, "ExecutionFailed", "x")];
    let pages = vec![Ok(page_of(page, Some("t"))), Ok(page_of(again, None)), Ok(page_of(end, None))];
    let mut watch = Watch::of(vec![express(1, 0), express(2, 0)], pages).await;
    let (first, second) = (watch.next().await, watch.next().await);
    assert_eq!((first.0, second.0, &second.2), (1, 2, &Verdict::Ended));
    assert!(matches!(&first.1, Change::Seen(seen, None) if seen.status == Status::Running && seen.input.is_some()));
    assert!(matches!(first.2, Verdict::Watching(_)));
    assert_eq!(output(&second.1), Some("2"));
    let (id, change, verdict) = watch.next().await;
    assert_eq!((id, verdict), (1, Verdict::Ended), "what is known is not reported again: {change:?}");
    let silence = tokio::time::timeout(Duration::from_secs(3600), watch.next()).await;
    assert!(silence.is_err(), "nothing more is requested");
    let queries = watch.queries();
    assert_eq!(queries.len(), 3);
    assert_eq!((&queries[0].execution, &queries[1].token), (&None, &Some("t".to_owned())));
    assert_eq!(queries[2].execution, Some(arn(1)), "only one is left");
    assert!(queries[0].since < Timestamp::from_millis(-9_000), "a little before the start");
}

#[tokio::test(start_paused = true)]
async fn a_log_without_an_end_gives_an_execution_up_for_what_it_shows() {
    for (events, expected) in [
        (vec![], FailureKind::NoErrorLogged),
        (vec![event(1, 4, "TaskFailed", "")], FailureKind::NoErrorLogged),
        (vec![event(1, 4, "FailStateEntered", "")], FailureKind::NoErrorLogged),
        (vec![event(1, 2, "PassStateEntered", "")], FailureKind::EndNotLogged),
    ] {
        let mut watch = Watch::of(vec![express(1, 3_600)], vec![Ok(page_of(events, None))]).await;
        let change = loop {
            let (_, change, verdict) = watch.next().await;
            if verdict == Verdict::GivenUp {
                break change;
            }
        };
        let Change::GivenUp(failure) = &change else { panic!("{change:?}") };
        assert_eq!(failure.kind, expected);
        assert_eq!(watch.queries().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_reported_for_each_execution_and_so_is_its_end() {
    let denied = || Err(Failure::without_response(FailureKind::RoleDenied, ""));
    let end = vec![event(1, 4, "ExecutionSucceeded", "1")];
    let mut watch =
        Watch::of(vec![express(1, 0), express(2, 0)], vec![denied(), denied(), Ok(page_of(end, None))]).await;
    for id in [1, 2, 1, 2] {
        let report = watch.next().await;
        assert!(matches!(&report, (of, Change::Failed(_), Verdict::Postponed(_)) if *of == id), "{report:?}");
    }
    assert_eq!(watch.next().await.2, Verdict::Ended);
    assert_eq!(watch.next().await.1, Change::Nothing, "the log can be read again");
}

#[tokio::test(start_paused = true)]
async fn throttling_is_reported_and_the_page_requested_again() {
    let throttled = Err(Failure::without_response(FailureKind::Throttled, ""));
    let started = vec![event(1, 1, "ExecutionStarted", "")];
    let pages =
        vec![Ok(page_of(started, Some("t"))), throttled, Ok(page_of(vec![event(1, 3, "ExecutionAborted", "")], None))];
    let mut watch = Watch::of(vec![express(1, 0)], pages).await;
    watch.next().await;
    assert_eq!(watch.next().await.2, Verdict::Slowed);
    assert_eq!(watch.next().await.2, Verdict::Ended);
    let tokens: Vec<Option<String>> = watch.queries().into_iter().map(|query| query.token).collect();
    assert_eq!(tokens, [None, Some("t".to_owned()), Some("t".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_logged_history_shares_the_second_with_the_logs() {
    let mut watch = Watch::of(vec![express(1, 0)], Vec::new()).await;
    let query = HistoryQuery {
        execution: arn(1),
        started: None,
        with_data: false,
        newest_first: false,
        page_size: 1,
        token: None,
    };
    let began = Instant::now();
    for number in 0..5 {
        watch.commands.send(Command::Read(number, EndpointName::new("e"), query.clone())).await.expect("sent");
    }
    let mut sent = Vec::new();
    let mut read = 0;
    while read < 5 {
        match watch.reports.recv().await.expect("the watcher lives") {
            Report::Sent { at, .. } => sent.push(at),
            Report::Read(..) => read += 1,
            _ => {}
        }
    }
    assert!(sent.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_secs(1)), "{sent:?}");
    assert!(began.elapsed() < Duration::from_secs(12) && watch.queries().len() >= 4, "they take turns");
}
