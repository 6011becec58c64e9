//! What one process learns of what another has written.

use super::*;
use crate::domain::{GatewayTotals, OpenStart, Revision, Scope, StoreChanges, UiChoices, WatchedBy};

/// How long a wake-up may take. Nothing waits for it to pass.
const DEADLINE: Duration = Duration::from_secs(10);

fn names(changes: &StoreChanges) -> Vec<&str> {
    changes.changed.iter().map(|(record, _)| record.arn.name()).collect()
}

async fn since(store: &Store, revision: Revision) -> (StoreChanges, Revision) {
    store.changes_since(revision).await.expect("read")
}

fn ended(name: &str) -> ExecutionRecord {
    let seen = Observation { stop_date: Some(NOW), ..Observation::new(Status::Succeeded, NOW) };
    record(&order(name, MachineType::Standard), seen)
}

#[tokio::test]
async fn changes_of_another_process_are_read_once_each() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, remembered) = open(folder.path());
    let (other, _) = open(folder.path());
    let (nothing, revision) = since(&store, remembered.revision).await;
    assert_eq!(
        (nothing.changed.len(), nothing.totals, revision),
        (0, Some(GatewayTotals::default()), remembered.revision)
    );
    let order = order("run-1", MachineType::Standard);
    start(&other, &order).await;
    other.flush().await;
    let (started, revision) = since(&store, revision).await;
    assert_eq!((names(&started), started.totals.clone().expect("all").all().running), (vec!["run-1"], 1));
    assert!(!started.has_gap && started.removed.is_empty() && started.pruned.is_none());
    // Several changes of one execution are one.
    let failed =
        Observation { stop_date: Some(NOW), error: Some("Boom".into()), ..Observation::new(Status::Failed, NOW) };
    other.keep(record(&order, Observation::new(Status::Running, NOW)));
    other.flush().await;
    other.keep(record(&order, failed));
    other.keep(ended("run-2"));
    other.flush().await;
    let (changes, revision) = since(&store, revision).await;
    assert_eq!(names(&changes), ["run-1", "run-2"]);
    assert_eq!(changes.changed[0].0.seen.as_ref().and_then(|seen| seen.error.as_deref()), Some("Boom"));
    // What changes nothing but the time of the last response is no change.
    other.keep(ExecutionRecord { last_response: Some(NOW.plus(Duration::from_secs(9))), ..ended("run-2") });
    other.flush().await;
    assert_eq!(since(&store, revision).await.1, revision);
    let key = |record: &ExecutionRecord| (record.gateway.clone(), record.arn.clone());
    other.remove(vec![key(&ended("run-2")), key(&ended("never-stored"))], NOW);
    other.flush().await;
    let (changes, revision) = since(&store, revision).await;
    // The other process may show what it has not stored.
    let removed = vec![key(&ended("run-2")), key(&ended("never-stored"))];
    assert_eq!((changes.changed.len(), changes.removed), (0, removed));
    // Removed and added again is a change.
    other.remove(vec![key(&record(&order, Observation::new(Status::Failed, NOW)))], NOW);
    other.add(ended("run-1"));
    other.flush().await;
    let (changes, revision) = since(&store, revision).await;
    assert_eq!((names(&changes), changes.removed.len()), (vec!["run-1"], 0));
    let before = NOW.plus(KEEP.retain).plus(Duration::from_secs(1));
    other.prune(before).await.expect("pruned");
    let (changes, _) = since(&store, revision).await;
    assert_eq!(changes.pruned, Some(store.oldest_kept(before)));
    assert_eq!(changes.totals.expect("all").all().sum(), 0);
}

