//! Deleted data is gone from all files, and the file shrinks.

use super::*;
use crate::store::write_queue::{Busy, SharedWriteQueue};

const DAY: Duration = Duration::from_secs(86_400);
/// In every input and output of `filled`, and only there.
const SECRET: &str = "deleted-inputs-are-not-to-be-found";

fn large(index: usize) -> Payload {
    Payload::received(format!("{{\"n\":{index},\"text\":\"{}\"}}", SECRET.repeat(1 + index % 90 * 7)))
}

/// Executions that ended on the first day, and one that ended on the hundredth.
async fn filled(store: &Store, count: usize) {
    for index in 0..count {
        let order = StartOrder { input: large(index), ..order(&format!("old-{index}"), MachineType::Standard) };
        start(store, &order).await;
        let seen = Observation {
            stop_date: Some(NOW),
            input: Some(order.input.clone()),
            output: Some(large(index + 1)),
            ..Observation::new(Status::Succeeded, NOW)
        };
        store.keep(record(&order, seen));
    }
    let young = order("young", MachineType::Standard);
    start(store, &young).await;
    let seen =
        Observation { stop_date: Some(NOW.plus(DAY * 99)), ..Observation::new(Status::Succeeded, NOW.plus(DAY * 99)) };
    store.keep(record(&young, seen));
    store.flush().await;
}

/// How often a text occurs in the files of a store.
fn occurrences(folder: &Path, text: &str) -> usize {
    let files = std::fs::read_dir(folder).expect("read").flatten().filter(|entry| entry.path().is_file());
    files
        .map(|file| {
            let bytes = std::fs::read(file.path()).expect("read");
            memchr::memmem::find_iter(&bytes, text).count()
        })
        .sum()
}

fn pages(folder: &Path) -> (i64, i64) {
    let connection = Connection::open(folder.join("stepgate.db")).expect("opened");
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get(0)).expect("a number");
    (number("page_count"), number("freelist_count"))
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async { while !is_so().await {} };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.expect(what);
}

async fn is_clean(folder: &Path) -> bool {
    tokio::time::sleep(Duration::from_millis(20)).await;
    occurrences(folder, SECRET) == 0 && pages(folder).1 == 0
}

#[tokio::test]
async fn after_pruning_deleted_data_is_in_no_file_and_the_file_is_small() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    filled(&store, 300).await;
    let before = pages(folder.path()).0;
    assert!(occurrences(folder.path(), SECRET) > 300 && before > 1_000, "{before}");
    store.prune(NOW.plus(DAY * 100)).await.expect("pruned");
    until("the deleted inputs are gone", || is_clean(folder.path())).await;
    let after = pages(folder.path()).0;
    // Most of them contain what other processes may still have to learn.
    assert!(after < 60, "{after} of {before} pages are left");
    assert_eq!(store.remembered().await.expect("read").totals.all().succeeded, 1, "what is young is there");
}

#[tokio::test]
async fn a_file_of_an_older_version_shrinks_and_starts_continue_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    {
        let (store, _) = open(folder.path());
        filled(&store, 300).await;
    }
    let path = folder.path().join("stepgate.db");
    let connection = Connection::open(&path).expect("opened");
    let old = "PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM; PRAGMA journal_mode = WAL";
    connection.execute_batch(old).expect("as an older version makes it");
    drop(connection);
    let (store, _) = open(folder.path());
    drop(store.prune(NOW.plus(DAY * 100)));
    let mut started = 0;
    until("the file is rebuilt", async || {
        if started < 20 {
            // Arrives in the idle time before a rebuild, or during the rebuild.
            let intended =
                store.plan_starts(vec![order(&format!("new-{started}"), MachineType::Standard)], Phase::Sent, NOW);
            intended.await.expect("written");
            started += 1;
        }
        is_clean(folder.path()).await
    })
    .await;
    let remembered = store.remembered().await.expect("read");
    assert_eq!(remembered.totals.all().succeeded, 1);
    drop(store);
    assert_eq!(open(folder.path()).1.unresolved.len(), 20, "no start is lost");
    let connection = Connection::open(&path).expect("opened");
    let whole: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("checked");
    assert_eq!(whole, "ok");
}

/// Most of a large file: releasing page after page would take minutes.
#[tokio::test]
async fn a_file_that_is_mostly_free_is_rebuilt_or_shrinks_a_little_at_a_time() {
    use crate::store::tidy::Tidying;
    for has_time in [true, false] {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, _) = open(folder.path());
        for index in 0..30 {
            let order = order(&format!("old-{index}"), MachineType::Standard);
            let output = Some(Payload::received(SECRET.repeat(30_000)));
            store.keep(record(
                &order,
                Observation { output, stop_date: Some(NOW), ..Observation::new(Status::Succeeded, NOW) },
            ));
        }
        filled(&store, 1).await;
        let gone = if has_time { store.prune(NOW.plus(DAY * 100)).await.expect("pruned") } else { 0 };
        if has_time {
            assert!(gone >= 31);
            until("the deleted inputs are gone", || is_clean(folder.path())).await;
            continue;
        }
        drop(store);
        let path = folder.path().join("stepgate.db");
        let connection = Connection::open(&path).expect("opened");
        connection
            .execute_batch("PRAGMA foreign_keys = ON; DELETE FROM executions WHERE arn LIKE '%old%'")
            .expect("deleted");
        let mut next = Tidying::Look { deleted: true }.step(&connection);
        assert_eq!(next, Tidying::Rebuild { attempts: 0 });
        next = next.in_a_hurry(&connection);
        while next == Tidying::Shrink {
            let began = crate::bounded::Stopwatch::start();
            next = next.step(&connection);
            assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        }
        assert_eq!((next, pages(folder.path()).1), (Tidying::EmptyLog { attempts: 0 }, 0));
    }
}

