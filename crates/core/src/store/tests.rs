//! The store on real files.

use std::path::Path;

use rusqlite::Connection;

use super::*;
use crate::domain::{
    EndpointName, ExecutionName, Failure, FailureKind, LineStanding, MachineType, NameOrigin, Observation,
    OtherMembers, Payload, Started, StateMachineArn, Status,
};

mod batches;
mod files;
mod tidy;
mod writing;

const KEEP: Keep = Keep { payloads: true, retain: Duration::from_secs(90 * 86_400) };
const NOW: Timestamp = Timestamp::from_millis(1_701_838_931_000);
const INPUT: &str = r#"{ "b":1.0, "a":12345678901234567890123, "a":1e400, "注文":"\u3042" }"#;

fn order(name: &str, machine_type: MachineType) -> StartOrder {
    StartOrder {
        endpoint: EndpointName::new("dev"),
        place: Place::new("https://example.com/dev"),
        profile: "pass".into(),
        machine: StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:M:PROD").expect("an ARN"),
        machine_type,
        name: ExecutionName::parse(name).expect("a name"),
        origin: NameOrigin::Generated,
        input: Payload::received(INPUT),
    }
}

fn started(order: &StartOrder) -> Started {
    Started::new(order.machine.execution(&order.name), Some(NOW))
}

fn open(folder: &Path) -> (Store, Remembered) {
    Store::open(folder, KEEP, NOW).expect("the store opens")
}

fn record(order: &StartOrder, seen: Observation) -> Record {
    Record {
        place: order.place.clone(),
        endpoint: order.endpoint.clone(),
        profile: order.profile.clone(),
        machine: order.machine.clone(),
        arn: order.machine.execution(&order.name),
        started: seen.start_date.unwrap_or(NOW),
        answered: Some(NOW),
        seen: Some(seen),
        given_up: None,
        input_digest: order.input.digest(),
        warning: None,
        start_members: OtherMembers::default(),
    }
}

async fn start(store: &Store, order: &StartOrder) -> RecordId {
    let ids = store.intend(vec![order.clone()], Phase::Sent, NOW).await.expect("written");
    store.settle(ids[0], Settled::Confirmed(started(order)), NOW);
    ids[0]
}

#[tokio::test]
async fn an_execution_comes_back_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, remembered) = open(folder.path());
    assert_eq!(remembered, Remembered::default());
    let order = order("run-1", MachineType::Standard);
    start(&store, &order).await;
    let seen = Observation {
        stop_date: Some(NOW.plus(Duration::from_millis(69))),
        input: Some(Payload::received(INPUT)),
        error: Some("Boom".into()),
        cause: Some("because".into()),
        ..Observation::new(Status::Failed, NOW)
    };
    store.keep(record(&order, seen.clone()));
    store.flush().await;
    drop(store);
    let (store, remembered) = open(folder.path());
    let found = &remembered.page.records[..];
    let without = Observation { input: None, cause: None, ..seen };
    assert_eq!(found, [record(&order, without)]);
    assert_eq!(remembered.totals, crate::domain::Totals { failed: 1, ..Default::default() });
    assert!(remembered.running.is_empty() && remembered.unresolved.is_empty());
    let payloads = store.payloads(order.place.clone(), found[0].arn.clone()).await.expect("read");
    assert_eq!(payloads.input.expect("an input").as_str(), INPUT);
    assert_eq!((payloads.output, payloads.cause.as_deref()), (None, Some("because")));
}

