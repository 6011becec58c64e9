//! The cost of a write, and when it can be read.

use rusqlite::StatementStatus;

use super::*;
use crate::store::starts::Reporter;
use crate::store::write_queue::{Later, Order, SharedWriteQueue, WriteQueue};

fn text(bytes: usize, index: usize) -> Payload {
    Payload::received(format!("\"{}\"", format!("{index:>8}").repeat(bytes / 8)))
}

/// Starts executions one after another and ends them later.
async fn run(store: &Store, bytes: (usize, usize), count: usize) {
    let mut ends = Vec::new();
    for index in 0..count {
        let order = StartOrder { input: text(bytes.0, index), ..order(&format!("run-{index}"), MachineType::Standard) };
        start(store, &order).await;
        let seen = Observation {
            stop_date: Some(NOW),
            input: Some(order.input.clone()),
            output: Some(text(bytes.1, index)),
            ..Observation::new(Status::Succeeded, NOW)
        };
        ends.push(record(&order, seen));
    }
    store.flush().await;
    for end in ends {
        store.keep(end);
    }
    store.flush().await;
}

#[tokio::test]
async fn an_execution_takes_little_more_space_than_its_payloads() {
    for (input, output) in [(2_048, 2_048), (1_024, 3_072), (64, 4_000), (16_000, 16_000)] {
        let (folder, count) = (tempfile::tempdir().expect("a folder"), 100);
        let (store, _) = open(folder.path());
        run(&store, (input, output), count).await;
        let length = |name: &str| std::fs::metadata(folder.path().join(name)).map_or(0, |file| file.len());
        let payload = ((input + output) * count) as u64;
        // The log is only copied into the file once it is full.
        let log = length("stepgate.db-wal");
        drop(store);
        let file = length("stepgate.db");
        assert!(file * 2 <= payload * 3, "{input} + {output}: {file} bytes for {payload}");
        assert!(log <= payload * 4, "{input} + {output}: {log} bytes of log for {payload}");
    }
}

/// `SQLite` may replan a statement for each value, which takes longer than running it.
#[tokio::test]
async fn statements_are_planned_once() {
    let (folder, count) = (tempfile::tempdir().expect("a folder"), 20);
    let (store, _) = open(folder.path());
    run(&store, (10, 10), count).await;
    let connections = [file::connect(store.path()), file::connect_to_read(store.path())];
    for connection in connections.map(|connection| connection.expect("a connection")) {
        for index in 0..count {
            let order = order(&format!("run-{index}"), MachineType::Standard);
            let arn = order.machine.execution(&order.name);
            let found = executions::payloads(&connection, &order.gateway, &arn).expect("read");
            assert!(found.output.is_some(), "{arn}");
        }
        let statement = connection.prepare_cached(&executions::payloads_sql()).expect("prepared");
        let (runs, again) = (StatementStatus::Run, StatementStatus::RePrepare);
        assert_eq!((statement.get_status(runs), statement.get_status(again)), (20, 0));
    }
}

#[tokio::test]
async fn handed_over_changes_can_be_read_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    for index in 0..20 {
        let order = order(&format!("run-{index}"), MachineType::Standard);
        start(&store, &order).await;
        let (gateway, arn) = (order.gateway.clone(), order.machine.execution(&order.name));
        let kept = store.payloads(gateway.clone(), arn.clone()).await.expect("read");
        assert_eq!(kept.input, Some(order.input.clone()), "before any response");
        let output = Some(text(100, index));
        let started = NOW.plus(Duration::from_secs(index as u64));
        store.keep(record(
            &order,
            Observation { output: output.clone(), ..Observation::new(Status::Succeeded, started) },
        ));
        assert_eq!(store.payloads(gateway, arn.clone()).await.expect("read").output, output);
        store.keep(record(&order, Observation::new(Status::Succeeded, started.plus(Duration::from_secs(1)))));
        let from = Cursor { started: Timestamp::from_millis(i64::MAX), id: i64::MAX };
        let page = store.page(from).await.expect("read");
        assert_eq!((page.records.len(), &page.records[0].arn), (index + 1, &arn));
    }
}

fn sending(id: i64) -> Order {
    Order::Sending(StartRequestId(id), NOW, oneshot::channel().0)
}

fn settle(id: i64) -> Later {
    Later::Settle(StartRequestId(id), Reporter::Sender, Settled::NeverStarted, NOW)
}

/// Changes with a waiting caller overtake earlier ones only where that makes no difference.
#[test]
fn urgent_orders_only_overtake_unrelated_ones() {
    let gateway = || GatewayId::new("https://example.com/dev");
    let cases: [(Order, Vec<Later>, bool); 7] = [
        (sending(1), vec![settle(2), Later::MarkUnsent(StartRequestId(3))], true),
        (sending(1), vec![Later::MarkUnsent(StartRequestId(1))], false),
        (sending(1), vec![settle(2), settle(1)], false),
        (sending(1), vec![Later::Stop(BatchId(1)), Later::Trust(NOW)], true),
        (Order::Claim(BatchId(1), oneshot::channel().0), vec![Later::Stop(BatchId(1))], false),
        (Order::Plan(Vec::new(), Phase::Sent, NOW, oneshot::channel().0), vec![settle(1)], true),
        (
            Order::Begin(String::new(), Vec::new(), NOW, oneshot::channel().0),
            vec![Later::Learn(gateway(), GatewayFacts::default())],
            true,
        ),
    ];
    for (number, (urgent, earlier, overtakes)) in cases.into_iter().enumerate() {
        let (mut queue, count) = (WriteQueue::default(), earlier.len());
        for later in earlier {
            queue.add_later(later);
        }
        queue.add_urgent(urgent);
        assert!(!queue.can_wait());
        let taken = queue.take(true);
        assert_eq!(taken.orders.len(), if overtakes { 1 } else { count + 1 }, "case {number}");
        assert_eq!(queue.is_empty(), !overtakes, "case {number}");
        assert!(!queue.is_written(), "case {number}");
        queue.end_writing();
        assert_eq!(queue.is_written(), !overtakes, "case {number}");
        assert!(queue.can_wait(), "case {number}: the rest is gathered");
    }
}

#[test]
fn nothing_is_split_after_a_failure_or_when_a_caller_waits_for_everything() {
    let filled = || {
        let mut queue = WriteQueue::default();
        queue.add_later(settle(2));
        queue.add_urgent(sending(1));
        queue
    };
    assert_eq!(filled().take(false).orders.len(), 2);
    let mut flushed = filled();
    flushed.flushes.push(oneshot::channel().0);
    assert_eq!(flushed.take(true).orders.len(), 2);
    let connection = Connection::open_in_memory().expect("opened");
    let shared = SharedWriteQueue::new(&connection);
    shared.update(|queue| queue.add_later(settle(2)));
    let failed = shared.queue().take(true);
    shared.put_back(failed);
    shared.queue().end_writing();
    assert!(!shared.queue().has_caller() && !shared.queue().is_written(), "it is tried again after a pause");
}

/// Without this limit the writer's memory would depend on the size of outputs.
#[test]
fn large_outputs_are_not_gathered() {
    let mut queue = WriteQueue::default();
    for index in 0..5 {
        assert!(queue.can_wait(), "{index} outputs of 250 KB");
        let order = order(&format!("run-{index}"), MachineType::Standard);
        let seen = Observation { output: Some(text(250_000, index)), ..Observation::new(Status::Succeeded, NOW) };
        queue.add_record(record(&order, seen));
    }
    assert!(!queue.can_wait());
}
