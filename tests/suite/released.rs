//! What the terminal UI holds in memory stays bounded, whatever it has seen.

use std::time::Duration;

use crate::support::{render, scene};
use stepgate::app::row::Kept;
use stepgate::app::{Effect, Model, Msg, update};
use stepgate::domain::{ExecutionId, KeptPayloads, Observation, Payload, Status, Verdict};
use stepgate::ui::Theme;

const MIB: usize = 1024 * 1024;

/// A model that has seen this many executions end, one a second, with an output of a mebibyte each.
fn with_ends(mut model: Model, count: usize) -> (Model, Vec<ExecutionId>) {
    let ids: Vec<ExecutionId> = (0..count)
        .map(|index| {
            let id = scene::started(&mut model, "order", &format!("run-{index}"), 1);
            let output = Payload::received(format!("\"{index}{}\"", "x".repeat(MIB)));
            let seen = scene::seen(&model, id, Status::Succeeded, Duration::from_secs(1));
            let answer = Observation { output: Some(output), ..seen };
            scene::answered(&mut model, id, Ok(answer), Verdict::Ended);
            let now = model.now.plus(Duration::from_secs(1));
            update(&mut model, Msg::Clock(now));
            assert!(model.executions.held() < 45 * MIB, "{} bytes", model.executions.held());
            id
        })
        .collect();
    (model, ids)
}

#[test]
fn outputs_go_back_to_the_store_and_come_again_when_they_are_looked_at() {
    let (mut model, ids) = with_ends(scene::opened(120, 40), 200);
    assert!(model.executions.held() < 30 * MIB, "{} bytes", model.executions.held());
    let kept = |model: &Model, id| model.executions.get(id).expect("a row").kept;
    assert_eq!((kept(&model, ids[0]), kept(&model, ids[199])), (Kept::InStore, Kept::Here));
    model.executions.select(Some(ids[0]));
    let now = model.now;
    let effects = update(&mut model, Msg::Clock(now));
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::ReadPayloads(id, ..) if *id == ids[0])),
        "{effects:?}"
    );
    let payloads = KeptPayloads {
        input: Some(Payload::received("{}")),
        output: Some(Payload::received("\"back\"")),
        ..KeptPayloads::default()
    };
    update(&mut model, Msg::PayloadsRead(ids[0], Ok(payloads)));
    let seen = model.executions.get(ids[0]).and_then(|row| row.seen()).expect("seen");
    assert_eq!(seen.output.as_ref().map(Payload::as_str), Some("\"back\""));
}

#[test]
fn without_a_store_the_latest_are_kept_and_the_screen_says_so_of_the_others() {
    let mut model = scene::opened(120, 40);
    model.released = Kept::Dropped;
    let (mut model, ids) = with_ends(model, 100);
    assert!(model.executions.held() < 20 * MIB, "{} bytes", model.executions.held());
    model.executions.select(Some(ids[0]));
    let now = model.now;
    let effects = update(&mut model, Msg::Clock(now));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::ReadPayloads(..))), "{effects:?}");
    let screen = render::text_of(&render::drawn(&model, &Theme::dark()));
    assert!(screen.contains("No longer in memory"), "{screen}");
}
