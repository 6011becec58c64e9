//! The store on real files.

use std::path::Path;

use rusqlite::Connection;

use super::*;
use crate::domain::{
    BatchId, EndpointName, ExecutionName, Failure, FailureKind, LineOrder, LineState, MachineType, NameOrigin,
    Observation, OtherMembers, Payload, Started, StateMachineArn, Status,
};

mod batches;
mod changes;
mod files;
mod listing;
mod removal;
mod retention;
mod tidy;
mod writing;

const KEEP: Retention = Retention { payloads: true, retain: Duration::from_secs(90 * 86_400) };
const NOW: Timestamp = Timestamp::from_millis(1_701_838_931_000);
const INPUT: &str = r#"{ "b":1.0, "a":12345678901234567890123, "a":1e400, "注文":"\u3042" }"#;

fn order(name: &str, machine_type: MachineType) -> StartOrder {
    StartOrder {
        endpoint: EndpointName::new("dev"),
        gateway: GatewayId::new("https://example.com/dev"),
        machine_name: "pass".into(),
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

fn record(order: &StartOrder, seen: Observation) -> ExecutionRecord {
    ExecutionRecord {
        gateway: order.gateway.clone(),
        endpoint: order.endpoint.clone(),
        machine_name: order.machine_name.clone(),
        machine: order.machine.clone(),
        arn: order.machine.execution(&order.name),
        started: seen.start_date.unwrap_or(NOW),
        last_response: Some(NOW),
        seen: Some(seen),
        given_up: None,
        input_digest: order.input.digest(),
        warning: None,
        is_others: false,
        start_members: OtherMembers::default(),
    }
}

async fn start(store: &Store, order: &StartOrder) -> StartRequestId {
    let ids = store.plan_starts(vec![order.clone()], Phase::Sent, NOW).await.expect("written");
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
    assert_eq!(remembered.totals.all(), crate::domain::Totals { failed: 1, ..Default::default() });
    assert!(remembered.running.is_empty() && remembered.unresolved.is_empty());
    let payloads = store.payloads(order.gateway.clone(), found[0].arn.clone()).await.expect("read");
    assert_eq!(payloads.input.expect("an input").as_str(), INPUT);
    assert_eq!((payloads.output, payloads.cause.as_deref()), (None, Some("because")));
}

#[tokio::test]
async fn a_start_sent_by_a_process_that_has_exited_is_unresolved() {
    let folder = tempfile::tempdir().expect("a folder");
    let (crashed, _) = open(folder.path());
    let sent = order("sent", MachineType::Standard);
    let waiting = order("waiting", MachineType::Express);
    let id = crashed.plan_starts(vec![sent.clone()], Phase::Sent, NOW).await.expect("written")[0];
    crashed.plan_starts(vec![waiting], Phase::Planned, NOW).await.expect("written");
    let (beside, remembered) = open(folder.path());
    assert_eq!(remembered.unresolved, [], "its process lives");
    drop(crashed);
    drop(beside);
    let (store, remembered) = open(folder.path());
    let unresolved = crate::domain::UnresolvedStart {
        order: sent.clone(),
        request_id: Some(id),
        first_sent: NOW,
        sent: NOW,
        reason: None,
    };
    assert_eq!(remembered.unresolved, [unresolved]);
    store.settle_unresolved(id, Settled::NeverStarted, NOW);
    store.flush().await;
    let remembered = store.remembered().await.expect("read");
    assert_eq!((remembered.unresolved.len(), remembered.never_started.len()), (0, 1));
    // Started after all, which no later report revokes.
    store.mark_sending(id, NOW).await.expect("written");
    store.settle_unresolved(id, Settled::NeverStarted, NOW);
    store.flush().await;
    assert_eq!(store.remembered().await.expect("read").never_started, [], "it is being sent");
    store.settle(id, Settled::Confirmed(started(&sent)), NOW);
    store.settle(id, Settled::NeverStarted, NOW);
    store.flush().await;
    let remembered = store.remembered().await.expect("read");
    assert_eq!((remembered.never_started.len(), remembered.running.len()), (0, 1));
    let payloads = store.payloads(sent.gateway.clone(), remembered.running[0].arn.clone()).await.expect("read");
    assert_eq!(payloads.input.expect("an input").as_str(), INPUT);
}

#[tokio::test]
async fn an_end_is_not_revoked_by_a_process_that_has_not_seen_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let order = order("run-1", MachineType::Standard);
    start(&store, &order).await;
    let running = Observation::new(Status::Running, NOW);
    let ended = Observation { stop_date: Some(NOW), ..Observation::new(Status::Succeeded, NOW) };
    for seen in [&ended, &running] {
        store.keep(record(&order, seen.clone()));
        store.flush().await;
        assert_eq!(store.remembered().await.expect("read").totals.all().succeeded, 1);
    }
    let mut redriven = running;
    redriven.redrive.count = Some(1);
    store.keep(record(&order, redriven));
    store.flush().await;
    assert_eq!(store.remembered().await.expect("read").totals.all().running, 1);
}

#[tokio::test]
async fn facts_about_gateways_and_machines_are_remembered() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let order = order("run-1", MachineType::Unknown);
    let facts = crate::domain::GatewayFacts {
        names: crate::domain::NameHandling::Ignored,
        output: crate::domain::Member::Returned,
        stop_date: crate::domain::Member::Omitted,
    };
    store.learn(order.gateway.clone(), facts);
    let machine_type = || store.machine_type(order.gateway.clone(), order.machine.clone());
    assert_eq!(machine_type().await, Ok(MachineType::Unknown));
    start(&store, &order).await;
    store.flush().await;
    assert_eq!(machine_type().await, Ok(MachineType::Standard));
    // One EXPRESS ARN outweighs any number of others.
    let arn = ExecutionArn::parse("arn:aws:states:us-east-1:111122223333:express:M:run-2:0d1f").expect("an ARN");
    let id = store.plan_starts(vec![order.clone()], Phase::Sent, NOW).await.expect("written")[0];
    store.settle(id, Settled::Confirmed(Started::new(arn.clone(), None)), NOW);
    store.flush().await;
    assert_eq!(machine_type().await, Ok(MachineType::Express));
    let claimed = |by| store.is_claimed(order.gateway.clone(), arn.clone(), by);
    assert_eq!((claimed(None).await, claimed(Some(id)).await), (Ok(true), Ok(false)));
    drop(store);
    let (_, remembered) = open(folder.path());
    assert_eq!(remembered.gateways, [(order.gateway, facts)]);
}