#[tokio::test]
async fn a_start_that_was_sent_by_a_process_that_is_gone_is_in_doubt() {
    let folder = tempfile::tempdir().expect("a folder");
    let (crashed, _) = open(folder.path());
    let sent = order("sent", MachineType::Standard);
    let waiting = order("waiting", MachineType::Express);
    let id = crashed.intend(vec![sent.clone()], Phase::Sent, NOW).await.expect("written")[0];
    crashed.intend(vec![waiting], Phase::Intended, NOW).await.expect("written");
    let (beside, remembered) = open(folder.path());
    assert_eq!(remembered.unresolved, [], "its process lives");
    drop(crashed);
    drop(beside);
    let (store, remembered) = open(folder.path());
    let doubt =
        crate::domain::Doubt { order: sent.clone(), record: Some(id), first_sent: NOW, sent: NOW, reason: None };
    assert_eq!(remembered.unresolved, [doubt]);
    store.judge(id, Settled::NeverStarted, NOW);
    store.flush().await;
    let remembered = store.remembered().await.expect("read");
    assert_eq!((remembered.unresolved.len(), remembered.never_started.len()), (0, 1));
    // Started after all; no later word takes that back.
    store.sending(id, NOW).await.expect("written");
    store.judge(id, Settled::NeverStarted, NOW);
    store.flush().await;
    assert_eq!(store.remembered().await.expect("read").never_started, [], "it is being sent");
    store.settle(id, Settled::Confirmed(started(&sent)), NOW);
    store.settle(id, Settled::NeverStarted, NOW);
    store.flush().await;
    let remembered = store.remembered().await.expect("read");
    assert_eq!((remembered.never_started.len(), remembered.running.len()), (0, 1));
    let payloads = store.payloads(sent.place.clone(), remembered.running[0].arn.clone()).await.expect("read");
    assert_eq!(payloads.input.expect("an input").as_str(), INPUT);
}

#[tokio::test]
async fn an_end_is_not_taken_back_by_who_has_not_heard_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let order = order("run-1", MachineType::Standard);
    start(&store, &order).await;
    let running = Observation::new(Status::Running, NOW);
    let ended = Observation { stop_date: Some(NOW), ..Observation::new(Status::Succeeded, NOW) };
    for seen in [&ended, &running] {
        store.keep(record(&order, seen.clone()));
        store.flush().await;
        assert_eq!(store.remembered().await.expect("read").totals.succeeded, 1);
    }
    let mut redriven = running;
    redriven.redrive.count = Some(1);
    store.keep(record(&order, redriven));
    store.flush().await;
    assert_eq!(store.remembered().await.expect("read").totals.running, 1);
}

#[tokio::test]
async fn pages_go_on_where_the_last_one_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let count = PAGE * 2 + 7;
    for index in 0..count {
        // Many begin in the same millisecond.
        let millis = NOW.as_millis() + i64::try_from(index / 300).expect("small");
        let order = order(&format!("run-{index}"), MachineType::Standard);
        store.keep(record(&order, Observation::new(Status::Succeeded, Timestamp::from_millis(millis))));
    }
    store.flush().await;
    let mut page = store.remembered().await.expect("read").page;
    let mut names = Vec::new();
    loop {
        names.extend(page.records.iter().map(|record| record.arn.clone()));
        assert!(page.records.is_sorted_by(|a, b| a.started >= b.started));
        let Some(next) = page.next else { break };
        page = store.page(next).await.expect("read");
    }
    assert_eq!(names.len(), count);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "none twice");
}

#[tokio::test]
async fn payloads_can_be_left_out_and_old_ends_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let keep = Keep { payloads: false, ..KEEP };
    let (store, _) = Store::open(folder.path(), keep, NOW).expect("the store opens");
    let done = order("done", MachineType::Standard);
    // More than a page of the file, which would be set free as it is.
    let large = Payload::received(format!("\"{}\"", "not to be kept ".repeat(2_000)));
    let refused = StartOrder { input: large, ..order("refused", MachineType::Standard) };
    start(&store, &done).await;
    let seen = Observation { output: Some(Payload::received("[1]")), ..Observation::new(Status::Succeeded, NOW) };
    store.keep(record(&done, seen));
    let id = store.intend(vec![refused], Phase::Sent, NOW).await.expect("written")[0];
    store.settle(id, Settled::Refused(Failure::without_answer(FailureKind::Forbidden, "")), NOW);
    store.flush().await;
    drop(store);
    let connection = Connection::open(folder.path().join("stepgate.db")).expect("opened");
    let kept: i64 = connection
        .query_row(
            "SELECT (SELECT count(*) FROM inputs) \
             + (SELECT count(*) FROM payloads WHERE input IS NOT NULL OR output IS NOT NULL)",
            [],
            |row| row.get(0),
        )
        .expect("counted");
    assert_eq!(kept, 0);
    drop(connection);
    let bytes = std::fs::read(folder.path().join("stepgate.db")).expect("read");
    let input = b"not to be kept";
    assert!(!bytes.windows(input.len()).any(|window| window == input), "not in what is free in the file either");
    let later = NOW.plus(KEEP.retain).plus(Duration::from_secs(1));
    let (store, remembered) = Store::open(folder.path(), keep, later).expect("the store opens");
    assert_eq!(remembered.totals.succeeded, 1);
    store.prune(later).await.expect("pruned");
    assert_eq!(store.totals().await.expect("read").succeeded, 0);
}

