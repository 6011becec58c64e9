//! Starts against real sockets: what is sent again, what is not, and what the store contains meanwhile.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::support::gateway::{http, scripted};
use stepgate::runtime::now;
use stepgate_core::domain::{
    Endpoint, EndpointName, ExecutionName, FailureKind, GatewayId, Guard, MachineType, NameHandling, NameOrigin,
    Payload, Permit, Settled, StartOrder, StateMachineArn,
};
use stepgate_core::gateway::Clients;
use stepgate_core::start::Starter;
use stepgate_core::store::{Retention, Store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const TAKEN: &str = r#"{"__type":"com.amazonaws.swf.service.v2.model#ExecutionAlreadyExists","message":"Execution Already Exists: 'arn:aws:states:us-east-1:111122223333:execution:M:run-1'"}"#;
const KEEP: Retention = Retention { payloads: true, retain: Duration::from_secs(86_400) };

fn order(url: &str, origin: NameOrigin, machine_type: MachineType) -> StartOrder {
    StartOrder {
        endpoint: EndpointName::new("e"),
        gateway: GatewayId::new(url),
        machine_name: "m".into(),
        machine: StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:M:PROD").expect("an ARN"),
        machine_type,
        name: ExecutionName::parse("run-1").expect("a name"),
        origin,
        input: Payload::input("{\"a\": 1.0}").expect("an input"),
    }
}

fn permit() -> Permit {
    Guard::of([]).permit("").expect("no guard")
}

fn starter(url: &str, store: Option<Store>) -> Starter {
    Starter::new(Clients::new([Endpoint::plain("e", url)]), store, now)
}

fn store(folder: &Path) -> Store {
    Store::open(folder, KEEP, now()).expect("the store opens").0
}

#[tokio::test]
async fn a_start_with_a_lost_response_is_found_by_its_name() {
    let (url, requests) = scripted(vec![String::new(), http("200 OK", "", TAKEN)]).await;
    let order = order(&url, NameOrigin::Generated, MachineType::Standard);
    let endpoint = Endpoint { names: Some(NameHandling::PassedOn), ..Endpoint::plain("e", &url) };
    let report = Starter::new(Clients::new([endpoint]), None, now).start(&order, None, &permit()).await;
    let Settled::Confirmed(started) = report.settled else { panic!("{report:?}") };
    assert_eq!(started.execution_arn.as_str(), "arn:aws:states:us-east-1:111122223333:execution:M:run-1");
    let requests = requests.lock().expect("the requests");
    let bodies: Vec<_> = requests.iter().map(|request| request.split_once("\r\n\r\n").expect("a body").1).collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1], "the same bytes again");
}

#[tokio::test]
async fn an_express_start_is_never_sent_twice() {
    let (url, requests) = scripted(vec![String::new(), http("200 OK", "", "{}")]).await;
    let report =
        starter(&url, None).start(&order(&url, NameOrigin::Generated, MachineType::Express), None, &permit()).await;
    assert!(matches!(report.settled, Settled::Unresolved(_)), "{report:?}");
    assert_eq!(requests.lock().expect("the requests").len(), 1);
}

#[tokio::test]
async fn a_start_goes_to_the_place_that_it_was_ordered_for_or_nowhere() {
    let (url, requests) = scripted(vec![http("200 OK", "", TAKEN)]).await;
    let elsewhere = order("https://example.com/before-the-edit", NameOrigin::Generated, MachineType::Standard);
    let report = starter(&url, None).start(&elsewhere, None, &permit()).await;
    assert!(matches!(&report.settled, Settled::Refused(failure) if failure.kind == FailureKind::EndpointGone));
    assert_eq!(requests.lock().expect("the requests").len(), 0);
}

#[tokio::test]
async fn the_intent_is_in_the_store_before_the_first_byte_of_the_request_leaves() {
    let folder = Arc::new(tempfile::tempdir().expect("a folder"));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let seen_by = Arc::clone(&folder);
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut first = [0];
        stream.read_exact(&mut first).await.expect("the first byte");
        // As another process would see it, right now.
        let path = seen_by.path().join("stepgate.db");
        let other = rusqlite::Connection::open(path).expect("the store");
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
        let found = other
            .query_row("SELECT s.state, i.input FROM starts s JOIN inputs i ON i.start = s.id", [], row)
            .expect("the intent");
        let answer = http("200 OK", "", TAKEN);
        stream.write_all(answer.as_bytes()).await.expect("answered");
        found
    });
    let starter = starter(&url, Some(store(folder.path())));
    let report = starter.start(&order(&url, NameOrigin::Generated, MachineType::Standard), None, &permit()).await;
    assert!(report.request_id.is_some() && matches!(report.settled, Settled::Confirmed(_)), "{report:?}");
    assert_eq!(server.await.expect("the server"), ("sent".into(), "{\"a\": 1.0}".into()));
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_sent_until_the_user_knows() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, requests) = scripted(vec![http("200 OK", "", TAKEN)]).await;
    let starter = starter(&url, Some(store(folder.path())));
    // The file is damaged while the program runs.
    let other = rusqlite::Connection::open(folder.path().join("stepgate.db")).expect("the store");
    other.execute_batch("PRAGMA foreign_keys = OFF; DROP TABLE starts").expect("dropped");
    let order = order(&url, NameOrigin::Generated, MachineType::Standard);
    let report = starter.start(&order, None, &permit()).await;
    assert!(
        matches!(&report.settled, Settled::Refused(failure) if failure.kind == FailureKind::NotRecorded),
        "{report:?}"
    );
    assert_eq!(requests.lock().expect("the requests").len(), 0);
    // By now the screen shows that the store cannot be used, and the user starts anyway.
    let report = starter.start(&order, None, &permit()).await;
    assert!(report.request_id.is_none() && matches!(report.settled, Settled::Confirmed(_)), "{report:?}");
}