#[tokio::test]
async fn each_gateway_has_totals_of_its_own_also_in_an_older_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let here = order("run-1", MachineType::Standard);
    let there =
        StartOrder { gateway: GatewayId::new("https://example.com/prod"), ..order("run-2", MachineType::Standard) };
    let (running, failed) = (Observation::new(Status::Running, NOW), Observation::new(Status::Failed, NOW));
    store.keep(record(&here, running.clone()));
    store.keep(record(&there, running));
    store.flush().await;
    store.keep(record(&there, failed));
    store.flush().await;
    let expected = |remembered: &Remembered| {
        let mut totals = remembered.totals.clone();
        let ours = totals.at(&here.gateway).to_owned();
        assert_eq!((ours.running, ours.sum()), (1, 1));
        let theirs = totals.at(&there.gateway).to_owned();
        assert_eq!((theirs.failed, theirs.sum(), totals.all().sum()), (1, 1, 2));
    };
    expected(&store.remembered().await.expect("read"));
    drop(store);
    // As the version before counted: all gateways together.
    let connection = Connection::open(folder.path().join("stepgate.db")).expect("a database");
    let first = include_str!("schema/1.sql");
    let from = first.find("CREATE TABLE totals").expect("the totals");
    let until = first[from..].rfind("END;").expect("the triggers") + from + "END;".len();
    let back = format!(
        "DROP TRIGGER executions_note_new; DROP TRIGGER starts_note_change; DROP TRIGGER executions_note_change; \
         DROP TABLE changes; DROP TRIGGER executions_come; DROP TRIGGER executions_change; \
         DROP TRIGGER executions_go; DROP TABLE totals; ALTER TABLE executions DROP COLUMN others; {} \
         INSERT INTO totals VALUES (0, 'RUNNING', 1), (1, 'FAILED', 1); PRAGMA user_version = 8",
        &first[from..until]
    );
    connection.execute_batch(&back).expect("as the version before made it");
    drop(connection);
    let (store, remembered) = open(folder.path());
    expected(&remembered);
    store.remove(vec![(there.gateway.clone(), there.machine.execution(&there.name))], NOW);
    store.flush().await;
    let mut totals = store.totals().await.expect("read");
    assert_eq!((totals.at(&here.gateway).sum(), totals.at(&there.gateway).sum()), (1, 0));
}