#[tokio::test]
async fn incoming_work_interrupts_a_rebuild_which_is_retried() {
    let folder = tempfile::tempdir().expect("a folder");
    {
        let (store, _) = open(folder.path());
        filled(&store, 300).await;
    }
    let path = folder.path().join("stepgate.db");
    let connection = Connection::open(&path).expect("opened");
    let old = "PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM; DELETE FROM payloads";
    connection.execute_batch(old).expect("as an older version makes it");
    let shared = SharedWriteQueue::new(&connection);
    shared.queue().busy = Busy::Interruptible;
    // The writer sees what arrives before a rebuild; here it arrives in the middle.
    let rebuilt = std::thread::scope(|scope| {
        let coming = scope.spawn(|| {
            while shared.queue().busy == Busy::Interruptible {
                shared.update(|_| {});
                std::thread::yield_now();
            }
        });
        let rebuilt = crate::store::tidy::Tidying::Rebuild { attempts: 0 }.step(&connection);
        shared.queue().busy = Busy::No;
        coming.join().expect("no panic");
        rebuilt
    });
    assert_eq!(rebuilt, crate::store::tidy::Tidying::Rebuild { attempts: 1 });
    assert_eq!(rebuilt.step(&connection), crate::store::tidy::Tidying::EmptyLog { attempts: 0 });
    assert_eq!(pages(folder.path()).1, 0);
}

#[tokio::test]
async fn an_input_is_stored_once() {
    let folder = tempfile::tempdir().expect("a folder");
    {
        let (store, _) = open(folder.path());
        let order =
            StartOrder { input: Payload::received(format!("\"{SECRET}\"")), ..order("once", MachineType::Standard) };
        start(&store, &order).await;
        store.flush().await;
        for status in [Status::Running, Status::Succeeded] {
            let seen = Observation { input: Some(order.input.clone()), ..Observation::new(status, NOW) };
            store.keep(record(&order, seen));
            store.flush().await;
        }
        let kept = store.payloads(order.gateway.clone(), order.machine.execution(&order.name)).await.expect("read");
        assert_eq!((kept.input, kept.sent), (Some(order.input.clone()), None));
    }
    assert_eq!(occurrences(folder.path(), SECRET), 1);
}

#[tokio::test]
async fn an_input_of_an_older_version_stays_with_its_start_and_its_execution() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let (sent, confirmed) = (order("sent", MachineType::Standard), order("confirmed", MachineType::Standard));
    store.plan_starts(vec![sent.clone()], Phase::Sent, NOW).await.expect("written");
    let id = store.plan_starts(vec![confirmed.clone()], Phase::Sent, NOW).await.expect("written")[0];
    // A process of the older version runs beside this one.
    let older = Connection::open(folder.path().join("stepgate.db")).expect("opened");
    older.execute("UPDATE starts SET input = ?1", [INPUT]).expect("written");
    older.execute("DELETE FROM inputs", []).expect("deleted");
    store.settle(id, Settled::Confirmed(started(&confirmed)), NOW);
    store.flush().await;
    let kept = store.payloads(confirmed.gateway.clone(), confirmed.machine.execution(&confirmed.name)).await;
    assert_eq!(kept.expect("read").input, Some(confirmed.input));
    drop(store);
    assert_eq!(open(folder.path()).1.unresolved[0].order, sent);
}

#[tokio::test]
async fn without_payloads_an_input_is_in_no_file_once_its_start_is_settled() {
    let folder = tempfile::tempdir().expect("a folder");
    let keep = Retention { payloads: false, ..KEEP };
    let (store, _) = Store::open(folder.path(), keep, NOW).expect("the store opens");
    for index in 0..20 {
        let order = StartOrder { input: large(index), ..order(&format!("run-{index}"), MachineType::Standard) };
        start(&store, &order).await;
    }
    // While the store is open.
    until("the inputs are gone", || is_clean(folder.path())).await;
    drop(store);
    assert_eq!(occurrences(folder.path(), SECRET), 0);
}

#[tokio::test]
async fn another_writing_process_only_delays_deletion_and_tidying() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    filled(&store, 600).await;
    let busy = Connection::open(folder.path().join("stepgate.db")).expect("opened");
    let pruned = store.prune(NOW.plus(DAY * 100));
    // It writes for longer than SQLite's own timeout, repeatedly.
    for _ in 0..4 {
        until("its turn", async || {
            tokio::time::sleep(Duration::from_millis(1)).await;
            busy.execute_batch("BEGIN IMMEDIATE").is_ok()
        })
        .await;
        tokio::time::sleep(Duration::from_millis(400)).await;
        busy.execute_batch("COMMIT").expect("over");
    }
    assert!(pruned.await.expect("pruned") >= 600);
    until("nothing is left", async || is_clean(folder.path()).await).await;
    assert!(store.health().borrow().is_none());
}
