//! Files: created at once by many, foreign, unusable, and for their owner only.

use super::*;
use crate::domain::{OtherMembers, Subject};

#[test]
fn foreign_files_are_rejected_and_not_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let kind = |text: &[u8]| {
        let path = folder.path().join("stepgate.db");
        std::fs::write(&path, text).expect("written");
        let error = Store::open(folder.path(), KEEP, NOW).map(drop).expect_err("refused");
        assert!(std::fs::read(&path).expect("read") == text, "it is unchanged: {error}");
        error.kind
    };
    assert_eq!(
        kind(&b"This is no database, but it is long enough to look like one. ".repeat(99)),
        StoreErrorKind::Foreign
    );
    let other = tempfile::tempdir().expect("a folder");
    let path = other.path().join("other.db");
    let foreign = Connection::open(&path).expect("a database");
    foreign.execute_batch("CREATE TABLE theirs (x)").expect("a table");
    drop(foreign);
    assert_eq!(kind(&std::fs::read(&path).expect("read")), StoreErrorKind::Foreign);
    drop(open(other.path()));
    let ours = std::fs::read(other.path().join("stepgate.db")).expect("read");
    assert_eq!(kind(&ours[..ours.len() / 2]), StoreErrorKind::Foreign, "cut in the middle");
    let connection = Connection::open(other.path().join("stepgate.db")).expect("a database");
    connection.pragma_update(None, "user_version", 999).expect("set");
    drop(connection);
    let newer = std::fs::read(other.path().join("stepgate.db")).expect("read");
    assert_eq!(kind(&newer), StoreErrorKind::Newer { found: 999, known: 10 });
}

#[test]
fn a_file_of_the_first_version_is_migrated() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(open(folder.path()));
    let path = folder.path().join("stepgate.db");
    let connection = Connection::open(&path).expect("a database");
    let back = "DROP TRIGGER executions_note_new; DROP TRIGGER starts_note_change; DROP TRIGGER executions_note_change; DROP TABLE changes; \
                DROP TRIGGER executions_come; DROP TRIGGER executions_change; DROP TRIGGER executions_go; \
                ALTER TABLE executions DROP COLUMN others; \
                CREATE TRIGGER executions_come AFTER INSERT ON executions BEGIN SELECT 1; END; \
                CREATE TRIGGER executions_change AFTER UPDATE ON executions BEGIN SELECT 1; END; \
                CREATE TRIGGER executions_go AFTER DELETE ON executions BEGIN SELECT 1; END; \
                DROP TABLE ui_choices; DROP TABLE removed; DROP TABLE inputs; \
                DROP INDEX executions_by_end; DROP INDEX starts_by_arn; DROP TABLE gateways; DROP TABLE machines; \
                DROP TABLE clock; ALTER TABLE starts DROP COLUMN first_sent; ALTER TABLE starts DROP COLUMN input_digest; \
                ALTER TABLE executions DROP COLUMN input_digest; ALTER TABLE starts DROP COLUMN type_known; \
                ALTER TABLE executions DROP COLUMN warning; ALTER TABLE payloads DROP COLUMN sent; \
                ALTER TABLE executions DROP COLUMN state_machine_arn; ALTER TABLE payloads DROP COLUMN members; \
                DROP INDEX executions_by_machine; DROP INDEX batches_by_digest; ALTER TABLE batches DROP COLUMN digest; \
                PRAGMA user_version = 1";
    connection.execute_batch(back).expect("as the first version made it");
    connection.execute_batch("INSERT INTO batches (file, begun, lines) VALUES ('f', 1, 2)").expect("a batch");
    drop(connection);
    drop(open(folder.path()));
    let connection = Connection::open(&path).expect("a database");
    let read = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("read");
    assert_eq!(read("SELECT count(*) FROM batches WHERE file = 'f' AND digest IS NULL"), 1, "nothing is lost");
    assert_eq!(read("SELECT user_version FROM pragma_user_version()"), 10);
}

