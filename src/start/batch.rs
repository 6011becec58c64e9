//! Many starts from one file, sent at the rate that the endpoint allows, a few at a time. Every line is an
//! intent in the store before the first one leaves, so stopping anywhere leaves a rest to go on with.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::domain::{BatchId, Failure, FailureKind, Retry, Settled, StartOrder};
use crate::lifecycle::start::stops_batch;
use crate::start::starter::{StartReport, Starter};
use crate::store::Store;

/// Starts without an answer at the same time. A gateway may take 29 seconds for each.
const MOST_IN_FLIGHT: usize = 32;
/// Lines that are read at once.
const READ_AHEAD: usize = 200;

/// What a batch tells.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchReport {
    /// A line was answered.
    Answered(Box<StartOrder>, StartReport),
    /// Nothing more is sent, for this reason; without one, because all lines are or somebody wanted it so.
    Over(Option<Failure>),
}

/// Sends the lines of a batch that this process is to send, until `stop` says otherwise or something comes
/// up that all the others would meet as well.
pub async fn run(
    starter: Starter,
    store: Store,
    batch: BatchId,
    reports: mpsc::Sender<BatchReport>,
    mut stop: watch::Receiver<()>,
) {
    let starter = Arc::new(starter);
    let mut flying = JoinSet::new();
    let mut why = None;
    let mut unresolved = 0;
    // What the first response shows about names decides what all the others mean.
    let mut goes_ahead = true;
    let mut waiting = Vec::new().into_iter();
    'lines: loop {
        let Some((id, order)) = waiting.next() else {
            // Those in flight still count as waiting until their mark is written.
            while let Some(done) = flying.join_next().await {
                why = why.or(land(done, &starter, &store, &reports, &mut unresolved).await);
            }
            match store.waiting(batch, READ_AHEAD).await {
                _ if why.is_some() => break,
                Ok(lines) if lines.is_empty() => break,
                Ok(lines) => waiting = lines.into_iter(),
                Err(error) => why = Some(Failure::without_answer(FailureKind::NotRecorded, error.to_string())),
            }
            continue;
        };
        loop {
            tokio::select! {
                _ = stop.changed() => break 'lines,
                Some(done) = flying.join_next() => {
                    why = why.or(land(done, &starter, &store, &reports, &mut unresolved).await);
                    goes_ahead = false;
                    if why.is_some() {
                        break 'lines;
                    }
                }
                () = starter.turn(&order), if flying.len() < most(&starter, &order, goes_ahead) => break,
            }
        }
        // A line that cannot be marked as sent would be read again.
        if let Some(error) = store.health().borrow().as_ref() {
            why = Some(Failure::without_answer(FailureKind::NotRecorded, error.to_string()));
            break;
        }
        let starter = Arc::clone(&starter);
        flying.spawn(async move {
            let report = starter.carry_out(&order, Some(id)).await;
            (order, report)
        });
    }
    while let Some(done) = flying.join_next().await {
        why = why.or(land(done, &starter, &store, &reports, &mut unresolved).await);
    }
    store.stop_batch(batch);
    let _ = reports.send(BatchReport::Over(why)).await;
}

/// How many starts may be under way.
fn most(starter: &Starter, order: &StartOrder, goes_ahead: bool) -> usize {
    if goes_ahead && starter.is_unknown(order) { 1 } else { MOST_IN_FLIGHT }
}

type Landed = Result<(StartOrder, StartReport), tokio::task::JoinError>;

/// Takes an answer. What is wrong with more than this line is returned, and the line waits again.
async fn land(
    done: Landed,
    starter: &Starter,
    store: &Store,
    reports: &mpsc::Sender<BatchReport>,
    unresolved: &mut u32,
) -> Option<Failure> {
    let (order, report) = match done {
        Ok(landed) => landed,
        Err(error) => {
            return Some(Failure::without_answer(FailureKind::Client, format!("a start broke off: {error}")));
        }
    };
    if let Settled::Refused(failure) = &report.settled
        && failure.retry() != Retry::Never
    {
        if let Some(id) = report.record {
            store.unsend(id);
        }
        return Some(failure.clone());
    }
    starter.settle(&report);
    *unresolved = if matches!(report.settled, Settled::Unresolved(_)) { *unresolved + 1 } else { 0 };
    let why = match &report.settled {
        Settled::Unresolved(start) => {
            let stops = |reason: &Failure| stops_batch(&reason.kind, report.is_idempotent, *unresolved);
            start.reason.clone().filter(stops)
        }
        _ => None,
    };
    let _ = reports.send(BatchReport::Answered(Box::new(order), report)).await;
    why
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::{
        Endpoint, EndpointName, ExecutionName, LineOrder, MachineType, NameOrigin, Payload, StateMachineArn, Timestamp,
    };
    use crate::gateway::Clients;
    use crate::store::Keep;

    fn now() -> Timestamp {
        Timestamp::from_millis(1_701_838_931_000)
    }

    fn order(endpoint: &Endpoint, name: &str) -> StartOrder {
        StartOrder {
            endpoint: EndpointName::new("e"),
            place: endpoint.place(),
            profile: "m".into(),
            machine: StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:M").expect("an ARN"),
            machine_type: MachineType::Standard,
            name: ExecutionName::parse(name).expect("a name"),
            origin: NameOrigin::Generated,
            input: Payload::received("{}"),
        }
    }

    #[tokio::test]
    async fn a_batch_ends_and_sends_nothing_more_when_nothing_can_be_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let keep = Keep { payloads: true, retain: Duration::from_secs(86_400) };
        let (store, _) = Store::open(folder.path(), keep, now()).expect("a store");
        // Nothing listens there, and nothing is sent.
        let endpoint = Endpoint::plain("e", "http://127.0.0.1:9/dev");
        let lines = (1..=3).map(|line| LineOrder { line, order: order(&endpoint, &format!("line-{line}")) }).collect();
        let batch = store.begin_batch("lines.jsonl".into(), lines, now()).await.expect("begun");
        let starter = Starter::new(Clients::new([endpoint.clone()]), Some(store.clone()), now);
        let mut health = store.health();
        store.break_writer();
        health.wait_for(Option::is_some).await.expect("it is told");
        let (reporting, mut reports) = mpsc::channel(8);
        let (_stop, stopped) = watch::channel(());
        let running = run(starter.clone(), store.clone(), batch, reporting, stopped);
        tokio::time::timeout(Duration::from_secs(30), running).await.expect("it ends");
        let Some(BatchReport::Over(Some(why))) = reports.recv().await else { panic!("the end is the only report") };
        assert_eq!(why.kind, FailureKind::NotRecorded);
        assert!(why.said.contains("writing to it broke off"), "{why}");
        assert_eq!(reports.recv().await, None);
    }
}