#[tokio::test]
async fn many_changes_are_read_in_parts_and_too_many_are_a_gap() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, remembered) = open(folder.path());
    let (other, _) = open(folder.path());
    let many =
        |from: usize, count: usize| (from..from + count).for_each(|index| other.keep(ended(&format!("run-{index}"))));
    many(0, 1_200);
    other.flush().await;
    let (mut revision, mut found, mut parts) = (remembered.revision, 0, 0);
    loop {
        let (changes, next) = since(&store, revision).await;
        assert!(changes.changed.len() <= 500 && !changes.has_gap);
        (revision, found, parts) = (next, found + changes.changed.len(), parts + 1);
        if let Some(totals) = changes.totals {
            assert_eq!(totals.all().succeeded, 1_200);
            break;
        }
    }
    assert_eq!((found, parts), (1_200, 3));
    start(&other, &order("running", MachineType::Standard)).await;
    // In parts, since waiting for a slow disk has a limit.
    for part in 0..12 {
        many(1_200 + part * 1_000, 1_000);
        other.flush().await;
    }
    let (changes, next) = since(&store, revision).await;
    assert!(changes.has_gap && next > revision);
    assert_eq!(names(&changes), ["running"], "only what runs; the rest is read in pages");
    assert_eq!(changes.totals.expect("all").all().succeeded, 13_200);
    let connection = Connection::open(store.path()).expect("a database");
    let count: i64 = connection.query_row("SELECT count(*) FROM changes", [], |row| row.get(0)).expect("counted");
    assert!(count <= 8_192 + 1_024, "the table stays short: {count}");
    // A number from the future: the file is an older copy.
    assert!(since(&store, Revision(next.0 + 1)).await.0.has_gap);
}

#[cfg(unix)]
#[tokio::test]
async fn a_write_wakes_other_processes_and_never_the_own_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let (other, _) = open(folder.path());
    let mut woken = store.other_writes().expect("a socket");
    let mut of_other = other.other_writes().expect("a socket");
    let is_quiet =
        async |woken: &mut OtherWrites| tokio::time::timeout(Duration::from_millis(100), woken.next()).await.is_err();
    store.keep(ended("own"));
    store.flush().await;
    assert!(is_quiet(&mut woken).await, "the own write");
    tokio::time::timeout(DEADLINE, of_other.next()).await.expect("woken");
    for index in 0..3 {
        other.keep(ended(&format!("theirs-{index}")));
        other.flush().await;
    }
    tokio::time::timeout(DEADLINE, woken.next()).await.expect("woken");
    assert!(is_quiet(&mut woken).await, "several writes are one wake-up");
    // Nothing that a list shows.
    other.learn(order("x", MachineType::Standard).gateway, crate::domain::GatewayFacts::default());
    other.flush().await;
    assert!(is_quiet(&mut woken).await, "no execution has changed");
    // A file of a process that was killed is no obstacle, and goes.
    let dead = folder.path().join("running").join("1-2-3.wake");
    drop(std::os::unix::net::UnixDatagram::bind(&dead).expect("bound"));
    store.keep(ended("another"));
    store.flush().await;
    tokio::time::timeout(DEADLINE, of_other.next()).await.expect("woken");
    drop((store, other, woken, of_other));
    drop(open(folder.path()));
    assert_eq!(std::fs::read_dir(folder.path().join("running")).expect("a folder").count(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn a_process_that_watches_its_starts_keeps_them_until_it_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, remembered) = open(folder.path());
    let (other, _) = open(folder.path());
    let mut woken = store.other_writes().expect("a socket");
    let watched_by = async || since(&store, remembered.revision).await.0.changed.remove(0).1;
    start(&other, &order("run-1", MachineType::Standard)).await;
    other.flush().await;
    assert_eq!(watched_by().await, WatchedBy::Unknown, "it may only start");
    other.announce_watching(true);
    let process = other.process_name().to_owned();
    assert_eq!(watched_by().await, WatchedBy::Another(process.as_str().into()));
    assert!(store.is_watching(&process));
    tokio::time::timeout(DEADLINE, woken.next()).await.expect("woken by the write");
    // While it is suspended.
    other.announce_watching(false);
    tokio::time::timeout(DEADLINE, woken.next()).await.expect("woken");
    assert!(!store.is_watching(&process));
    other.announce_watching(true);
    assert!(store.is_watching(&process));
    drop(other);
    tokio::time::timeout(DEADLINE, woken.next()).await.expect("woken by the end");
    assert!(!store.is_watching(&process));
    assert_eq!(watched_by().await, WatchedBy::Unknown);
    start(&store, &order("own", MachineType::Standard)).await;
    let (changes, _) = since(&store, remembered.revision).await;
    assert_eq!(changes.changed[1].1, WatchedBy::This);
}