#[tokio::test]
async fn what_is_kept_depends_on_the_end_and_nothing_goes_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let day = Duration::from_secs(86_400);
    let ended = |name: &str, began: u32, ended: u32| {
        let (began, stop) = (NOW.plus(day * began), NOW.plus(day * ended));
        let seen = Observation { stop_date: Some(stop), ..Observation::new(Status::Succeeded, began) };
        store.keep(record(&order(name, MachineType::Standard), seen));
    };
    ended("ran-for-100-days", 0, 100);
    ended("old", 0, 1);
    store.flush().await;
    drop(store);
    // A launch with a clock that is 400 days ahead, and one with a clock that is right.
    let (store, remembered) = Store::open(folder.path(), KEEP, NOW.plus(day * 500)).expect("the store opens");
    assert_eq!(remembered.totals.succeeded, 2);
    assert!(remembered.last_launch.is_some_and(|last| last <= NOW.plus(day)));
    drop(store);
    let (store, remembered) = Store::open(folder.path(), KEEP, NOW.plus(day * 101)).expect("the store opens");
    assert_eq!(remembered.totals.succeeded, 2, "nothing went");
    assert_eq!(store.prune(NOW.plus(day * 101)).await, Ok(1));
    let left = store.remembered().await.expect("read").page.records;
    assert_eq!(left.iter().map(|record| record.arn.name()).collect::<Vec<_>>(), ["ran-for-100-days"]);
}

#[tokio::test]
async fn a_file_that_is_deleted_or_replaced_is_noticed_before_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let path = folder.path().join("stepgate.db");
    start(&store, &order("before", MachineType::Standard)).await;
    store.flush().await;
    std::fs::rename(&path, folder.path().join("moved.db")).expect("moved away");
    let intend = |name| store.intend(vec![order(name, MachineType::Standard)], Phase::Sent, NOW);
    let error = intend("missing").await.expect_err("nothing may be sent");
    assert_eq!(error.fault, StoreFault::Replaced);
    assert_eq!(store.health().borrow().as_ref().map(|error| error.fault.clone()), Some(StoreFault::Replaced));
    std::fs::write(&path, "").expect("another file");
    assert_eq!(intend("replaced").await.expect_err("nothing may be sent").fault, StoreFault::Replaced);
    std::fs::rename(folder.path().join("moved.db"), &path).expect("put back");
    intend("back").await.expect("it is the same file");
    // Without its log, other processes would not see what is written.
    let log = folder.path().join("stepgate.db-wal");
    std::fs::rename(&log, folder.path().join("moved-wal")).expect("moved away");
    for _ in 0..2 {
        let error = intend("without-log").await.expect_err("nothing may be sent");
        assert!(error.to_string().contains("its write-ahead log was deleted or replaced"), "{error}");
        std::fs::write(&log, "").expect("another file");
    }
    std::fs::rename(folder.path().join("moved-wal"), &log).expect("put back");
    intend("complete").await.expect("all is as before");
}

