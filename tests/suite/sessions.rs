//! Whole sessions by key script, against the local gateway.

use std::path::Path;
use std::time::Duration;

use crate::support::gateway::{Served, http, scripted};
use crate::support::player::Player;
use stepgate::config::local_gateway::endpoint_and_machines;
use stepgate::runtime::{TerminalRequest, now};
use stepgate_core::domain::{Endpoint, EndpointName, GatewayId, Machine, MachineType, Payload, StateMachineArn};
use stepgate_core::store::{Retention, Store};
use stepgate_local::Options;

async fn wide() -> (Served, Player) {
    let served = Served::new(Options::default());
    let (endpoint, machines) = endpoint_and_machines(&served.url());
    (served, Player::new(endpoint, machines, 140, 40).await)
}

#[tokio::test]
async fn pick_by_typing_start_and_see_error_and_cause() {
    let (_served, mut player) = wide().await;
    player.keys("n fail enter").await;
    player.until_text("Start FailStateMachine").await;
    player.keys("ctrl-s").await;
    player.until_text("RUNNING").await;
    player.until_text("PaymentRefused").await;
    let screen = player.screen();
    assert!(screen.contains("FAILED") && screen.contains("1 failed"), "{screen}");
    assert!(screen.contains("\"errorMessage\": \"The bank refused the card.\""), "{screen}");
}

#[tokio::test]
async fn a_second_press_while_one_is_on_its_way_does_nothing() {
    let (served, mut player) = wide().await;
    player.keys("enter ctrl-s ctrl-s ctrl-s enter x").await;
    player.until_text("SUCCEEDED").await;
    assert_eq!(player.model().list().executions().len(), 1);
    assert_eq!(served.gateway.requests(), 2, "one start and one question");
}

#[tokio::test]
async fn a_used_name_is_refused_and_nothing_that_was_typed_is_lost() {
    let (_served, mut player) = wide().await;
    player.keys("enter tab twice ctrl-s").await;
    player.until_text("SUCCEEDED").await;
    player.keys("n pass enter tab twice tab").await;
    player.paste(" ").await;
    player.keys("ctrl-s").await;
    player.until_text("the name is already in use").await;
    let screen = player.screen();
    assert!(screen.contains("Start PassStateMachine") && screen.contains("twice"), "{screen}");
    assert!(screen.contains("Choose another name"), "{screen}");
    player.keys("backspace s ctrl-s").await;
    player.until("the second one", |screen| screen.contains("2 succeeded")).await;
}

#[tokio::test]
async fn errors_are_reported_before_anything_is_sent() {
    let (served, mut player) = wide().await;
    player.keys("enter end backspace ctrl-s").await;
    player.until_text("line 1, column 1: EOF while parsing an object").await;
    player.until_text("Nothing was sent").await;
    player.keys("} tab a/b ctrl-s").await;
    player.until_text("a name cannot contain `/`").await;
    assert_eq!(served.gateway.requests(), 0);
    // Leaving the form and coming back brings back what was typed.
    player.keys("esc esc enter").await;
    player.until_text("a/b").await;
}

#[tokio::test]
async fn rows_survive_an_outage_and_the_watch_continues_by_itself() {
    let (mut served, mut player) = wide().await;
    player.keys("n wait enter").await;
    player.keys("ctrl-a ctrl-k").await;
    player.paste("{\"seconds\": 3}").await;
    player.keys("ctrl-s").await;
    player.until_text("RUNNING").await;
    served.stop().await;
    player.until_text("cannot connect").await;
    player.until("the countdown", |screen| screen.contains("next attempt in")).await;
    let screen = player.screen();
    assert!(screen.contains("RUNNING") && screen.contains("1 running"), "{screen}");
    served.start();
    player.until_text("SUCCEEDED").await;
    let screen = player.screen();
    assert!(!screen.contains("cannot connect"), "{screen}");
}

