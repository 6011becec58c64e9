//! Batches and retention.

use super::*;

/// Deletes all that is older than the retention, as a process does some time after the first day.
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

async fn end(store: &Store, id: StartRequestId, order: &StartOrder) {
    store.mark_sending(id, NOW).await.expect("written");
    store.settle(id, Settled::Confirmed(started(order)), NOW);
    let seen = Observation { stop_date: Some(NOW), ..Observation::new(Status::Succeeded, NOW) };
    store.keep(record(order, seen));
    store.flush().await;
}

#[tokio::test]
async fn the_lines_of_a_batch_are_read_in_pages() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let batch = store.begin_batch("orders.jsonl".into(), lines(), NOW).await.expect("written");
    let waiting = store.unsent_lines(batch, 9).await.expect("read");
    store.mark_sending(waiting[0].0, NOW).await.expect("written");
    store.settle(waiting[0].0, Settled::Confirmed(started(&waiting[0].1)), NOW);
    let refusal = Failure::without_response(FailureKind::InvalidInput, "too deep");
    store.mark_sending(waiting[1].0, NOW).await.expect("written");
    store.settle(waiting[1].0, Settled::Refused(refusal.clone()), NOW);
    let read = async |only_not_started, from, count| {
        let page =
            store.batch_page(crate::domain::BatchQuery { batch, only_not_started, from, count }).await.expect("read");
        (page.total, page.lines.into_iter().map(|line| (line.line, line.state)).collect::<Vec<_>>())
    };
    // What has just been reported is in the page.
    let (total, page) = read(false, 0, 2).await;
    assert_eq!((total, page.len()), (3, 2));
    assert!(matches!(page[0], (1, LineState::Started(_))), "{page:?}");
    assert_eq!(page[1], (2, LineState::NotStarted(Some(refusal.clone()))));
    assert_eq!(read(false, 2, 9).await, (3, vec![(3, LineState::Waiting)]));
    assert_eq!(read(false, 3, 9).await, (3, Vec::new()));
    assert_eq!(read(true, 0, 9).await, (1, vec![(2, LineState::NotStarted(Some(refusal)))]));
}

#[tokio::test]
async fn a_batch_goes_with_its_last_start_and_can_be_resumed_until_then() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let batch = store.begin_batch("orders.jsonl".into(), lines(), NOW).await.expect("written");
    let waiting = store.unsent_lines(batch, 9).await.expect("read");
    end(&store, waiting[0].0, &waiting[0].1).await;
    store.mark_sending(waiting[1].0, NOW).await.expect("written");
    drop(store);
    pruned(folder.path()).await;
    assert_eq!((rows(folder.path(), "batches"), rows(folder.path(), "executions")), (1, 0));
    let (store, remembered) = open(folder.path());
    assert_eq!(remembered.batches.iter().map(|left| (left.id, left.unsent)).collect::<Vec<_>>(), [(batch, 1)]);
    assert_eq!(store.earlier_batch(&lines()).await.expect("read"), Some(batch));
    assert_eq!(store.claim_batch(batch).await.expect("written"), 1);
    let waiting = store.unsent_lines(batch, 9).await.expect("read");
    assert_eq!(waiting[0].1.name.as_str(), "line-3");
    end(&store, waiting[0].0, &waiting[0].1).await;
    let left = store.batch_lines(batch).await.expect("read");
    let unresolved = left.iter().find(|line| matches!(line.state, LineState::Unresolved(_))).expect("line 2");
    store.settle_unresolved(unresolved.request_id, Settled::Confirmed(started(&lines()[1].order)), NOW);
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

#[tokio::test]
async fn the_rest_of_a_batch_belongs_to_one_process_and_includes_never_started_lines() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, _) = open(folder.path());
    let orders = (0..3)
        .map(|index| LineOrder { line: 2 * index + 1, order: order(&format!("line-{index}"), MachineType::Standard) });
    let orders: Vec<LineOrder> = orders.collect();
    let batch = first.begin_batch("orders.jsonl".into(), orders.clone(), NOW).await.expect("written");
    let sent = first.unsent_lines(batch, 1).await.expect("read")[0].0;
    first.mark_sending(sent, NOW).await.expect("written");
    let (second, remembered) = open(folder.path());
    assert_eq!(remembered.batches, [], "its process lives");
    assert_eq!(second.claim_batch(batch).await.expect("written"), 0);
    drop(first);
    assert_eq!(second.claim_batch(batch).await.expect("written"), 2, "also when it ended after our launch");
    second.stop_batch(batch);
    second.flush().await;
    let (third, remembered) = open(folder.path());
    assert_eq!((remembered.batches[0].unsent, remembered.batches[0].lines), (2, 3));
    third.settle_unresolved(sent, Settled::NeverStarted, NOW);
    third.flush().await;
    assert_eq!(third.claim_batch(batch).await.expect("written"), 3);
    third.cancel_batch(batch, NOW);
    third.stop_batch(batch);
    third.cancel_batch(batch, NOW);
    third.flush().await;
    assert_eq!(third.remembered().await.expect("read").batches, []);
}

#[tokio::test]
async fn a_batch_is_found_again_by_the_contents_of_its_lines() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let line = |line: usize, name: &str| LineOrder { line, order: order(name, MachineType::Standard) };
    let lines: Vec<LineOrder> = [1, 3, 4, 6].map(|number| line(number, &format!("line-{number}"))).to_vec();
    let batch = store.begin_batch("orders.jsonl".into(), lines.clone(), NOW).await.expect("written");
    let waiting = store.unsent_lines(batch, 9).await.expect("read");
    for (id, order) in &waiting[..3] {
        store.mark_sending(*id, NOW).await.expect("written");
        let settled = match order.name.as_str() {
            "line-1" => Settled::Confirmed(Started::new(order.machine.execution(&order.name), None)),
            "line-3" => Settled::Refused(Failure::without_response(FailureKind::InvalidInput, "too deep")),
            _ => Settled::Unresolved(Box::new(crate::domain::UnresolvedStart {
                order: order.clone(),
                request_id: Some(*id),
                first_sent: NOW,
                sent: NOW,
                reason: Some(Failure::without_response(FailureKind::GatewayTimedOut, "")),
            })),
        };
        store.settle(*id, settled, NOW);
    }
    store.flush().await;
    let found = store.batch_lines(batch).await.expect("read");
    assert_eq!(found.iter().map(|line| line.line).collect::<Vec<_>>(), [1, 3, 4, 6]);
    assert!(matches!(&found[0].state, LineState::Started(record) if record.arn.name() == "line-1"));
    assert!(matches!(&found[1].state, LineState::NotStarted(Some(failure)) if failure.message == "too deep"));
    assert!(matches!(&found[2].state, LineState::Unresolved(unresolved) if unresolved.order.name.as_str() == "line-4"));
    assert_eq!((&found[3].state, found[3].name.as_str()), (&LineState::Waiting, "line-6"));
    // Names are new each time; gateways, machines, lines and inputs are compared.
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
