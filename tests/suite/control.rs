//! Whole sessions about stopping and redriving, by key script against the local gateway.

use crate::support::gateway::Served;
use crate::support::player::Player;
use stepgate::config::local_gateway::endpoint_and_machines;
use stepgate_core::domain::{Endpoint, Machine, OptionalRoutes};
use stepgate_local::Options;

async fn with(change: impl FnOnce(&mut Endpoint, &mut Vec<Machine>)) -> (Served, Player) {
    let served = Served::new(Options::default());
    let (mut endpoint, mut machines) = endpoint_and_machines(&served.url());
    change(&mut endpoint, &mut machines);
    (served, Player::new(endpoint, machines, 140, 40).await)
}

async fn start(player: &mut Player, machine: &str, name: &str) {
    player.keys(&format!("n {machine} enter tab {name} ctrl-s")).await;
    player.until("the form to close", |screen| !screen.contains(&format!("Start {machine}"))).await;
}

async fn running(player: &mut Player, name: &str) {
    start(player, "WaitStateMachine", name).await;
    player.until_text("RUNNING").await;
}

#[tokio::test]
async fn a_stop_is_confirmed_once_and_has_an_error_and_a_cause() {
    let (_served, mut player) = with(|_, _| {}).await;
    running(&mut player, "order-1").await;
    player.keys("x").await;
    player.until_text("Stop order-1?").await;
    player.keys("n enter").await;
    player.until_text("Type y, or `order-1`.").await;
    player.keys("backspace order-1 tab Late tab").await;
    player.paste("the customer has gone").await;
    player.keys("enter").await;
    player.until_text("order-1 was stopped.").await;
    player.until_text("ABORTED").await;
    player.until("error and cause", |screen| screen.contains("Late") && screen.contains("customer has gone")).await;
    player.keys("x").await;
    player.until_text("order-1 cannot be stopped: it is already ABORTED.").await;
}

#[tokio::test]
async fn what_is_marked_is_stopped_together_with_a_result_for_each() {
    let (_served, mut player) = with(|_, _| {}).await;
    start(&mut player, "PassStateMachine", "done").await;
    player.until_text("SUCCEEDED").await;
    for name in ["one", "two", "three"] {
        running(&mut player, name).await;
    }
    player.keys("*").await;
    player.until_text("◆ 4 marked").await;
    player.keys("x").await;
    player.until_text("Stop 3 executions?").await;
    player.until_text("1 of those marked cannot be stopped.").await;
    player.keys("y enter").await;
    player.until_text("3 stopped · 0 failed · 0 to go").await;
    let screen = player.screen();
    assert!(screen.contains("✔ one") && screen.contains("✔ two") && screen.contains("✔ three"), "{screen}");
    player.keys("esc").await;
    player.until("all three ends", |screen| screen.matches("ABORTED").count() >= 3).await;
    assert!(!player.screen().contains("marked"));
}

#[tokio::test]
async fn what_failed_is_redriven_and_watched_again() {
    let (_served, mut player) = with(|_, _| {}).await;
    start(&mut player, "FailStateMachine", "boom").await;
    player.until_text("FAILED").await;
    player.keys("R").await;
    player.until_text("Redrive boom?").await;
    player.keys("y enter").await;
    player.until_text("once, last").await;
    player.until("the second end", |screen| screen.contains("FAILED") && screen.contains("1 failed")).await;
    start(&mut player, "PassStateMachine", "fine").await;
    player.until_text("SUCCEEDED").await;
    player.keys("R").await;
    player
        .until_text(
            "fine cannot be redriven: it is SUCCEEDED; only FAILED, TIMED_OUT and ABORTED executions can be redriven.",
        )
        .await;
}

#[tokio::test]
async fn without_the_route_it_says_how_to_get_it() {
    let (_served, mut player) = with(|endpoint, _| endpoint.optional_routes = OptionalRoutes::default()).await;
    running(&mut player, "order-1").await;
    assert!(!player.screen().contains("x stop"), "the footer offers only what is of use");
    player.keys("x").await;
    player.until_text("declares no route `stop`").await;
    let screen = player.screen();
    assert!(screen.contains("stop = \"/execution/stop\""), "{screen}");
}