#[tokio::test]
async fn the_filter_narrows_the_list_while_typing() {
    let (_served, mut player) = wide().await;
    for machine in ["pass", "fail", "pass"] {
        player.keys(&format!("n {machine} enter ctrl-s")).await;
        player.until("the form to close", |screen| !screen.contains("Start ")).await;
    }
    player.until("two ends", |screen| screen.contains("2 succeeded") && screen.contains("1 failed")).await;
    player.keys("/ refused").await;
    player.until_text("1 of 3").await;
    assert!(!player.screen().contains("SUCCEEDED"), "{}", player.screen());
    player.keys("enter esc").await;
    player.until("all of them", |screen| screen.contains("SUCCEEDED")).await;
}

#[tokio::test]
async fn earlier_inputs_are_at_hand_newest_first_also_of_other_launches() {
    let served = Served::new(Options::default());
    let folder = tempfile::tempdir().expect("a folder");
    let mut player = with_store(&served, folder.path()).await;
    for input in ["{\"customer\": \"注文\"}", "{\"customer\": \"two\"}"] {
        player.keys("n pass enter ctrl-a ctrl-k").await;
        player.paste(input).await;
        player.keys("ctrl-s").await;
        player.until("the form to close", |screen| !screen.contains("Start PassStateMachine")).await;
    }
    player.until_text("2 succeeded").await;
    player.quit().await;
    let mut player = with_store(&served, folder.path()).await;
    player.keys("n pass enter ctrl-p").await;
    player
        .until("both, the newest first", |screen| {
            let gateway = |text| screen.find(text);
            gateway("\"two\"").is_some_and(|two| gateway("注文").is_some_and(|one| two < one))
        })
        .await;
    player.keys("c u s t o m e r").await;
    player.keys("space").await;
    player.paste("注").await;
    // Only the dialog has thick borders.
    let listed = |screen: &str| screen.lines().filter_map(|line| line.split('┃').nth(1)).collect::<String>();
    player.until("one of them", |screen| !listed(screen).contains("two") && listed(screen).contains("注文")).await;
    player.keys("enter").await;
    player.until("it in the form", |screen| screen.contains("Start PassStateMachine") && screen.contains("注文")).await;
    // The former input is a step of undo away.
    player.keys("ctrl-u ctrl-s").await;
    player.until_text("3 succeeded").await;
}

#[tokio::test]
async fn two_executions_are_compared_by_structure() {
    let served = Served::new(Options::default());
    let folder = tempfile::tempdir().expect("a folder");
    let mut player = with_store(&served, folder.path()).await;
    for input in ["{\"a\":1.0,\"b\":[1,2]}", "{\"b\": [1, 3], \"a\": 1.0, \"c\": null}"] {
        player.keys("n pass enter ctrl-a ctrl-k").await;
        player.paste(input).await;
        player.keys("ctrl-s").await;
        player.until("the form to close", |screen| !screen.contains("Start PassStateMachine")).await;
    }
    player.until_text("2 succeeded").await;
    player.quit().await;
    // What is in the store only is read for it.
    let mut player = with_store(&served, folder.path()).await;
    player.until_text("▸✔ SUCCEEDED").await;
    player.keys("c").await;
    player.until_text("Mark one execution with Space").await;
    player.keys("g space c").await;
    player.until("the differences", |screen| screen.contains("Input: 2 differences")).await;
    let screen = player.screen();
    for text in [".b[1]", "− 2", "+ 3", ".c", "+ null"] {
        assert!(screen.contains(text), "{text}: {screen}");
    }
    assert!(!screen.contains(".a"), "{screen}");
}

