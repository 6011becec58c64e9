//! Messages above the footer: each disappears with its cause, and Esc dismisses it.

use std::time::Duration;

use crate::support::render::{drawn, text_of};
use crate::support::scene::{answered, at_work, opened, ordered, press, seen};
use crate::support::scenes::in_batch;
use crate::support::scenes::steerable;
use crate::support::scenes::timeline;
use stepgate::app::{Model, Msg, Overlay, update};
use stepgate::ui::Theme;
use stepgate_core::domain::{Failure, FailureKind, Settled, Status, Unreachable, Verdict};

fn message(model: &Model) -> Option<&str> {
    model.shell().notices().current().map(|notice| &*notice.text)
}

fn shows(model: &Model, text: &str) -> bool {
    message(model).is_some_and(|message| message.contains(text))
}

#[test]
fn a_message_about_a_form_or_prompt_goes_with_it_or_when_it_is_corrected() {
    // The keys to get there, the message, and what makes it disappear.
    for (keys, said, gone) in [
        ("n order enter x ctrl-g", "The input was not formatted", &["delete", "esc", "ctrl-c", "ctrl-n", "ctrl-p"][..]),
        ("n order enter x ctrl-s", "Nothing was sent", &["delete", "esc", "ctrl-n"]),
        ("n order enter tab a / b ctrl-s", "Nothing was sent", &["delete", "esc", "ctrl-k"]),
        ("n order enter ctrl-x", "The machine is on no other endpoint", &["1", "esc"]),
        ("n order enter 1 esc n order enter", "Restored your last input", &["1", "esc", "ctrl-n"]),
        ("/ s t a t u s : f a i l e d tab", "The word is complete", &["x", "esc", "enter", "ctrl-c"]),
    ] {
        for key in gone {
            let mut model = at_work(120, 40);
            press(&mut model, keys);
            assert!(shows(&model, said), "{keys}: {:?}", message(&model));
            // Moving the cursor corrects nothing, and the help covers everything for a moment.
            press(&mut model, "home f1 esc");
            assert!(shows(&model, said), "{keys}: {:?}", message(&model));
            press(&mut model, key);
            assert_eq!(message(&model), None, "{keys}, then {key}");
            press(&mut model, "esc esc esc esc m");
            let page = text_of(&drawn(&model, &Theme::dark()));
            assert!(page.contains(said), "the messages page keeps it: {page}");
        }
    }
}

#[test]
fn a_refusal_goes_when_the_form_is_edited() {
    for (key, is_gone) in [("tab", false), ("left", false), ("x", true), ("esc", true)] {
        let mut model = opened(120, 40);
        let (id, _) = ordered(press(&mut model, "n order enter tab taken ctrl-s"));
        let failure = Failure::without_response(FailureKind::ExecutionAlreadyExists, "exists");
        update(&mut model, Msg::StartFinished(id, None, Settled::Refused(failure)));
        assert!(shows(&model, "Ctrl-T watches the execution that has it"), "{:?}", message(&model));
        press(&mut model, key);
        assert_eq!(message(&model).is_none(), is_gone, "{key}: {:?}", message(&model));
    }
}

#[test]
fn a_message_about_the_selected_row_goes_with_the_selection() {
    for (keys, gone) in [("x", "j"), ("t", "tab"), ("x", "n"), ("t", "/ order enter"), ("R", "D")] {
        let mut model = at_work(120, 40);
        press(&mut model, keys);
        assert!(message(&model).is_some(), "{keys}");
        press(&mut model, gone);
        assert_eq!(message(&model), None, "{keys}, then {gone}");
    }
}

#[test]
fn a_message_about_what_happened_stays_until_esc() {
    for (mut model, keys) in
        [(at_work(120, 40), "j tab n order enter esc / x esc ? esc"), (timeline(120, 40, ""), "j enter h")]
    {
        update(&mut model, Msg::Copied(Err("The clipboard does not answer.".into())));
        press(&mut model, keys);
        assert!(shows(&model, "clipboard"), "{keys}: {:?}", message(&model));
        let contexts = model.contexts();
        press(&mut model, "esc");
        assert_eq!((message(&model), model.contexts()), (None, contexts), "Esc dismisses it and nothing else");
    }
}

#[test]
fn a_message_about_a_failing_status_goes_when_the_status_is_known() {
    let mut model = at_work(120, 40);
    let id = model.selected().expect("selected").id;
    let failure = Failure::without_response(FailureKind::Forbidden, "denied");
    answered(&mut model, id, Err(failure), Verdict::Postponed(Duration::from_secs(8)));
    assert!(shows(&model, "order-4711"), "{:?}", message(&model));
    press(&mut model, "j");
    assert!(shows(&model, "order-4711"), "it is about the row, not the selection");
    let running = seen(&model, id, Status::Running, Duration::ZERO);
    answered(&mut model, id, Ok(running), Verdict::Watching(Duration::from_secs(1)));
    assert_eq!(message(&model), None);
}

#[test]
fn a_message_about_a_batch_goes_when_its_page_opens() {
    let mut model = in_batch(120, 40, 3);
    press(&mut model, "s esc");
    let failure = Failure::without_response(FailureKind::Unreachable(Unreachable::Refused), "refused");
    update(&mut model, Msg::BatchStopped(Some(failure)));
    assert!(shows(&model, "Press b to continue"), "{:?}", message(&model));
    press(&mut model, "j");
    assert!(shows(&model, "Press b to continue"), "{:?}", message(&model));
    press(&mut model, "b");
    assert!(matches!(model.shell().overlay(), Overlay::Batch));
    press(&mut model, "esc");
    assert_eq!(message(&model), None, "the page said it");
}

#[test]
fn a_message_for_a_key_that_does_nothing_here_goes_with_the_timeline() {
    let mut model = steerable(120, 40);
    press(&mut model, "t e");
    assert!(shows(&model, "No step has failed"), "{:?}", message(&model));
    press(&mut model, "q");
    assert_eq!(message(&model), None);
}
