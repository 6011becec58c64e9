//! Batches and retention.

use super::*;

/// Deletes all that is older than the retention, as a process does a while after the first day.
async fn pruned(folder: &Path) {
    let later = NOW.plus(KEEP.retain * 2);
    let (store, _) = Store::open(folder, KEEP, later).expect("the store opens");
    store.prune(later).await.expect("pruned");
}

fn rows(folder: &Path, table: &str) -> i64 {
    let connection = Connection::open(folder.join("stepgate.db")).expect("opened");
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("counted")
}

fn lines() -> Vec<LineOrder> {
    let line = |line: usize| LineOrder { line, order: order(&format!("line-{line}"), MachineType::Standard) };
    (1..=3).map(line).collect()
}

async fn end(store: &Store, id: RecordId, order: &StartOrder) {
    store.sending(id, NOW).await.expect("written");
    store.settle(id, Settled::Confirmed(started(order)), NOW);
    let seen = Observation { stop_date: Some(NOW), ..Observation::new(Status::Succeeded, NOW) };
    store.keep(record(order, seen));
    store.flush().await;
}

#[tokio::test]
async fn a_batch_goes_with_its_last_start_and_can_be_resumed_until_then() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let batch = store.begin_batch("orders.jsonl".into(), lines(), NOW).await.expect("written");
    let waiting = store.waiting(batch, 9).await.expect("read");
    end(&store, waiting[0].0, &waiting[0].1).await;
    store.sending(waiting[1].0, NOW).await.expect("written");
    drop(store);
    pruned(folder.path()).await;
    assert_eq!((rows(folder.path(), "batches"), rows(folder.path(), "executions")), (1, 0));
    let (store, remembered) = open(folder.path());
    assert_eq!(remembered.batches.iter().map(|left| (left.id, left.left)).collect::<Vec<_>>(), [(batch, 1)]);
    assert_eq!(store.earlier_batch(&lines()).await.expect("read"), Some(batch));
    assert_eq!(store.claim_batch(batch).await.expect("written"), 1);
    let waiting = store.waiting(batch, 9).await.expect("read");
    assert_eq!(waiting[0].1.name.as_str(), "line-3");
    end(&store, waiting[0].0, &waiting[0].1).await;
    let left = store.batch_lines(batch).await.expect("read");
    let doubt = left.iter().find(|line| matches!(line.standing, LineStanding::InDoubt(_))).expect("line 2");
    store.judge(doubt.record, Settled::Confirmed(started(&lines()[1].order)), NOW);
    let seen = Observation { stop_date: Some(NOW), ..Observation::new(Status::Succeeded, NOW) };
    store.keep(record(&lines()[1].order, seen));
    store.flush().await;
    drop(store);
    pruned(folder.path()).await;
    assert_eq!((rows(folder.path(), "batches"), rows(folder.path(), "starts")), (0, 0));
    let (store, _) = open(folder.path());
    assert_eq!(store.earlier_batch(&lines()).await.expect("read"), None, "there is nothing to resume");
}

#[tokio::test]
async fn a_young_batch_without_starts_stays_but_is_not_resumed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    store.begin_batch("orders.jsonl".into(), lines(), NOW.plus(KEEP.retain * 2)).await.expect("written");
    drop(store);
    let connection = Connection::open(folder.path().join("stepgate.db")).expect("opened");
    connection.execute_batch("PRAGMA foreign_keys = ON; DELETE FROM starts").expect("deleted");
    drop(connection);
    pruned(folder.path()).await;
    assert_eq!(rows(folder.path(), "batches"), 1);
    let (store, _) = open(folder.path());
    assert_eq!(store.earlier_batch(&lines()).await.expect("read"), None);
}