#[tokio::test]
async fn the_list_is_sorted_narrowed_and_gone_through() {
    let (_served, mut player) = wide().await;
    for (machine, name) in [("pass", "alpha"), ("fail", "beta"), ("pass", "gamma"), ("fail", "delta")] {
        player.keys(&format!("n {machine} enter tab {name} ctrl-s")).await;
        player.until("the form to close", |screen| !screen.contains("Start ")).await;
    }
    player.until("four ends", |screen| screen.contains("2 succeeded") && screen.contains("2 failed")).await;
    // The names in the order of the screen.
    let order = |player: &mut Player| {
        let screen = player.screen();
        let mut found: Vec<(usize, &str)> = ["alpha", "beta", "gamma", "delta"]
            .into_iter()
            // The status has the name of the selected one above the list.
            .filter_map(|name| Some((screen.rfind(&format!(" {name} "))?, name)))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    player.keys("g").await;
    assert_eq!(order(&mut player), ["delta", "gamma", "beta", "alpha"]);
    player.keys("S").await;
    player.until_text("by name ▴").await;
    assert_eq!(order(&mut player), ["alpha", "beta", "delta", "gamma"]);
    player.keys("O").await;
    assert_eq!(order(&mut player), ["gamma", "delta", "beta", "alpha"]);
    player.keys("e").await;
    assert_eq!(player.model().selected().map(|row| row.arn.name()), Some("beta"));
    player.keys("e").await;
    assert_eq!(player.model().selected().map(|row| row.arn.name()), Some("delta"), "round");
    player.keys("!").await;
    player.until_text("/status:failed,timed_out… 2 of 4").await;
    assert_eq!(order(&mut player), ["delta", "beta"]);
    player.keys("! =").await;
    player.until_text("/machine:FailStateMachine 2 of 4").await;
    player.keys("= u").await;
    player.until_text("Executions by machine").await;
    player.until("the rates", |screen| screen.contains("ok %") && screen.contains(" 100 ")).await;
    player.keys("g enter").await;
    player.until_text("/machine:FailStateMachine 2 of 4").await;
}

#[tokio::test]
async fn how_far_an_execution_is_on_its_usual_way_is_learned() {
    let (_served, mut player) = wide().await;
    for (name, seconds) in [("one", 3), ("two", 3), ("three", 3), ("four", 3), ("five", 3), ("long", 30)] {
        player.keys(&format!("n wait enter tab {name} tab ctrl-a ctrl-k")).await;
        player.paste(&format!("{{\"seconds\": {seconds}}}")).await;
        player.keys("ctrl-s").await;
        player.until("the form to close", |screen| !screen.contains("Start WaitStateMachine")).await;
        if name == "five" {
            player.until_text("5 succeeded").await;
        }
    }
    player
        .until("the bar and how long it takes", |screen| screen.contains("▓░") && screen.contains("of about 0:0"))
        .await;
}

#[tokio::test]
async fn every_action_can_be_found_by_its_words() {
    let (_served, mut player) = wide().await;
    player.keys("ctrl-p m e s s a g").await;
    player.until_text("Show recent messages in full").await;
    player.keys("enter").await;
    player.until_text("┏ Messages").await;
    player.keys("esc : f o l d - a l l enter").await;
    player.until_text("`fold-all` works in input and output, not here.").await;
}

#[tokio::test]
async fn start_again_opens_the_form_with_the_same_input() {
    let (_served, mut player) = wide().await;
    player.keys("enter ctrl-a ctrl-k").await;
    player.paste("{\"a\": 1.0}").await;
    player.keys("ctrl-s").await;
    player.until_text("SUCCEEDED").await;
    player.keys("r").await;
    player.until_text("Start PassStateMachine").await;
    player.until("the input twice", |screen| screen.matches("{\"a\": 1.0}").count() == 1).await;
    player.keys("ctrl-s").await;
    player.until_text("2 succeeded").await;
}

#[tokio::test]
async fn the_bell_rings_for_an_end_that_is_not_looked_at() {
    let (_served, mut player) = wide().await;
    player.keys("n fail enter ctrl-s").await;
    player.until_text("RUNNING").await;
    player.keys("n pass enter ctrl-s").await;
    player.until("both ends", |screen| screen.contains("1 succeeded") && screen.contains("1 failed")).await;
    assert_eq!(player.wishes, [TerminalRequest::Write("\u{7}".into())]);
}

#[tokio::test]
async fn read_only_starts_nothing() {
    let served = Served::new(Options::default());
    let (endpoint, machines) = endpoint_and_machines(&served.url());
    let mut player = Player::with(endpoint, machines, 80, 24, None, |setup| setup.read_only = true).await;
    player.keys("enter").await;
    player.until_text("read-only = true").await;
    assert!(!player.screen().contains("Start PassStateMachine"));
    assert_eq!(served.gateway.requests(), 0);
}

#[tokio::test]
async fn a_wrong_stage_says_what_to_check_and_keeps_the_form() {
    let served = Served::new(Options::default());
    let (mut endpoint, machines) = endpoint_and_machines(&served.url());
    endpoint.url = endpoint.url.replace("/dev", "/prod");
    let mut player = Player::new(endpoint, machines, 140, 40).await;
    player.keys("enter ctrl-s").await;
    player.until_text("the gateway forbids it: Forbidden").await;
    let screen = player.screen();
    let message = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(message.contains("the stage in the url") && message.contains("(request "), "{screen}");
    assert!(screen.contains("Start PassStateMachine"), "{screen}");
}

#[tokio::test]
async fn an_express_execution_is_started_and_never_polled() {
    let prefix = "arn:aws:states:us-east-1:111122223333";
    let body = format!(r#"{{"executionArn":"{prefix}:express:Fast:x:0d1f","startDate":1.7E9}}"#);
    let (url, requests) = scripted(vec![http("200 OK", "", &body)]).await;
    let machine = Machine {
        name: "fast".into(),
        endpoint: EndpointName::new("e"),
        arn: StateMachineArn::parse(&format!("{prefix}:stateMachine:Fast")).expect("an ARN"),
        machine_type: MachineType::Express,
        input: Payload::empty_object(),
        presets: Vec::new(),
    };
    let mut player = Player::new(Endpoint::plain("e", &url), vec![machine], 140, 40).await;
    player.keys("enter ctrl-s").await;
    player.until_text("DescribeExecution does not support EXPRESS").await;
    assert!(player.screen().contains("CloudWatch"), "{}", player.screen());
    assert_eq!(player.model().next_wake(), None, "nothing is waited for");
    assert_eq!(requests.lock().expect("the requests").len(), 1);
}

/// A program with a store in this folder, on a gateway.
async fn with_store(served: &Served, folder: &Path) -> Player {
    let (endpoint, machines) = endpoint_and_machines(&served.url());
    let keep = Retention { payloads: true, retain: Duration::from_secs(86_400) };
    let kept = Store::open(folder, keep, now()).expect("the store opens");
    Player::with(endpoint, machines, 140, 40, Some(kept), |_| {}).await
}

#[tokio::test]
async fn the_list_is_there_again_and_what_runs_is_watched_again() {
    let (served, folder) = (Served::new(Options::default()), tempfile::tempdir().expect("a folder"));
    let mut player = with_store(&served, folder.path()).await;
    player.keys("n fail enter ctrl-s").await;
    player.until_text("PaymentRefused").await;
    player.keys("n wait enter ctrl-a ctrl-k").await;
    player.paste("{\"seconds\": 2, \"n\": 1.0}").await;
    player.keys("ctrl-s").await;
    player.until_text("RUNNING").await;
    assert_eq!(player.quit().await, ["1 still running; the next launch continues watching"]);
    let mut player = with_store(&served, folder.path()).await;
    let screen = player.screen();
    assert!(screen.contains("FAILED") && screen.contains("PaymentRefu"), "at once: {screen}");
    player.until_text("SUCCEEDED").await;
    player.until_text("\"n\": 1.0").await;
    player.keys("tab j").await;
    player.until_text("The bank refused the card.").await;
    player.keys("r").await;
    player.until_text("Start FailStateMachine").await;
}

#[tokio::test]
async fn the_endpoint_of_an_execution_is_where_it_was_started_whatever_the_configuration_says() {
    let (served, folder) = (Served::new(Options::default()), tempfile::tempdir().expect("a folder"));
    let mut player = with_store(&served, folder.path()).await;
    player.keys("n wait enter ctrl-s").await;
    player.until_text("RUNNING").await;
    player.quit().await;
    let elsewhere = Served::new(Options::default());
    let (endpoint, machines) = endpoint_and_machines(&elsewhere.url());
    let moved = Endpoint { fixed_gateway: Some(GatewayId::new("https://example.com/moved")), ..endpoint };
    let keep = Retention { payloads: true, retain: Duration::from_secs(86_400) };
    let kept = Store::open(folder.path(), keep, now()).expect("the store opens");
    let mut player = Player::with(moved, machines, 140, 40, Some(kept), |_| {}).await;
    player.until_text("Add an endpoint with").await;
    assert!(!player.screen().contains("1 running"), "{}", player.screen());
    assert_eq!(elsewhere.gateway.requests(), 0, "no other gateway gets a request");
}

#[tokio::test]
async fn a_taken_name_can_be_watched() {
    let (served, folder) = (Served::new(Options::default()), tempfile::tempdir().expect("a folder"));
    let mut player = with_store(&served, folder.path()).await;
    player.keys("enter tab taken ctrl-s").await;
    player.until_text("SUCCEEDED").await;
    player.quit().await;
    let (endpoint, machines) = endpoint_and_machines(&served.url());
    let mut player = Player::new(endpoint, machines, 140, 40).await;
    player.keys("enter tab taken ctrl-s").await;
    player.until_text("Ctrl-T").await;
    player.keys("ctrl-t").await;
    player.until_text("1 succeeded").await;
    assert!(player.screen().contains("taken"), "{}", player.screen());
}

#[tokio::test]
async fn many_starts_stop_half_way_and_go_on_in_another_launch() {
    let (served, folder) = (Served::new(Options::default()), tempfile::tempdir().expect("a folder"));
    let file = folder.path().join("orders.jsonl");
    let line = |index: usize| format!("{{\"order\": {index}}}\n");
    std::fs::write(&file, (0..40).map(line).collect::<String>()).expect("written");
    let mut player = with_store(&served, &folder.path().join("store")).await;
    player.keys("b").await;
    player.paste(&file.to_string_lossy()).await;
    player.keys("enter").await;
    player.until_text("Press Enter to start 40 executions").await;
    player.keys("enter").await;
    player.until("some progress", |screen| (5..30).any(|count| screen.contains(&format!("{count} of 40")))).await;
    player.keys("s").await;
    player.until_text("can be sent later").await;
    let first = served.gateway.executions().len();
    assert!((5..40).contains(&first), "{first}");
    player.quit().await;
    let mut player = with_store(&served, &folder.path().join("store")).await;
    player.until_text(&format!("{} of 40 lines", 40 - first)).await;
    player.keys("b c").await;
    player.until_text("Done.").await;
    player.keys("esc").await;
    player.until_text("40 succeeded").await;
    let mut orders: Vec<String> = served.gateway.executions().into_iter().map(|(_, input)| input).collect();
    orders.sort();
    let mut wanted: Vec<String> = (0..40).map(|index| line(index).trim().to_owned()).collect();
    wanted.sort();
    assert_eq!(orders, wanted, "each line once");
}

#[tokio::test]
async fn what_all_lines_would_meet_stops_the_batch_and_loses_none() {
    let (mut served, folder) = (Served::new(Options::default()), tempfile::tempdir().expect("a folder"));
    let file = folder.path().join("orders.jsonl");
    std::fs::write(&file, "{}\n[1]\n[2]\n").expect("written");
    let mut player = with_store(&served, &folder.path().join("store")).await;
    served.stop().await;
    player.keys("b").await;
    player.paste(&file.to_string_lossy()).await;
    player.keys("enter").await;
    player.until_text("Press Enter to start 3 executions").await;
    player.keys("enter").await;
    player.until_text("Stopped: cannot connect").await;
    served.start();
    player.keys("c").await;
    player.until_text("Done.").await;
    assert_eq!(served.gateway.executions().len(), 3);
}

#[tokio::test]
async fn a_file_with_a_fault_starts_nothing() {
    let (served, folder) = (Served::new(Options::default()), tempfile::tempdir().expect("a folder"));
    let file = folder.path().join("orders.jsonl");
    std::fs::write(&file, "{}\n{\"a\": nul}\n").expect("written");
    let mut player = with_store(&served, &folder.path().join("store")).await;
    player.keys("b").await;
    player.paste(&file.to_string_lossy()).await;
    player.keys("enter").await;
    player.until_text("orders.jsonl:2: column 10: expected ident").await;
    player.keys("enter enter esc").await;
    assert_eq!(served.gateway.requests(), 0);
}

#[tokio::test]
async fn expired_executions_leave_the_list_and_the_counts_while_the_program_runs() {
    let (served, folder) = (Served::new(Options::default()), tempfile::tempdir().expect("a folder"));
    let (endpoint, machines) = endpoint_and_machines(&served.url());
    let keep = Retention { payloads: true, retain: Duration::from_secs(2) };
    let kept = Store::open(folder.path(), keep, now()).expect("the store opens");
    let mut player = Player::with(endpoint, machines, 140, 40, Some(kept), |_| {}).await;
    player.keys("n fail enter ctrl-s").await;
    player.until_text("PaymentRefused").await;
    player.keys("n pass enter ctrl-s").await;
    player.until_text("1 succeeded").await;
    // What is selected stays.
    player.until("the failure is gone", |screen| !screen.contains("1 failed")).await;
    assert!(!player.screen().contains("PaymentRefused"), "{}", player.screen());
    assert!(player.screen().contains("SUCCEEDED"), "{}", player.screen());
}

#[tokio::test]
async fn what_another_process_deletes_leaves_this_list_as_well() {
    let (served, folder) = (Served::new(Options::default()), tempfile::tempdir().expect("a folder"));
    let mut first = with_store(&served, folder.path()).await;
    first.keys("n fail enter ctrl-s").await;
    first.until_text("PaymentRefused").await;
    first.keys("n wait enter ctrl-a ctrl-k").await;
    first.paste("{\"seconds\": 20}").await;
    first.keys("ctrl-s").await;
    first.until_text("1 running").await;
    first.quit().await;
    let (endpoint, machines) = endpoint_and_machines(&served.url());
    let keep = Retention { payloads: true, retain: Duration::from_secs(2) };
    let mut players = Vec::new();
    for _ in 0..2 {
        let kept = Store::open(folder.path(), keep, now()).expect("the store opens");
        players.push(Player::with(endpoint.clone(), machines.clone(), 140, 40, Some(kept), |_| {}).await);
    }
    players[0].keys("u").await;
    for player in &mut players {
        player.until("the failure is gone", |screen| !screen.contains("1 failed")).await;
    }
    let groups = players[0].model().list().groups().expect("by machine");
    assert_eq!(groups.machines().len(), 1, "{groups:?}");
    assert!(!players[1].screen().contains("PaymentRefused"), "{}", players[1].screen());
}

#[tokio::test]
async fn a_deleted_execution_that_is_selected_leaves_when_another_is_selected() {
    let (served, folder) = (Served::new(Options::default()), tempfile::tempdir().expect("a folder"));
    let (endpoint, machines) = endpoint_and_machines(&served.url());
    let keep = Retention { payloads: true, retain: Duration::from_secs(2) };
    let kept = Store::open(folder.path(), keep, now()).expect("the store opens");
    let mut player = Player::with(endpoint, machines, 140, 40, Some(kept), |_| {}).await;
    player.keys("n fail enter ctrl-s").await;
    player.until_text("PaymentRefused").await;
    player.until("it does not count", |screen| !screen.contains("1 failed")).await;
    assert!(player.screen().contains("PaymentRefused"), "it is selected: {}", player.screen());
    player.keys("n pass enter ctrl-s").await;
    player.until_text("1 succeeded").await;
    assert!(!player.screen().contains("PaymentRefused"), "{}", player.screen());
}

#[tokio::test]
async fn what_is_old_is_deleted_although_nothing_runs_and_no_request_is_sent() {
    let (served, folder) = (Served::new(Options::default()), tempfile::tempdir().expect("a folder"));
    let mut player = with_store(&served, folder.path()).await;
    for machine in ["fail", "pass"] {
        player.keys(&format!("n {machine} enter ctrl-s")).await;
        player.until_text(if machine == "fail" { "PaymentRefused" } else { "1 succeeded" }).await;
    }
    player.quit().await;
    let (endpoint, machines) = endpoint_and_machines(&served.url());
    let keep = Retention { payloads: true, retain: Duration::from_millis(900) };
    // By a clock that was not compared since long ago.
    let store = rusqlite::Connection::open(folder.path().join("stepgate.db")).expect("the store");
    store.execute("UPDATE clock SET trusted = 0", []).expect("written");
    drop(store);
    let kept = Store::open(folder.path(), keep, now()).expect("the store opens");
    let requests = served.gateway.requests();
    let mut player = Player::with(endpoint, machines, 140, 40, Some(kept), |_| {}).await;
    player.until("the failure is gone", |screen| !screen.contains("1 failed")).await;
    assert!(served.gateway.requests() <= requests + 2, "it asks for the time, and for nothing else");
}
