//! Whole sessions about reading, by key script against the local gateway: fold, search, paths, copying and saving.

use crate::support::gateway::Served;
use crate::support::player::Player;
use stepgate::config::local_gateway::endpoint_and_machines;
use stepgate::runtime::TerminalRequest;
use stepgate_local::Options;

const ORDER: &str = r#"{"order":4711,"parcels":[{"id":1,"kg":1.0},{"id":2,"kg":1.10}],"note":"完了"}"#;

/// An execution that has put out its input, with the keys in its output.
async fn order() -> (Served, Player) {
    let served = Served::new(Options::default());
    let (endpoint, machines) = endpoint_and_machines(&served.url());
    let mut player = Player::new(endpoint, machines, 140, 40).await;
    player.keys("enter ctrl-a ctrl-k").await;
    player.paste(ORDER).await;
    player.keys("ctrl-s").await;
    player.until_text("SUCCEEDED").await;
    player.until("the output", |screen| screen.matches("\"kg\": 1.10").count() == 2).await;
    player.keys("enter").await;
    (served, player)
}

/// What is in the output pane.
fn output(player: &mut Player) -> String {
    let screen = player.screen();
    screen.split_once("┏ Output").expect("the output has the keys").1.to_owned()
}

#[tokio::test]
async fn folding_hides_and_the_title_shows_the_path() {
    let (_served, mut player) = order().await;
    player.keys("j j enter").await;
    let pane = output(&mut player);
    assert!(pane.starts_with(" .parcels ") && pane.contains("\"parcels\": [ … 2 ],"), "{pane}");
    player.keys("enter j j").await;
    let pane = output(&mut player);
    assert!(pane.starts_with(" .parcels[0].id ") && !pane.contains('…'), "{pane}");
}

#[tokio::test]
async fn a_search_is_followed_while_it_is_typed_and_goes_round() {
    let (_served, mut player) = order().await;
    player.keys("- / k g enter").await;
    let pane = output(&mut player);
    assert!(pane.starts_with(" .parcels[0].kg 1/2 /kg"), "{pane}");
    player.keys("n").await;
    assert!(output(&mut player).starts_with(" .parcels[1].kg 2/2 /kg"));
    player.keys("n N").await;
    assert!(output(&mut player).starts_with(" .parcels[1].kg 2/2 /kg"));
    // Going back from another search brings the first one back.
    player.keys("/ n o w h e r e").await;
    player.until_text("No match for `nowhere`.").await;
    player.keys("esc").await;
    assert!(output(&mut player).starts_with(" .parcels[1].kg 2/2 /kg"));
}

#[tokio::test]
async fn a_path_is_gone_to_while_it_is_typed() {
    let (_served, mut player) = order().await;
    player.keys(". p a r c e l s [ 1 ]").await;
    assert!(output(&mut player).starts_with(" .parcels[1] "));
    player.keys(". x").await;
    player.until_text("there is no .x in .parcels[1], which has id, kg").await;
    player.keys("enter").await;
    assert!(output(&mut player).starts_with(" .parcels[1] "));
}

#[tokio::test]
async fn a_filter_runs_while_it_is_typed_and_stays_for_other_executions() {
    let (_served, mut player) = order().await;
    player.keys("|").await;
    player.paste("parcels[] | .kg").await;
    player.until("the result", |screen| screen.contains("1.0 ") && screen.contains("1.10")).await;
    player.paste(" | foo").await;
    player.until_text("there is no filter `foo/0`").await;
    player.keys("esc").await;
    assert!(output(&mut player).contains("\"order\": 4711"));
    // Taken this time, and there for the next execution, too.
    player.keys("|").await;
    player.paste("order * 2").await;
    player.until_text("9422").await;
    player.keys("enter r ctrl-s").await;
    player.until("two ends", |screen| screen.contains("2 succeeded") && screen.contains("9422")).await;
    // Up brings it back, and an empty one takes it away.
    player.keys("enter | up ctrl-a ctrl-k enter").await;
    assert!(output(&mut player).contains("\"order\": 4711"));
}

#[tokio::test]
async fn a_filter_that_hangs_or_crashes_does_no_harm() {
    let (_served, mut player) = order().await;
    player.keys("|").await;
    player.paste(" | def f: 1+f; f").await;
    player.until_text("the filter ran out of memory").await;
    // The next one stops one that would run forever.
    player.keys("ctrl-a ctrl-k").await;
    player.paste("def f: f; f").await;
    player.keys("ctrl-a ctrl-k").await;
    player.paste("$ENV, env").await;
    player.until_text("there is no variable `$ENV`").await;
    player.keys("ctrl-a ctrl-k").await;
    player.paste("env").await;
    player.until("an empty environment", |screen| screen.contains("jq env") && screen.contains("{}")).await;
}

#[tokio::test]
async fn a_pane_takes_the_whole_screen_and_gives_it_back() {
    let (_served, mut player) = order().await;
    player.keys("f p").await;
    let screen = player.screen();
    assert!(screen.contains(ORDER) && !screen.contains("Machines"), "{screen}");
    assert!(screen.contains("as received"), "{screen}");
    player.keys("esc").await;
    assert!(player.screen().contains("Machines"));
    player.keys("esc").await;
    assert!(player.screen().contains("┏ Executions"));
}

#[tokio::test]
async fn copying_goes_by_the_terminal_and_says_so() {
    let (_served, mut player) = order().await;
    player.keys(". n o t e enter y").await;
    let screen = player.screen();
    assert!(screen.contains("┏ Copy") && screen.contains("stepgate command"), "{screen}");
    player.keys("y").await;
    player.until_text("Copied the value under the cursor (8 bytes) through the terminal (OSC 52)").await;
    let expected = TerminalRequest::Write("\u{1b}]52;c;IuWujOS6hiI=\u{1b}\\".into());
    assert_eq!(player.wishes.last(), Some(&expected), "it is \"完了\" with its quotes");
    player.keys("y e").await;
    player.until_text("It has no error.").await;
    assert_eq!(player.wishes.len(), 1, "nothing more was written");
}

#[tokio::test]
async fn a_saved_text_is_as_received_and_replaces_no_file_without_confirmation() {
    let (_served, mut player) = order().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.json").display().to_string();
    for (round, enters) in [("saved", "enter"), ("asked, then saved", "enter")] {
        player.keys("Y o ctrl-a ctrl-k").await;
        player.paste(&path).await;
        player.keys(enters).await;
        if round != "saved" {
            player.until_text("The file exists. Press Enter to overwrite it.").await;
            player.keys("enter").await;
        }
        player.until_text("Saved to").await;
        assert_eq!(std::fs::read_to_string(&path).expect("the file"), ORDER, "{round}");
        player.keys("esc").await;
    }
}