#[tokio::test]
async fn unresolved_starts_of_another_process_are_changes_until_they_are_settled() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, remembered) = open(folder.path());
    let (other, _) = open(folder.path());
    let order = order("run-1", MachineType::Standard);
    let id = other.plan_starts(vec![order.clone()], Phase::Sent, NOW).await.expect("written")[0];
    let (changes, revision) = since(&store, remembered.revision).await;
    assert_eq!((changes.starts.len(), changes.settled.len()), (0, 0), "its process learns the result");
    let start = crate::domain::UnresolvedStart {
        order: order.clone(),
        request_id: Some(id),
        first_sent: NOW,
        sent: NOW,
        reason: None,
    };
    other.settle(id, Settled::Unresolved(Box::new(start.clone())), NOW);
    other.flush().await;
    let (changes, revision) = since(&store, revision).await;
    assert_eq!(changes.starts, [OpenStart::Unresolved(start.clone())]);
    other.settle_unresolved(id, Settled::NeverStarted, NOW);
    other.flush().await;
    let (changes, revision) = since(&store, revision).await;
    assert_eq!(changes.starts, [OpenStart::NeverStarted(start)]);
    other.settle(id, Settled::Confirmed(started(&order)), NOW);
    other.flush().await;
    let (changes, _) = since(&store, revision).await;
    assert_eq!((changes.settled, changes.changed.len(), changes.starts.len()), (vec![id], 1, 0));
}

#[tokio::test]
async fn executions_of_others_are_kept_apart_until_the_user_names_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, remembered) = open(folder.path());
    let theirs = ExecutionRecord { is_others: true, ..ended("theirs") };
    store.keep(theirs.clone());
    store.keep(ended("mine"));
    store.flush().await;
    let listed = async || {
        let filter = ListFilter { machines: Vec::new(), statuses: Vec::new(), since: None, gateway: None, limit: 9 };
        let (part, _) = store.list(filter, None, false).await.expect("read");
        part.into_iter().map(|(record, _)| record.arn.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed().await, ["mine"]);
    let shown = async || {
        let (changes, _) = since(&store, remembered.revision).await;
        (
            changes.changed.len(),
            changes.totals.expect("all").all().succeeded,
            store.remembered().await.expect("read").page.records.len(),
        )
    };
    assert_eq!(shown().await, (1, 1, 1));
    store.remember_choice(Scope::KEY, Some(Scope::Everyone.word().into()));
    store.flush().await;
    assert_eq!(shown().await, (2, 2, 2));
    assert_eq!(store.named("theirs".into()).await.expect("read").len(), 1, "its name finds it");
    // Named by the user, it is theirs no more, whatever lists say.
    store.add(ExecutionRecord { is_others: false, ..theirs.clone() });
    store.flush().await;
    store.keep(theirs);
    store.flush().await;
    assert_eq!(listed().await.len(), 2);
    store.remember_choice(Scope::KEY, None);
    store.flush().await;
    assert_eq!(shown().await, (2, 2, 2));
    // One that runs, as far as is known, is not kept forever.
    let running = record(&order("runs", MachineType::Standard), Observation::new(Status::Running, NOW));
    store.keep(ExecutionRecord { is_others: true, ..running });
    store.prune(NOW.plus(KEEP.retain).plus(Duration::from_secs(1))).await.expect("pruned");
    assert_eq!(store.named("runs".into()).await.expect("read").len(), 0);
    assert_eq!(Scope::from_choices(&UiChoices::default()), Scope::Mine);
}
