//! Keys that need an input or output that is still being read from the store.

use std::time::Duration;

use crate::support::render;
use crate::support::scene::{self, NOW, press};
use stepgate::app::{Effect, Model, Msg, Overlay, Pane, update};
use stepgate::ui::Theme;
use stepgate_core::domain::{
    EndpointName, ExecutionArn, ExecutionId, ExecutionRecord, GatewayTotals, Observation, OtherMembers, Page, Payload,
    Remembered, Status, StoredPayloads, Timestamp, Totals,
};

const INPUT: &str = "{\"order\": 4711.0}";
const OUTPUT: &str = "{\"paid\": true, \"parcels\": [1, 2]}";

/// A model with executions of an earlier launch, whose texts are in the store. The first is selected; its texts are being
/// read.
fn model() -> (Model, ExecutionId) {
    let mut model = scene::opened(120, 40);
    let gateway = model.shell().endpoints().first().expect("an endpoint").gateway.clone();
    let record = |index: i64| {
        let started = Timestamp::from_millis(NOW.as_millis() - index * 60_000);
        let arn = "arn:aws:states:ap-northeast-1:111122223333:execution:OrderPipeline:run";
        let arn = ExecutionArn::parse(&format!("{arn}-{index}")).expect("an ARN");
        ExecutionRecord {
            gateway: gateway.clone(),
            endpoint: EndpointName::new("dev"),
            machine_name: "order-pipeline".into(),
            machine: arn.machine(),
            arn,
            started,
            last_response: Some(started),
            seen: Some(Observation {
                stop_date: Some(started.plus(Duration::from_secs(1))),
                ..Observation::new(Status::Succeeded, started)
            }),
            given_up: None,
            input_digest: None,
            warning: None,
            is_others: false,
            start_members: OtherMembers::default(),
        }
    };
    let page = Page { records: (1..=3).map(record).collect(), next: None };
    let totals = GatewayTotals::from(vec![(gateway, Totals { succeeded: 3, ..Totals::default() })]);
    let effects = update(&mut model, Msg::StoreLoaded(Box::new(Remembered { page, totals, ..Remembered::default() })));
    assert_eq!(model.shell().focus(), Pane::Executions);
    let id = model.selected().expect("the newest").id;
    assert!(reads(&effects, id), "{effects:?}");
    (model, id)
}

fn reads(effects: &[Effect], of: ExecutionId) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::ReadPayloads(id, ..) if *id == of))
}

/// The texts come from the store.
fn read(model: &mut Model, id: ExecutionId) -> Vec<Effect> {
    let payloads = StoredPayloads {
        input: Some(Payload::received(INPUT)),
        output: Some(Payload::received(OUTPUT)),
        ..StoredPayloads::default()
    };
    update(model, Msg::PayloadsRead(id, Ok(payloads)))
}

fn screen(model: &Model) -> String {
    render::text_of(&render::drawn(model, &Theme::dark()))
}

/// The screen of a model, and its effects.
fn state(model: &Model, effects: &[Effect]) -> (String, Vec<String>) {
    let lasting = |effect: &&Effect| !matches!(effect, Effect::ReadPayloads(..) | Effect::ReadPage(_));
    (screen(model), effects.iter().filter(lasting).map(|effect| format!("{effect:?}")).collect())
}

/// Keys that are pressed before the texts are here do what they do afterwards.
#[test]
fn keys_do_the_same_before_and_after_the_text_is_read() {
    let scripts = [
        "r",
        "r tab tab x",
        "r ctrl-s",
        "r ctrl-a ctrl-k { } ctrl-s",
        "y i",
        "y o",
        "y c",
        "y s",
        "y e",
        "y a",
        "Y i",
        "Y o x . j s o n enter",
        "y i y o",
        "y i r",
        "enter / p a i d enter",
        "enter / j enter",
        "enter | . p a r c e l s enter",
        "enter . p a i d enter",
        "enter j j j enter",
        "enter G y y",
        "enter -",
        "enter p w",
        "enter n",
        "enter shift-tab / 4 7 enter",
        ": s t a r t space a g a i n enter",
        "j r",
        "j j y i",
        "space j c",
        "c",
        "x",
        "?",
        "f r",
        // Letters that move in the list are text in the form that opens.
        "r tab w o r k e r ctrl-s",
        "r tab m y - j o b - G e k ctrl-s",
        "r ctrl-s j",
        "y i j",
        "y i j y i",
        "r esc j j r",
    ];
    for script in scripts {
        let (mut before, _) = model();
        let mut effects = press(&mut before, script);
        let (mut after, _) = model();
        let mut expected = Vec::new();
        let ids: Vec<ExecutionId> = after.list().executions().rows().map(|row| row.id).collect();
        for id in &ids {
            effects.extend(read(&mut before, *id));
        }
        // Here each text is read before the next key.
        expected.extend(read_all(&mut after));
        for word in script.split(' ') {
            expected.extend(press(&mut after, word));
            expected.extend(read_all(&mut after));
        }
        assert_eq!(state(&before, &effects), state(&after, &expected), "{script}");
        assert!(before.keys().deferred().is_none(), "{script}");
    }
}

