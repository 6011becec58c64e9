//! Whole sessions with the timeline, by key script against the local gateway.

use crate::support::gateway::Served;
use crate::support::player::Player;
use stepgate::config::local_gateway::endpoint_and_machines;
use stepgate_core::domain::OptionalRoutes;
use stepgate_local::Options;

async fn with(change: impl FnOnce(&mut OptionalRoutes)) -> (Served, Player) {
    let served = Served::new(Options::default());
    let (mut endpoint, machines) = endpoint_and_machines(&served.url());
    change(&mut endpoint.optional_routes);
    (served, Player::new(endpoint, machines, 140, 40).await)
}

async fn start(player: &mut Player, machine: &str, input: &str) {
    player.keys(&format!("n {machine} enter ctrl-a ctrl-k")).await;
    player.paste(input).await;
    player.keys("ctrl-s").await;
    player.until("the form to close", |screen| !screen.contains(&format!("Start {machine}"))).await;
}

#[tokio::test]
async fn the_step_that_failed_is_looked_at_first() {
    let (_served, mut player) = with(|_| {}).await;
    start(&mut player, "FailStateMachine", "{\"order\": 4711}").await;
    player.until_text("FAILED").await;
    player.keys("t").await;
    player
        .until("the failed step and why", |screen| {
            let failed = screen.lines().any(|line| line.contains("▸✖ ") || line.contains("▸  ✖ "));
            failed && screen.contains("PaymentRefused") && screen.contains("\"errorMessage\"")
        })
        .await;
    // Its input comes when it is looked at.
    player.keys("tab").await;
    player.until_text("\"order\": 4711").await;
    player.keys("enter / 4 7 enter").await;
    player.until_text("1/1 /47").await;
    player.keys("esc esc").await;
    assert!(player.screen().contains("Machines"));
}

#[tokio::test]
async fn it_is_updated_while_the_execution_runs() {
    let (served, mut player) = with(|_| {}).await;
    start(&mut player, "WaitStateMachine", "{\"seconds\": 4}").await;
    player.keys("t").await;
    player.until("the state that waits", |screen| screen.lines().any(|line| line.contains("● Wait"))).await;
    player.until("its end", |screen| screen.lines().any(|line| line.contains("✔ Wait"))).await;
    let asked = served.gateway.requests();
    player.keys("esc").await;
    player.until_text("1 succeeded").await;
    assert!(served.gateway.requests() <= asked + 2, "no history is read while its timeline is closed");
}

#[tokio::test]
async fn the_definition_is_read_like_any_text() {
    let (_served, mut player) = with(|_| {}).await;
    start(&mut player, "PassStateMachine", "{}").await;
    player.until_text("SUCCEEDED").await;
    player.keys("D").await;
    player
        .until("the definition", |screen| {
            screen.contains("Definition of PassStateMachine") && screen.contains("\"StartAt\"")
        })
        .await;
    player.keys("/ StartAt enter").await;
    player.until_text("1/1 /StartAt").await;
    player.keys("| . S t a r t A t").await;
    player.until("what the filter makes of it", |screen| !screen.contains("\"States\"")).await;
    player.keys("esc esc").await;
    assert!(player.screen().contains("Machines"));
}

#[tokio::test]
async fn without_the_route_of_definitions_it_says_how_to_get_it() {
    let (_served, mut player) = with(|routes| routes.definition = None).await;
    start(&mut player, "PassStateMachine", "{}").await;
    player.until_text("SUCCEEDED").await;
    player.keys("D").await;
    player.until_text("declares no route `definition`").await;
}

#[tokio::test]
async fn without_the_route_it_says_how_to_get_it() {
    let (_served, mut player) = with(|routes| routes.history = None).await;
    start(&mut player, "PassStateMachine", "{}").await;
    player.until_text("SUCCEEDED").await;
    player.keys("t").await;
    player.until_text("The timeline needs the route `history`").await;
    let screen = player.screen();
    assert!(screen.contains("[endpoints.local.routes]") && screen.contains("Machines"), "{screen}");
}