#[tokio::test]
async fn choices_in_the_ui_are_remembered_and_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let chosen = |folder: &std::path::Path| {
        let choices = open(folder).1.ui_choices;
        (choices.get("one").map(ToOwned::to_owned), choices.get("other").map(ToOwned::to_owned))
    };
    assert_eq!(chosen(folder.path()), (None, None));
    for (one, other) in [(Some("a"), None), (Some("prod.eu \u{202e}"), Some("")), (None, Some("b"))] {
        let (store, _) = open(folder.path());
        store.remember_choice("one", one.map(ToOwned::to_owned));
        store.remember_choice("other", Some("replaced".into()));
        store.remember_choice("other", other.map(ToOwned::to_owned));
        store.flush().await;
        drop(store);
        assert_eq!(chosen(folder.path()), (one.map(ToOwned::to_owned), other.map(ToOwned::to_owned)));
    }
    // Longer than anything to choose: not kept, instead of read at each launch.
    let (store, _) = open(folder.path());
    store.remember_choice("one", Some("x".repeat(100_000)));
    store.flush().await;
    drop(store);
    assert_eq!(chosen(folder.path()).0, None);
}

#[tokio::test]
async fn the_sent_input_is_kept_beside_the_received_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let order = order("run-1", MachineType::Standard);
    start(&store, &order).await;
    store.flush().await;
    let new_record = store.remembered().await.expect("read").running.remove(0);
    assert_eq!(new_record.input_digest, order.input.digest());
    let warning = Some(crate::domain::Warning::InputChanged(crate::domain::InputChange::Dropped));
    let seen = Observation { input: Some(Payload::empty_object()), ..Observation::new(Status::Running, NOW) };
    for seen in [seen.clone(), seen] {
        store.keep(ExecutionRecord { warning: warning.clone(), seen: Some(seen), ..new_record.clone() });
        store.flush().await;
    }
    let kept = store.payloads(order.gateway.clone(), new_record.arn.clone()).await.expect("read");
    assert_eq!((kept.input.expect("received").as_str(), kept.sent.expect("sent").as_str()), ("{}", INPUT));
    assert_eq!(store.remembered().await.expect("read").running[0].warning, warning);
    let inputs = store.inputs(order.gateway, order.machine).await.expect("read");
    assert_eq!(inputs[0].input.as_str(), INPUT, "a restart uses the sent input");
}

#[tokio::test]
async fn durations_are_read_by_machine_including_its_versions() {
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
    let found = store.durations(GatewayId::new("https://example.com/dev"), machine(base)).await.expect("read");
    assert_eq!(found, [Duration::from_secs(9), Duration::from_secs(7)]);
    let elsewhere = store.durations(GatewayId::new("https://example.com/prod"), machine(base)).await.expect("read");
    assert!(elsewhere.is_empty());
}
