//! The task in paused time, with an in-process source.

use std::time::Duration;

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use super::*;
use crate::domain::{
    ExecutionArn, GatewayFacts, HistoryEvent, ListedExecution, LogEvent, LogQuery, Paged, Payload, Route, Status,
    Timestamp, Unreachable, WatchLimits,
};
use crate::lifecycle::execution::KnownExecution;
use crate::rate_limit::SharedRateLimit;
use crate::watch::schedule::Sweep;

mod logs;

type Script = Box<dyn FnMut(usize) -> Result<Observation, Failure> + Send>;

/// Responds to its n-th request as the script says.
struct Scripted {
    script: Mutex<(usize, Script)>,
    /// A request of another caller succeeded.
    succeeded: Notify,
}

impl Scripted {
    fn new(script: impl FnMut(usize) -> Result<Observation, Failure> + Send + 'static) -> Arc<Self> {
        Arc::new(Self { script: Mutex::new((0, Box::new(script))), succeeded: Notify::new() })
    }
}

impl StatusSource for Scripted {
    async fn status(&self, _: &ExecutionArn) -> Result<Observation, Failure> {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.0 += 1;
        let count = script.0;
        (script.1)(count)
    }

    async fn running(&self, _: Sweep) -> Result<Paged<ExecutionArn>, Failure> {
        unreachable!("nothing is listed here")
    }

    async fn latest(&self, _: StateMachineArn) -> Result<Vec<ListedExecution>, Failure> {
        unreachable!("nothing is listed here")
    }

    async fn history(&self, _: HistoryQuery) -> Result<Paged<HistoryEvent>, Failure> {
        Ok(Paged { items: Vec::new(), next: None })
    }

    async fn next_success(&self) {
        self.succeeded.notified().await;
    }

    async fn logs(&self, _: LogQuery) -> Result<Paged<LogEvent>, Failure> {
        unreachable!("no log is read here")
    }

    fn reads_logs(&self) -> bool {
        false
    }

    fn limits(&self) -> WatchLimits {
        WatchLimits::default()
    }

    fn lists(&self) -> bool {
        false
    }
}

#[expect(clippy::unnecessary_wraps, reason = "scripts choose between it and a failure")]
fn seen(status: Status) -> Result<Observation, Failure> {
    let (output, stop_date) = (Some(Payload::empty_object()), Some(Timestamp::from_millis(1)));
    let seen = Observation::new(status, Timestamp::from_millis(0));
    Ok(if seen.is_ended() { Observation { stop_date, output, ..seen } } else { seen })
}

fn watched(id: u64) -> Watched {
    let arn = format!("arn:aws:states:us-east-1:111122223333:execution:M:run-{id}");
    Watched {
        id: ExecutionId(id),
        endpoint: EndpointName::new("e"),
        age: Duration::ZERO,
        tracked: Tracked::Execution(
            Box::new(KnownExecution::new(ExecutionArn::parse(&arn).expect("an ARN"), None)),
            ExecutionArn::parse(&arn).expect("an ARN"),
        ),
    }
}

/// Every machine has this many earlier executions of a minute.
struct Minutes(usize);

impl Shared for Minutes {
    async fn durations(&self, _: EndpointName, _: StateMachineArn) -> Vec<Duration> {
        vec![Duration::from_secs(60); self.0]
    }

    fn learned(&self, _: &EndpointName, _: GatewayFacts) {}

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }

    fn shared_limit(&self, _: &EndpointName, _: Route) -> Option<Arc<dyn SharedRateLimit>> {
        None
    }
}

struct Session {
    commands: mpsc::Sender<Command>,
    reports: mpsc::Receiver<Report>,
}

fn session(source: Arc<Scripted>, reports: usize) -> Session {
    let (commands, inbox) = mpsc::channel(4);
    let (outbox, reports) = mpsc::channel(reports);
    spawn(HashMap::from([(EndpointName::new("e"), source)]), Minutes(0), inbox, outbox);
    Session { commands, reports }
}