fn read_all(model: &mut Model) -> Vec<Effect> {
    let ids: Vec<ExecutionId> = model.list().executions().rows().map(|row| row.id).collect();
    ids.into_iter().flat_map(|id| read(model, id)).collect()
}

#[test]
fn keys_typed_in_a_row_wait_as_well() {
    let (mut model, id) = model();
    update(&mut model, Msg::Typed("r".into()));
    let long = format!("\"{}\"", "x".repeat(2_000));
    update(&mut model, Msg::Typed(long.clone()));
    update(&mut model, Msg::Paste("pasted".into()));
    assert!(matches!(model.shell().overlay(), Overlay::None));
    read(&mut model, id);
    let Overlay::Start(form) = model.shell().overlay() else { panic!("{}", screen(&model)) };
    assert!(form.input.text().contains(&long) && form.input.text().contains("pasted"), "{}", form.input.text());
}

#[test]
fn esc_cancels() {
    for script in ["r esc", "r j esc", "y i esc", "y i j esc", "Y o esc", "enter / esc"] {
        let (mut model, id) = model();
        let mut effects = press(&mut model, script);
        effects.extend(read(&mut model, id));
        assert!(
            model.shell().overlay().context().is_none() && model.keys().deferred().is_none(),
            "{script}: {}",
            screen(&model)
        );
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Copy(_))), "{script}: {effects:?}");
    }
}

#[test]
fn what_waits_longer_is_on_the_screen_and_can_be_left() {
    let (mut model, id) = model();
    press(&mut model, "r");
    assert!(!screen(&model).contains("Esc cancels"), "{}", screen(&model));
    let later = model.next_wake().expect("a wake-up").plus(Duration::from_secs(1));
    update(&mut model, Msg::Clock(later));
    assert!(screen(&model).contains("Reading the input and output of run-1. Esc cancels."), "{}", screen(&model));
    let effects = press(&mut model, "ctrl-c");
    assert!(effects.contains(&Effect::Quit), "{effects:?}");
    read(&mut model, id);
    assert!(!screen(&model).contains("Esc cancels"), "{}", screen(&model));
}

#[test]
fn a_text_that_cannot_be_read_is_reported_and_read_again_by_the_next_key() {
    for script in ["r", "y i", "Y o", "enter / x", ": s t a r t space a g a i n enter"] {
        let (mut model, id) = model();
        press(&mut model, script);
        update(&mut model, Msg::PayloadsRead(id, Err("the disk is gone".into())));
        assert!(screen(&model).contains("cannot be read: the disk is gone"), "{script}: {}", screen(&model));
        assert!(
            model.shell().overlay().context().is_none() && model.keys().deferred().is_none(),
            "{script}: {}",
            screen(&model)
        );
        // No request is repeated by itself.
        let now = model.now().plus(Duration::from_secs(5));
        assert!(!reads(&update(&mut model, Msg::Clock(now)), id));
        let effects = press(&mut model, "r");
        assert!(reads(&effects, id), "{script}: {effects:?}");
        read(&mut model, id);
        assert!(matches!(model.shell().overlay(), Overlay::Start(_)), "{script}: {}", screen(&model));
    }
    // Coming back to it reads it again, too.
    let (mut model, id) = model();
    update(&mut model, Msg::PayloadsRead(id, Err("the disk is gone".into())));
    press(&mut model, "j");
    assert!(reads(&press(&mut model, "k"), id));
}