#[tokio::test]
async fn executions_of_the_version_without_members_stay_and_gain_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let order = order("run-1", MachineType::Standard);
    let seen = Observation {
        stop_date: Some(NOW),
        output: Some(Payload::received(INPUT)),
        ..Observation::new(Status::Succeeded, NOW)
    };
    let (store, _) = open(folder.path());
    store.keep(record(&order, seen.clone()));
    store.flush().await;
    drop(store);
    let path = folder.path().join("stepgate.db");
    let connection = Connection::open(&path).expect("a database");
    let back = "DROP TRIGGER executions_note_new; DROP TRIGGER starts_note_change; DROP TRIGGER executions_note_change; DROP TABLE changes; \
                DROP TRIGGER executions_come; DROP TRIGGER executions_change; DROP TRIGGER executions_go; \
                ALTER TABLE executions DROP COLUMN others; \
                CREATE TRIGGER executions_come AFTER INSERT ON executions BEGIN SELECT 1; END; \
                CREATE TRIGGER executions_change AFTER UPDATE ON executions BEGIN SELECT 1; END; \
                CREATE TRIGGER executions_go AFTER DELETE ON executions BEGIN SELECT 1; END; \
                DROP TABLE ui_choices; DROP TABLE removed; DROP TABLE inputs; \
                ALTER TABLE executions DROP COLUMN state_machine_arn; ALTER TABLE payloads DROP COLUMN members; \
                PRAGMA user_version = 4";
    connection.execute_batch(back).expect("as the version before made it");
    drop(connection);
    let (store, remembered) = open(folder.path());
    assert_eq!(remembered.page.records, [record(&order, Observation { output: None, ..seen.clone() })]);
    let payloads = async |store: &Store| {
        store.payloads(order.gateway.clone(), remembered.page.records[0].arn.clone()).await.expect("read")
    };
    let kept = payloads(&store).await;
    assert_eq!((kept.output.expect("an output").as_str(), kept.others), (INPUT, OtherMembers::default()));
    let others = OtherMembers::received([("traceHeader", "\"Root=1\""), ("n", "12345678901234567890123")]);
    let machine_arn = Some("arn:aws:states:us-east-1:111122223333:stateMachine:M".to_owned());
    let subject = Subject { machine_arn, ..Subject::default() };
    store.keep(record(&order, Observation { others: others.clone(), subject: subject.clone(), ..seen.clone() }));
    store.flush().await;
    // A response with fewer members erases none.
    let later = OtherMembers::received([("n", "1.10")]);
    store.keep(record(&order, seen.clone()));
    store.flush().await;
    store.keep(record(&order, Observation { others: later.clone(), ..seen }));
    store.flush().await;
    assert_eq!(payloads(&store).await.others, later.or(&others));
    let found = store.remembered().await.expect("read").page.records.remove(0);
    assert_eq!(found.seen.expect("seen").subject, subject);
}

#[test]
fn operating_system_errors_are_distinguished() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").expect("written");
    let error = Store::open(&file.join("below"), KEEP, NOW).map(drop).expect_err("a file is no folder");
    assert_eq!(error.kind, StoreErrorKind::Inaccessible);
    drop(open(folder.path()));
    let path = folder.path().join("stepgate.db");
    let reading = file::connect_to_read(&path).expect("opened");
    let error = reading.execute_batch("DELETE FROM starts").expect_err("it only reads");
    assert_eq!(StoreError::from_sqlite(&path, &error).kind, StoreErrorKind::ReadOnly);
}

#[cfg(unix)]
#[tokio::test]
async fn folder_and_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().join("deep").join("stepgate");
    let (store, _) = open(&folder);
    start(&store, &order("run-1", MachineType::Standard)).await;
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = std::fs::read_dir(&folder).expect("read").flatten().map(|entry| entry.path()).collect();
    assert!(files.iter().any(|path| path.ends_with("stepgate.db-wal")), "{files:?}");
    for path in files.iter().filter(|path| path.is_file()) {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
}

#[test]
fn many_processes_may_create_the_store_at_once() {
    for _ in 0..30 {
        let folder = tempfile::tempdir().expect("a folder");
        std::thread::scope(|scope| {
            let open = || schema::open(&file::prepare(folder.path())?).map(drop);
            let opening: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            for opened in opening {
                assert_eq!(opened.join().expect("no panic"), Ok(()));
            }
        });
    }
}

#[tokio::test]
async fn a_full_disk_rejects_starts_and_the_rest_is_written_once_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file::prepare(folder.path()).expect("a file");
    let connection = schema::open(&path).expect("tables");
    // As with a quota: SQLite itself says that there is no room.
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).expect("a number");
    connection.pragma_update(None, "max_page_count", pages).expect("set");
    let writer =
        Writer::spawn(connection, path, KEEP, Arc::new(ThisProcess::announce(folder.path(), NOW).expect("an owner")))
            .expect("a writer");
    let large = StartOrder { input: Payload::received("1".repeat(200_000)), ..order("run-1", MachineType::Standard) };
    let error = writer.plan_starts(vec![large], Phase::Sent, NOW).await.expect_err("no room");
    assert_eq!(error.kind, StoreErrorKind::Full);
    assert!(error.to_string().starts_with("the disk is full: "), "{error}");
    assert_eq!(writer.health().borrow().as_ref().map(|error| error.kind.clone()), Some(StoreErrorKind::Full));
    let small = writer.plan_starts(vec![order("run-2", MachineType::Standard)], Phase::Sent, NOW).await;
    assert!(small.is_ok() && writer.health().borrow().is_none(), "{small:?}");
}

