//! What is kept, and for how long.

use super::*;

#[tokio::test]
async fn payloads_can_be_omitted_and_old_executions_are_deleted() {
    let folder = tempfile::tempdir().expect("a folder");
    let keep = Retention { payloads: false, ..KEEP };
    let (store, _) = Store::open(folder.path(), keep, NOW).expect("the store opens");
    let done = order("done", MachineType::Standard);
    // More than a page of the file, which would be freed as a whole.
    let large = Payload::received(format!("\"{}\"", "not to be kept ".repeat(2_000)));
    let refused = StartOrder { input: large, ..order("refused", MachineType::Standard) };
    start(&store, &done).await;
    let seen = Observation { output: Some(Payload::received("[1]")), ..Observation::new(Status::Succeeded, NOW) };
    store.keep(record(&done, seen));
    let id = store.plan_starts(vec![refused], Phase::Sent, NOW).await.expect("written")[0];
    store.settle(id, Settled::Refused(Failure::without_response(FailureKind::Forbidden, "")), NOW);
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
    assert_eq!(remembered.totals.all().succeeded, 1);
    store.prune(later).await.expect("pruned");
    assert_eq!(store.totals().await.expect("read").all().succeeded, 0);
}

#[tokio::test]
async fn retention_counts_from_the_end_and_nothing_is_deleted_automatically() {
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
    // A launch with a clock 400 days ahead, and one with a correct clock.
    let (store, remembered) = Store::open(folder.path(), KEEP, NOW.plus(day * 500)).expect("the store opens");
    assert_eq!(remembered.totals.all().succeeded, 2);
    assert!(remembered.last_launch.is_some_and(|last| last <= NOW.plus(day)));
    drop(store);
    let (store, remembered) = Store::open(folder.path(), KEEP, NOW.plus(day * 101)).expect("the store opens");
    assert_eq!(remembered.totals.all().succeeded, 2, "nothing went");
    assert_eq!(store.prune(NOW.plus(day * 101)).await, Ok(1));
    let left = store.remembered().await.expect("read").page.records;
    assert_eq!(left.iter().map(|record| record.arn.name()).collect::<Vec<_>>(), ["ran-for-100-days"]);
}

#[tokio::test]
async fn pruning_keeps_unsettled_starts() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let old = order("old", MachineType::Standard);
    let id = store.plan_starts(vec![old], Phase::Sent, NOW).await.expect("written")[0];
    start(&store, &order("running", MachineType::Standard)).await;
    store.flush().await;
    drop(store);
    let later = NOW.plus(KEEP.retain * 2);
    for _ in 0..2 {
        let (store, remembered) = Store::open(folder.path(), KEEP, later).expect("the store opens");
        assert_eq!(
            remembered.unresolved.iter().map(|unresolved| unresolved.request_id).collect::<Vec<_>>(),
            [Some(id)]
        );
        assert_eq!(remembered.running.len(), 1);
        store.prune(later).await.expect("pruned");
        let another = store.plan_starts(vec![order("new", MachineType::Standard)], Phase::Planned, later).await;
        assert!(another.expect("written")[0] > id, "an id is never reused");
        store.flush().await;
    }
}