#[tokio::test]
async fn what_is_said_of_a_missing_file_is_true_at_every_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let (path, copy) = (folder.path().join("stepgate.db"), folder.path().join("copy.db"));
    let said = async || {
        let intent = store.intend(vec![order("run", MachineType::Standard)], Phase::Sent, NOW).await;
        intent.map(drop).map_err(|error| error.to_string())
    };
    std::fs::copy(&path, &copy).expect("copied");
    std::fs::remove_file(&path).expect("deleted");
    assert!(said().await.expect_err("deleted").contains("Move it back, or restart stepgate to create a new one."));
    std::fs::rename(&copy, &path).expect("restored");
    let words = said().await.expect_err("a copy");
    assert!(words.contains("another file took the place") && words.contains("Restart stepgate to use it."), "{words}");
}

#[tokio::test]
async fn what_was_learned_of_gateways_and_machines_is_remembered() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let order = order("run-1", MachineType::Unknown);
    let facts = crate::domain::GatewayFacts {
        names: crate::domain::NameHandling::Ignored,
        output: crate::domain::Member::Returned,
        stop_date: crate::domain::Member::Omitted,
    };
    store.learn(order.place.clone(), facts);
    let machine_type = || store.machine_type(order.place.clone(), order.machine.clone());
    assert_eq!(machine_type().await, Ok(MachineType::Unknown));
    start(&store, &order).await;
    store.flush().await;
    assert_eq!(machine_type().await, Ok(MachineType::Standard));
    // One EXPRESS ARN outweighs any number of others.
    let arn = ExecutionArn::parse("arn:aws:states:us-east-1:111122223333:express:M:run-2:0d1f").expect("an ARN");
    let id = store.intend(vec![order.clone()], Phase::Sent, NOW).await.expect("written")[0];
    store.settle(id, Settled::Confirmed(Started::new(arn.clone(), None)), NOW);
    store.flush().await;
    assert_eq!(machine_type().await, Ok(MachineType::Express));
    let claimed = |by| store.is_claimed(order.place.clone(), arn.clone(), by);
    assert_eq!((claimed(None).await, claimed(Some(id)).await), (Ok(true), Ok(false)));
    drop(store);
    let (_, remembered) = open(folder.path());
    assert_eq!(remembered.gateways, [(order.place, facts)]);
}

#[tokio::test]
async fn what_was_sent_is_kept_beside_what_the_execution_received() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let order = order("run-1", MachineType::Standard);
    start(&store, &order).await;
    store.flush().await;
    let begun = store.remembered().await.expect("read").running.remove(0);
    assert_eq!(begun.input_digest, order.input.digest());
    let warning = Some(crate::domain::Warning::InputChanged(crate::domain::InputChange::Dropped));
    let seen = Observation { input: Some(Payload::empty_object()), ..Observation::new(Status::Running, NOW) };
    for seen in [seen.clone(), seen] {
        store.keep(Record { warning: warning.clone(), seen: Some(seen), ..begun.clone() });
        store.flush().await;
    }
    let kept = store.payloads(order.place.clone(), begun.arn.clone()).await.expect("read");
    assert_eq!((kept.input.expect("received").as_str(), kept.sent.expect("sent").as_str()), ("{}", INPUT));
    assert_eq!(store.remembered().await.expect("read").running[0].warning, warning);
    let inputs = store.inputs(order.place, order.machine).await.expect("read");
    assert_eq!(inputs[0].input.as_str(), INPUT, "started again with what was sent");
}

#[tokio::test]
async fn pruning_leaves_what_is_not_settled() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let old = order("old", MachineType::Standard);
    let id = store.intend(vec![old], Phase::Sent, NOW).await.expect("written")[0];
    start(&store, &order("running", MachineType::Standard)).await;
    store.flush().await;
    drop(store);
    let later = NOW.plus(KEEP.retain * 2);
    for _ in 0..2 {
        let (store, remembered) = Store::open(folder.path(), KEEP, later).expect("the store opens");
        assert_eq!(remembered.unresolved.iter().map(|doubt| doubt.record).collect::<Vec<_>>(), [Some(id)]);
        assert_eq!(remembered.running.len(), 1);
        store.prune(later).await.expect("pruned");
        let another = store.intend(vec![order("new", MachineType::Standard)], Phase::Intended, later).await;
        assert!(another.expect("written")[0] > id, "a number is never given twice");
        store.flush().await;
    }
}