impl Session {
    async fn verdict(&mut self) -> Verdict {
        loop {
            match self.reports.recv().await.expect("the watcher lives") {
                Report::Status(response) => return response.verdict,
                Report::Sent { .. } | Report::Learned { .. } | Report::Read(..) | Report::Listed(..) => {}
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_execution_is_watched_to_its_end() {
    let mut session =
        session(Scripted::new(|count| seen(if count < 3 { Status::Running } else { Status::Succeeded })), 8);
    session.commands.send(Command::Watch(vec![watched(1)])).await.expect("sent");
    assert!(matches!(session.verdict().await, Verdict::Watching(_)));
    assert!(matches!(session.verdict().await, Verdict::Watching(_)));
    assert_eq!(session.verdict().await, Verdict::Ended);
    let learned = session.reports.recv().await;
    assert!(matches!(learned, Some(Report::Learned { .. })), "{learned:?}");
    let silence = tokio::time::timeout(Duration::from_secs(3600), session.reports.recv()).await;
    assert!(silence.is_err(), "nothing more is requested");
}

#[tokio::test(start_paused = true)]
async fn failures_and_panics_do_not_end_the_watch() {
    let mut session = session(
        Scripted::new(|count| match count {
            1 => Err(Failure::without_response(FailureKind::Unreachable(Unreachable::Refused), "")),
            2 => panic!("a bug in the client"),
            _ => seen(Status::Failed),
        }),
        8,
    );
    session.commands.send(Command::Watch(vec![watched(1)])).await.expect("sent");
    assert!(matches!(session.verdict().await, Verdict::BackingOff(_)));
    assert!(matches!(session.verdict().await, Verdict::BackingOff(_)));
    assert_eq!(session.verdict().await, Verdict::Ended);
}

/// An endpoint that always fails, until the pauses have almost reached their maximum; and since when.
async fn in_an_outage(kind: FailureKind) -> (Session, Arc<Scripted>, Instant) {
    let source = Scripted::new(move |_| Err(Failure::without_response(kind.clone(), "")));
    let mut session = session(Arc::clone(&source), 8);
    session.commands.send(Command::Watch(vec![watched(1)])).await.expect("sent");
    loop {
        if matches!(session.verdict().await, Verdict::BackingOff(pause) if pause > Duration::from_secs(3)) {
            return (session, source, Instant::now());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_ends_with_a_response_to_another_request_or_on_demand() {
    for kind in [FailureKind::Unreachable(Unreachable::Refused), FailureKind::Forbidden] {
        for by_key in [false, true] {
            let (mut session, source, since) = in_an_outage(kind.clone()).await;
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            if by_key {
                session.commands.send(Command::TryNow).await.expect("sent");
            } else {
                source.succeeded.notify_waiters();
            }
            session.verdict().await;
            assert!(since.elapsed() < Duration::from_secs(2), "{kind:?} {by_key}: {:?}", since.elapsed());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn responses_of_other_routes_do_not_flood_a_failing_status_route() {
    let (mut session, source, since) = in_an_outage(FailureKind::Forbidden).await;
    let mut requests = 0;
    while since.elapsed() < Duration::from_secs(60) {
        source.succeeded.notify_waiters();
        if tokio::time::timeout(Duration::from_millis(100), session.verdict()).await.is_ok() {
            requests += 1;
        }
    }
    assert!((30..=60).contains(&requests), "{requests} requests in a minute");
}

#[tokio::test(start_paused = true)]
async fn without_a_connection_another_attempt_follows_every_few_seconds() {
    let (mut session, _, _) = in_an_outage(FailureKind::Unreachable(Unreachable::Dns)).await;
    for _ in 0..20 {
        assert!(matches!(session.verdict().await, Verdict::BackingOff(pause) if pause <= Duration::from_secs(8)));
    }
}

#[tokio::test(start_paused = true)]
async fn commands_are_handled_while_reports_are_not_received() {
    let session = session(Scripted::new(|_| seen(Status::Running)), 1);
    for id in 0..100 {
        session.commands.send(Command::Watch(vec![watched(id)])).await.expect("sent");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn earlier_durations_of_a_machine_are_loaded_and_reported() {
    let (commands, inbox) = mpsc::channel(4);
    let (outbox, mut reports) = mpsc::channel(8);
    let source = Scripted::new(|_| seen(Status::Running));
    spawn([(EndpointName::new("e"), source)], Minutes(50), inbox, outbox);
    commands.send(Command::Watch(vec![watched(1), watched(2)])).await.expect("sent");
    let mut found = Vec::new();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(30) {
        if let Report::Learned { machine, durations, .. } = reports.recv().await.expect("the watcher lives") {
            found.push((machine, durations));
        }
    }
    let [(machine, durations)] = &found[..] else { panic!("{} reports", found.len()) };
    assert_eq!(machine.name(), "M");
    assert!((50.0..80.0).contains(&durations.median(0.0)));
}

/// The channel has many slots; outputs of a megabyte may not fill them all.
#[tokio::test(start_paused = true)]
async fn nothing_is_requested_while_large_outputs_wait_to_be_received() {
    const MIB: usize = 1024 * 1024;
    let source = Scripted::new(|_| {
        let output = Some(Payload::received("x".repeat(MIB)));
        seen(Status::Succeeded).map(|seen| Observation { output, ..seen })
    });
    let mut session = session(Arc::clone(&source), 256);
    session.commands.send(Command::Watch((0..100).map(watched).collect())).await.expect("sent");
    tokio::time::sleep(Duration::from_secs(600)).await;
    let requests = source.script.lock().unwrap_or_else(PoisonError::into_inner).0;
    assert!((5..=8).contains(&requests), "{requests} outputs of a mebibyte are in memory");
    for _ in 0..100 {
        assert_eq!(session.verdict().await, Verdict::Ended);
    }
}
