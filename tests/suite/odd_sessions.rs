//! Whole sessions of the terminal UI, by key script, against gateways with real-world mappings.

use std::time::Duration;

use crate::support::gateway::Served;
use crate::support::odd::{Fate, ORDER, OddGateway, Request, Shape};
use crate::support::player::Player;
use stepgate::config::local_gateway::endpoint_and_machines;
use stepgate_core::domain::{Endpoint, EndpointName, Machine, MachineType, NameHandling, Payload, StateMachineArn};
use stepgate_local::Options;

const LASTS: Duration = Duration::from_millis(500);

fn machine(name: &str, arn: &str) -> Machine {
    Machine {
        name: name.into(),
        endpoint: EndpointName::new("e"),
        arn: StateMachineArn::parse(arn).expect("an ARN"),
        machine_type: MachineType::Unknown,
        input: Payload::received("{\"order\": 4711}"),
        presets: Vec::new(),
    }
}

async fn player(gateway: &OddGateway) -> Player {
    let refund = ORDER.replace(":Order", ":Refund");
    let machines = vec![machine("order", ORDER), machine("refund", &refund)];
    Player::new(Endpoint::plain("e", &gateway.url()), machines, 160, 40).await
}

#[tokio::test]
async fn an_input_that_was_changed_marks_the_row_and_is_not_sent_again() {
    let gateway = OddGateway::serve(Shape::RequestId, LASTS).await;
    let mut player = player(&gateway).await;
    player.keys("n order enter ctrl-s").await;
    player.until_text("input changed").await;
    player.until_text("SUCCEEDED").await;
    player.until("which mapping causes it", |screen| screen.contains("Warning: the execution received")).await;
    player.until("what the execution received", |screen| screen.contains("stateMachineArn")).await;
    player.keys("r").await;
    player.until_text("Start order").await;
    let form = player.screen();
    let form: Vec<&str> = form.lines().filter(|line| line.contains("4711")).collect();
    assert!(
        form.iter().any(|line| line.contains("{\"order\": 4711}") && !line.contains("stateMachineArn")),
        "{form:?}"
    );
}

#[tokio::test]
async fn a_start_of_another_machine_is_shown_with_both_arns_and_never_as_a_success() {
    let gateway = OddGateway::serve(Shape::Fixed, LASTS).await;
    let mut player = player(&gateway).await;
    player.keys("n refund enter ctrl-s").await;
    player.until_text("UNRESOLVED").await;
    player.keys("m").await;
    player.until("both ARNs", |screen| screen.contains(":Refund") && screen.contains(":execution:Order:")).await;
    assert!(!player.screen().contains("SUCCEEDED"));
    assert_eq!(gateway.starts(), 1);
}

#[tokio::test]
async fn each_start_keeps_its_row_with_cached_responses() {
    let gateway = OddGateway::serve(Shape::External, LASTS).await;
    let mut player = player(&gateway).await;
    for count in 1..=3 {
        player.keys("n order enter ctrl-s").await;
        player.until("the form to close", |screen| !screen.contains("Start order")).await;
        assert_eq!(player.model().list().executions().len(), count);
    }
    player.until("one success", |screen| screen.contains("1 succeeded") && screen.contains("2 unknown")).await;
}

#[tokio::test]
async fn a_lost_response_at_a_gateway_that_makes_up_names_stays_open_and_is_sent_once() {
    let gateway = OddGateway::serve_with(Shape::Unnamed, LASTS, |request: &Request, fate| {
        if request.path.ends_with("/execution") { Fate::Close } else { fate }
    })
    .await;
    let endpoint = Endpoint { names: Some(NameHandling::Ignored), ..Endpoint::plain("e", &gateway.url()) };
    let mut player = Player::new(endpoint, vec![machine("order", ORDER)], 160, 40).await;
    player.keys("enter ctrl-s").await;
    player.until_text("UNRESOLVED").await;
    player.until_text("it may run under another name").await;
    assert_eq!((gateway.starts(), gateway.requests(), gateway.executions().len()), (1, 1, 1));
    assert!(!player.screen().contains("NOT STARTED"));
}

#[tokio::test]
async fn a_name_whose_start_is_unresolved_is_not_sent_again() {
    let gateway = OddGateway::serve(Shape::UnnamedMute, LASTS).await;
    let mut player = player(&gateway).await;
    player.keys("n order enter tab once ctrl-s").await;
    player.until_text("UNRESOLVED").await;
    player.keys("n order enter tab once ctrl-s").await;
    player.until_text("was sent before and is unresolved").await;
    assert_eq!((gateway.starts(), gateway.executions().len()), (1, 1));
}

#[tokio::test]
async fn a_synchronous_response_is_shown_as_the_outcome() {
    let gateway = OddGateway::serve(Shape::Sync, Duration::ZERO).await;
    let mut player = player(&gateway).await;
    player.keys("n order enter ctrl-s").await;
    player.until("the outcome", |screen| screen.contains("SUCCEEDED") && screen.contains("\"total\": 12")).await;
    player.keys("n order enter ctrl-a ctrl-k").await;
    player.paste("{\"fail\": true}").await;
    player.keys("ctrl-s").await;
    player.until("its error", |screen| screen.contains("FAILED") && screen.contains("Boom")).await;
    assert_eq!(gateway.requests(), 2);
}

#[tokio::test]
async fn a_stop_that_came_too_late_says_how_it_had_ended() {
    let served = Served::new(Options::default());
    let (endpoint, machines) = endpoint_and_machines(&served.url());
    let mut player = Player::new(endpoint, machines, 140, 40).await;
    player.keys("n wait enter tab late shift-tab ctrl-a ctrl-k").await;
    player.paste("{\"seconds\": 1}").await;
    player.keys("ctrl-s").await;
    player.until_text("RUNNING").await;
    player.keys("x").await;
    player.until_text("Stop late?").await;
    // It ends while the dialog is open.
    player.until_text("SUCCEEDED").await;
    player.keys("y enter").await;
    player.until_text("late had already ended: SUCCEEDED.").await;
    assert!(!player.screen().contains("was stopped"));
}