#[tokio::test]
async fn the_rest_of_a_batch_is_for_one_process_and_never_started_lines_belong_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, _) = open(folder.path());
    let orders = (0..3)
        .map(|index| LineOrder { line: 2 * index + 1, order: order(&format!("line-{index}"), MachineType::Standard) });
    let orders: Vec<LineOrder> = orders.collect();
    let batch = first.begin_batch("orders.jsonl".into(), orders.clone(), NOW).await.expect("written");
    let sent = first.waiting(batch, 1).await.expect("read")[0].0;
    first.sending(sent, NOW).await.expect("written");
    let (second, remembered) = open(folder.path());
    assert_eq!(remembered.batches, [], "its process lives");
    assert_eq!(second.claim_batch(batch).await.expect("written"), 0);
    drop(first);
    assert_eq!(second.claim_batch(batch).await.expect("written"), 2, "also when it ended after our launch");
    second.stop_batch(batch);
    second.flush().await;
    let (third, remembered) = open(folder.path());
    assert_eq!((remembered.batches[0].left, remembered.batches[0].lines), (2, 3));
    third.judge(sent, Settled::NeverStarted, NOW);
    third.flush().await;
    assert_eq!(third.claim_batch(batch).await.expect("written"), 3);
    third.forget_batch(batch, NOW);
    third.stop_batch(batch);
    third.forget_batch(batch, NOW);
    third.flush().await;
    assert_eq!(third.remembered().await.expect("read").batches, []);
}

#[tokio::test]
async fn the_lines_of_a_batch_are_found_again_by_what_they_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let line = |line: usize, name: &str| LineOrder { line, order: order(name, MachineType::Standard) };
    let lines: Vec<LineOrder> = [1, 3, 4, 6].map(|number| line(number, &format!("line-{number}"))).to_vec();
    let batch = store.begin_batch("orders.jsonl".into(), lines.clone(), NOW).await.expect("written");
    let waiting = store.waiting(batch, 9).await.expect("read");
    for (id, order) in &waiting[..3] {
        store.sending(*id, NOW).await.expect("written");
        let settled = match order.name.as_str() {
            "line-1" => Settled::Confirmed(Started::new(order.machine.execution(&order.name), None)),
            "line-3" => Settled::Refused(Failure::without_answer(FailureKind::InvalidInput, "too deep")),
            _ => Settled::Unresolved(Box::new(crate::domain::Doubt {
                order: order.clone(),
                record: Some(*id),
                first_sent: NOW,
                sent: NOW,
                reason: Some(Failure::without_answer(FailureKind::GatewayTimedOut, "")),
            })),
        };
        store.settle(*id, settled, NOW);
    }
    store.flush().await;
    let found = store.batch_lines(batch).await.expect("read");
    assert_eq!(found.iter().map(|line| line.line).collect::<Vec<_>>(), [1, 3, 4, 6]);
    assert!(matches!(&found[0].standing, LineStanding::Started(record) if record.arn.name() == "line-1"));
    assert!(matches!(&found[1].standing, LineStanding::NotStarted(Some(failure)) if failure.said == "too deep"));
    assert!(matches!(&found[2].standing, LineStanding::InDoubt(doubt) if doubt.order.name.as_str() == "line-4"));
    assert_eq!((&found[3].standing, found[3].name.as_str()), (&LineStanding::Waiting, "line-6"));
    // Names are made up anew each time; places, machines, lines and inputs tell.
    let renamed: Vec<LineOrder> = lines.iter().map(|known| line(known.line, "other")).collect();
    assert_eq!(store.earlier_batch(&renamed).await.expect("read"), Some(batch));
    let moved: Vec<LineOrder> = lines.iter().map(|known| LineOrder { line: known.line + 1, ..known.clone() }).collect();
    assert_eq!(store.earlier_batch(&moved).await.expect("read"), None);
    let mut edited = lines.clone();
    edited[2].order.input = Payload::received("[]");
    assert_eq!(store.earlier_batch(&edited).await.expect("read"), None);
    assert_eq!(store.earlier_batch(&lines[..3]).await.expect("read"), None);
    let named = store.named("line-1".into()).await.expect("read");
    assert_eq!(named.iter().map(|record| record.arn.name()).collect::<Vec<_>>(), ["line-1"]);
    assert_eq!(store.named("ine-1".into()).await.expect("read"), []);
    assert_eq!(store.named(named[0].arn.to_string()).await.expect("read"), named);
}

