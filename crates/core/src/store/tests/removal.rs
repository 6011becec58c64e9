//! Removing executions from the list.

use super::*;
use crate::store::recent;

fn names(records: &[ExecutionRecord]) -> Vec<&str> {
    records.iter().map(|record| record.arn.name()).collect()
}

async fn listed(store: &Store) -> Vec<String> {
    store.flush().await;
    let page = store.remembered().await.expect("read").page;
    page.records.iter().map(|record| record.arn.name().to_owned()).collect()
}

#[tokio::test]
async fn a_removed_execution_stays_removed_until_the_user_brings_it_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let (beside, _) = open(folder.path());
    let order = order("run-1", MachineType::Standard);
    start(&store, &order).await;
    let output = Some(Payload::received("\"secret output\""));
    let ended = record(&order, Observation { output, ..Observation::new(Status::Succeeded, NOW) });
    store.keep(ended.clone());
    assert_eq!(listed(&store).await, ["run-1"]);
    store.remove(vec![(ended.gateway.clone(), ended.arn.clone())], NOW);
    // The watcher of another process reports it after that, and again.
    store.flush().await;
    for status in [Status::Running, Status::Succeeded] {
        beside.keep(record(&order, Observation::new(status, NOW)));
        assert_eq!(listed(&beside).await, Vec::<String>::new());
    }
    assert_eq!(store.totals().await.expect("read").all(), crate::domain::Totals::default());
    assert_eq!(store.last_started(None).await.expect("read"), None);
    let payloads = store.payloads(order.gateway.clone(), ended.arn.clone()).await.expect("read");
    assert!(payloads.input.is_none() && payloads.output.is_none());
    // No other start may claim it.
    assert!(store.is_claimed(order.gateway.clone(), ended.arn.clone(), None).await.expect("read"));
    store.add(ended.clone());
    assert_eq!(listed(&store).await, ["run-1"]);
    store.remove(vec![(ended.gateway.clone(), ended.arn.clone())], NOW);
    assert_eq!(listed(&store).await, Vec::<String>::new());
    start(&beside, &order).await;
    assert_eq!(listed(&beside).await, ["run-1"], "a start leads to it");
    drop((store, beside));
    let bytes = std::fs::read(folder.path().join("stepgate.db")).expect("read");
    assert!(!bytes.windows(13).any(|window| window == b"secret output"), "its output is overwritten");
}

#[tokio::test]
async fn the_mark_of_a_removed_execution_is_pruned() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let order = order("run-1", MachineType::Standard);
    let ended = record(&order, Observation::new(Status::Succeeded, NOW));
    store.keep(ended.clone());
    assert_eq!(listed(&store).await, ["run-1"]);
    store.remove(vec![(ended.gateway.clone(), ended.arn.clone())], NOW);
    store.prune(NOW.plus(KEEP.retain)).await.expect("pruned");
    store.keep(ended.clone());
    assert_eq!(listed(&store).await, Vec::<String>::new(), "not older than that");
    store.prune(NOW.plus(KEEP.retain).plus(Duration::from_secs(1))).await.expect("pruned");
    store.keep(ended);
    assert_eq!(listed(&store).await, ["run-1"]);
}

#[tokio::test]
async fn the_mark_of_a_running_execution_stays_for_as_long_as_it_may_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let order = order("run-1", MachineType::Standard);
    let running = record(&order, Observation::new(Status::Running, NOW));
    store.keep(ExecutionRecord { is_others: true, ..running.clone() });
    store.flush().await;
    store.remove(vec![(running.gateway.clone(), running.arn.clone())], NOW);
    let year = Duration::from_secs(366 * 24 * 3_600);
    let is_removed = async |after: Duration| {
        store.prune(NOW.plus(after)).await.expect("pruned");
        let removed = store.removed_of(running.gateway.clone(), vec![running.arn.clone()]).await.expect("read");
        removed.contains(&running.arn)
    };
    assert!(is_removed(KEEP.retain + Duration::from_secs(1)).await);
    assert!(is_removed(year + KEEP.retain).await);
    assert!(!is_removed(year + KEEP.retain + Duration::from_secs(1)).await);
}

#[tokio::test]
async fn every_process_learns_that_an_execution_was_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, remembered) = open(folder.path());
    let (beside, _) = open(folder.path());
    let theirs = record(&order("theirs", MachineType::Standard), Observation::new(Status::Running, NOW));
    let theirs = ExecutionRecord { is_others: true, ..theirs };
    let other = record(&order("other", MachineType::Standard), Observation::new(Status::Running, NOW));
    let key = (theirs.gateway.clone(), theirs.arn.clone());
    // Both show it from a list; neither has stored it yet.
    store.remove(vec![key.clone()], NOW);
    store.flush().await;
    let (changes, revision) = beside.changes_since(remembered.revision).await.expect("read");
    assert_eq!(changes.removed, vec![key.clone()]);
    let arns = vec![theirs.arn.clone(), other.arn];
    let removed = beside.removed_of(key.0.clone(), arns.clone()).await.expect("read");
    assert!(removed.len() == 1 && removed.contains(&theirs.arn), "{removed:?}");
    let removed = beside.removed_of(GatewayId::new("https://example.com/prod"), arns).await.expect("read");
    assert!(removed.is_empty(), "of another gateway");
    // This one asked before the removal was written.
    beside.keep(theirs.clone());
    let (changes, _) = beside.changes_since(revision).await.expect("read");
    assert_eq!((changes.removed, changes.changed.len()), (vec![key.clone()], 0));
    // The user names it.
    beside.restore(key.0.clone(), key.1);
    beside.flush().await;
    assert!(store.removed_of(key.0, vec![theirs.arn]).await.expect("read").is_empty());
}

#[tokio::test]
async fn the_latest_start_is_of_this_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let mine = order("mine", MachineType::Standard);
    start(&store, &mine).await;
    let later = Observation::new(Status::Running, NOW.plus(Duration::from_secs(9)));
    store.add(record(&order("theirs", MachineType::Standard), later));
    assert_eq!(listed(&store).await, ["theirs", "mine"]);
    for gateway in [None, Some(mine.gateway.clone())] {
        let last = store.last_started(gateway).await.expect("read").expect("a start");
        assert_eq!(last.arn.name(), "mine");
    }
    assert_eq!(store.last_started(Some(GatewayId::new("other"))).await.expect("read"), None);
}

#[tokio::test]
async fn the_latest_executions_are_read_with_and_without_a_process_that_has_the_store_open() {
    let parent = tempfile::tempdir().expect("a folder");
    // Characters that are not plain in a URI.
    let folder = parent.path().join("a b%3f?c#注文");
    assert!(recent(&folder, 9).is_empty() && !folder.exists(), "nothing is created");
    let (store, _) = open(&folder);
    for index in 0..5 {
        let seen = Observation::new(Status::Succeeded, NOW.plus(Duration::from_secs(index)));
        store.keep(record(&order(&format!("run-{index}"), MachineType::Standard), seen));
    }
    store.flush().await;
    assert_eq!(names(&recent(&folder, 2)), ["run-4", "run-3"], "while it is open");
    drop(store);
    let files = || -> Vec<_> {
        let mut names: Vec<_> =
            std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
        names.sort();
        names
    };
    let before = files();
    assert_eq!(names(&recent(&folder, 9)).len(), 5, "after it was closed");
    assert_eq!(files(), before, "no file is created");
    std::fs::write(folder.join("stepgate.db"), "no database").expect("written");
    assert!(recent(&folder, 9).is_empty());
}
