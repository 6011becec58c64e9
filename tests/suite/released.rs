//! The memory of the terminal UI is limited, regardless of what it has shown.

use std::time::Duration;

use crate::support::{render, scene};
use stepgate::app::{Effect, Model, Msg, PayloadLocation, Setup, update};
use stepgate::ui::Theme;
use stepgate_core::domain::{ExecutionId, Observation, Payload, Settled, Started, Status, StoredPayloads, Verdict};

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
            let now = model.now().plus(Duration::from_secs(1));
            update(&mut model, Msg::Clock(now));
            assert!(model.list().executions().held() < 20 * MIB, "{} bytes", model.list().executions().held());
            id
        })
        .collect();
    (model, ids)
}

#[test]
fn outputs_go_back_to_the_store_and_come_again_when_they_are_looked_at() {
    let (mut model, ids) = with_ends(scene::opened(120, 40), 200);
    assert!(model.list().executions().held() < 6 * MIB, "{} bytes", model.list().executions().held());
    let kept = |model: &Model, id| model.list().executions().get(id).expect("a row").payloads;
    assert_eq!((kept(&model, ids[0]), kept(&model, ids[199])), (PayloadLocation::InStore, PayloadLocation::Here));
    let effects = scene::press(&mut model, "G");
    assert_eq!(model.selected().map(|row| row.id), Some(ids[0]));
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::ReadPayloads(id, ..) if *id == ids[0])),
        "{effects:?}"
    );
    let payloads = StoredPayloads {
        input: Some(Payload::received("{}")),
        output: Some(Payload::received("\"back\"")),
        ..StoredPayloads::default()
    };
    update(&mut model, Msg::PayloadsRead(ids[0], Ok(payloads)));
    let seen = model.list().executions().get(ids[0]).and_then(|row| row.seen()).expect("seen");
    assert_eq!(seen.output.as_ref().map(Payload::as_str), Some("\"back\""));
}

#[test]
fn without_a_store_the_latest_are_kept_and_the_screen_says_so_of_the_others() {
    let setup = Setup { store_error: Some("the disk is full".into()), ..scene::setup(120, 40) };
    let (mut model, ids) = with_ends(Model::new(setup), 100);
    assert!(model.list().executions().held() < 20 * MIB, "{} bytes", model.list().executions().held());
    let effects = scene::press(&mut model, "G");
    assert_eq!(model.selected().map(|row| row.id), Some(ids[0]));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::ReadPayloads(..))), "{effects:?}");
    let screen = render::text_of(&render::drawn(&model, &Theme::dark()));
    assert!(screen.contains("No longer in memory"), "{screen}");
}

/// The first execution of a batch is selected, and nothing else happens for as long as the batch takes.
#[test]
fn an_unattended_selection_does_not_keep_everything_newer_in_memory() {
    let mut model = scene::opened(120, 40);
    let first = scene::started(&mut model, "order", "first", 1);
    let seen = scene::seen(&model, first, Status::Succeeded, Duration::from_secs(1));
    scene::answered(&mut model, first, Ok(seen), Verdict::Ended);
    for (index, order) in scene::batch(&mut model, 9_000).into_iter().enumerate() {
        let arn = order.machine.execution(&order.name);
        let started = Started::new(arn.clone(), Some(scene::NOW));
        let gateway = order.gateway.clone();
        update(&mut model, Msg::BatchLineFinished(Box::new(order), None, Settled::Confirmed(started)));
        let id = model.list().executions().find(&gateway, &arn).expect("a row").id;
        let seen = scene::seen(&model, id, Status::Succeeded, Duration::from_secs(1));
        scene::answered(&mut model, id, Ok(seen), Verdict::Ended);
        let now = model.now().plus(Duration::from_millis(100));
        update(&mut model, Msg::Clock(now));
        // A key keeps the selection where it is.
        if index == 3_500 {
            scene::press(&mut model, "tab");
            assert_eq!(model.selected().map(|row| row.id), Some(first));
        }
    }
    assert_ne!(model.selected().map(|row| row.id), Some(first));
    assert!(model.list().executions().len() < 8_500, "{} rows", model.list().executions().len());
}