#[tokio::test]
async fn how_long_executions_took_is_read_by_machine_with_its_versions() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let machine = |text: &str| StateMachineArn::parse(text).expect("an ARN");
    let base = "arn:aws:states:us-east-1:111122223333:stateMachine:M";
    let ended = |name: &str, arn: String, began: u64, took: u64, redrives: u32| {
        let order = StartOrder { machine: machine(&arn), ..order(name, MachineType::Standard) };
        let began = NOW.plus(Duration::from_secs(began));
        let redrive = crate::domain::Redrive { count: Some(redrives), ..Default::default() };
        let stop_date = Some(began.plus(Duration::from_secs(took)));
        store.keep(record(&order, Observation { stop_date, redrive, ..Observation::new(Status::Succeeded, began) }));
    };
    ended("a", base.to_owned(), 10, 7, 0);
    ended("b", format!("{base}:PROD"), 5, 9, 0);
    ended("c", format!("{base}-other"), 5, 100, 0);
    ended("d", base.to_owned(), 20, 1_000, 1);
    store.keep(record(&order("e", MachineType::Standard), Observation::new(Status::Running, NOW)));
    store.flush().await;
    let found = store.durations(Place::new("https://example.com/dev"), machine(base)).await.expect("read");
    assert_eq!(found, [Duration::from_secs(9), Duration::from_secs(7)]);
    let elsewhere = store.durations(Place::new("https://example.com/prod"), machine(base)).await.expect("read");
    assert!(elsewhere.is_empty());
}

#[tokio::test]
async fn a_listing_comes_in_parts_that_are_small_and_together_everything_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let output = Payload::received(format!("\"{}\"", "x".repeat(100_000)));
    let count = 1_203;
    for index in 0..count {
        let order = order(&format!("run-{index}"), MachineType::Standard);
        let began = Timestamp::from_millis(NOW.as_millis() + i64::from(index / 7));
        // A part ends by its bytes, or by its number.
        let output = (index < 40).then(|| output.clone());
        store.keep(record(&order, Observation { output, ..Observation::new(Status::Succeeded, began) }));
    }
    store.flush().await;
    let listing = Listing { machine: None, statuses: Vec::new(), since: None, place: None, limit: 9_999 };
    for with_payloads in [true, false] {
        let (mut names, mut from, mut parts) = (Vec::new(), None, 0);
        loop {
            let (part, next) = store.list(listing.clone(), from, with_payloads).await.expect("read");
            let bytes: usize = part.iter().map(|(_, payloads)| payloads.bytes()).sum();
            assert!(bytes <= 1_200_000 && part.len() <= 500, "{bytes} bytes, {} executions", part.len());
            assert!(with_payloads || bytes == 0);
            names.extend(part.into_iter().map(|(record, _)| record.arn));
            parts += 1;
            if next.is_none() {
                break;
            }
            from = next;
        }
        assert_eq!(names.len(), usize::try_from(count).expect("small"));
        names.sort();
        names.dedup();
        assert_eq!(names.len(), usize::try_from(count).expect("small"), "none twice");
        assert_eq!(parts, if with_payloads { 6 } else { 3 });
    }
}