#[tokio::test]
async fn when_the_writer_dies_all_waiting_callers_get_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let id =
        store.plan_starts(vec![order("run-1", MachineType::Standard)], Phase::Sent, NOW).await.expect("written")[0];
    let mut health = store.health();
    // Callers that wait while it dies, and later ones.
    for moment in ["with what breaks it", "afterwards"] {
        let all = async {
            if moment == "with what breaks it" {
                store.break_writer();
            }
            tokio::join!(
                store.plan_starts(vec![order("run-2", MachineType::Standard)], Phase::Planned, NOW),
                store.mark_sending(id, NOW),
                store.begin_batch("f".into(), Vec::new(), NOW),
                store.claim_batch(crate::domain::BatchId(1)),
                store.flush(),
            )
        };
        let (intended, sending, begun, claimed, ()) =
            tokio::time::timeout(Duration::from_secs(30), all).await.expect("nothing hangs");
        let errors = [intended.map(drop), sending, begun.map(drop), claimed.map(drop)]
            .map(|result| result.expect_err("there is no writer"));
        for error in errors {
            assert_eq!(error.kind, StoreErrorKind::WriterDied, "{moment}: {error}");
        }
        health.wait_for(Option::is_some).await.expect("it is reported");
    }
    store.keep(record(&order("run-1", MachineType::Standard), Observation::new(Status::Running, NOW)));
    store.settle(id, Settled::NeverStarted, NOW);
    // Reading continues, and ending does not wait.
    assert_eq!(store.remembered().await.expect("read").running, []);
    drop(store);
    assert_eq!(open(folder.path()).1.unresolved.len(), 1, "what was sent is in doubt");
}

#[tokio::test]
async fn a_survey_reports_size_and_age_and_creates_no_store() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(survey(folder.path()).expect("looked"), None);
    assert_eq!(std::fs::read_dir(folder.path()).expect("read").count(), 0);
    let (store, _) = open(folder.path());
    start(&store, &order("run-1", MachineType::Standard)).await;
    store.flush().await;
    let found = survey(folder.path()).expect("looked").expect("a store");
    assert_eq!((found.executions, found.oldest), (1, Some(NOW)));
    assert!(found.used > 10_000 && found.bytes >= found.used, "{found:?}");
    drop(store);
    std::fs::write(folder.path().join("stepgate.db"), "not a database ".repeat(99)).expect("written");
    assert_eq!(survey(folder.path()).expect_err("refused").kind, StoreErrorKind::Foreign);
}

#[tokio::test]
async fn a_file_that_is_deleted_or_replaced_is_noticed_before_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let path = folder.path().join("stepgate.db");
    start(&store, &order("before", MachineType::Standard)).await;
    store.flush().await;
    std::fs::rename(&path, folder.path().join("moved.db")).expect("moved away");
    let intend = |name| store.plan_starts(vec![order(name, MachineType::Standard)], Phase::Sent, NOW);
    let error = intend("missing").await.expect_err("nothing may be sent");
    assert_eq!(error.kind, StoreErrorKind::Replaced);
    assert_eq!(store.health().borrow().as_ref().map(|error| error.kind.clone()), Some(StoreErrorKind::Replaced));
    std::fs::write(&path, "").expect("another file");
    assert_eq!(intend("replaced").await.expect_err("nothing may be sent").kind, StoreErrorKind::Replaced);
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
async fn the_message_about_a_missing_file_is_true_at_every_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let (path, copy) = (folder.path().join("stepgate.db"), folder.path().join("copy.db"));
    let said = async || {
        let intent = store.plan_starts(vec![order("run", MachineType::Standard)], Phase::Sent, NOW).await;
        intent.map(drop).map_err(|error| error.to_string())
    };
    std::fs::copy(&path, &copy).expect("copied");
    std::fs::remove_file(&path).expect("deleted");
    assert!(said().await.expect_err("deleted").contains("Move it back, or restart stepgate to create a new one."));
    std::fs::rename(&copy, &path).expect("restored");
    let words = said().await.expect_err("a copy");
    assert!(words.contains("another file took the place") && words.contains("Restart stepgate to use it."), "{words}");
}
