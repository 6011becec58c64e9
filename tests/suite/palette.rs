//! The command palette: words of k9s and vim, commands with arguments, and its messages when nothing can be done.

use crate::support::render::{drawn, text_of};
use crate::support::scene::{at_work, press, setup};
use crate::support::scenes::steerable;
use crate::support::scenes::timeline;
use stepgate::app::{Effect, Model, Msg, Overlay, Setup, update};
use stepgate::ui::Theme;

fn screen(model: &Model) -> String {
    text_of(&drawn(model, &Theme::dark()))
}

fn selected(model: &Model) -> Option<&str> {
    model.selected().map(|row| row.arn.name())
}

fn is_covered(model: &Model) -> bool {
    !matches!(model.shell().overlay(), Overlay::None) || model.shell().help().is_some()
}

#[test]
fn open_with_a_name_or_an_arn_opens_it_at_once() {
    let arn = "arn:aws:states:ap-northeast-1:111122223333:execution:OrderPipeline:order-4709";
    for text in ["open order-4709", "open-execution order-4709 dev", "o order-4709", &format!("open {arn}")] {
        let mut model = at_work(120, 40);
        press(&mut model, ":");
        update(&mut model, Msg::Paste(text.to_owned()));
        press(&mut model, "enter");
        assert_eq!((selected(&model), is_covered(&model)), (Some("order-4709"), false), "{text}");
    }
    // Only in the store, which is searched; the prompt keeps what was typed if that fails.
    let mut model = at_work(120, 40);
    let effects = press(&mut model, ": open space elsewhere enter");
    assert!(effects.contains(&Effect::FindExecution("elsewhere".into())), "{effects:?}");
    update(&mut model, Msg::ExecutionsFound("elsewhere".into(), Ok(Vec::new())));
    let text = screen(&model);
    assert!(text.contains("ARN or name  elsewhere") && text.contains("No execution named `elsewhere`"), "{text}");
    // Without an argument, or with only a space, it opens the prompt for it.
    for keys in [": open enter", ": o enter", ": open space enter"] {
        let mut model = at_work(120, 40);
        press(&mut model, keys);
        assert!(screen(&model).contains("Open an execution"), "{keys}: {}", screen(&model));
    }
}

#[test]
fn open_offers_the_executions_of_the_list() {
    let mut model = at_work(120, 40);
    press(&mut model, ": open space");
    assert!(screen(&model).contains("Open order-4709"), "{}", screen(&model));
    press(&mut model, "47 tab tab");
    assert!(screen(&model).contains("> open order-4711"), "{}", screen(&model));
    press(&mut model, "enter");
    assert_eq!((selected(&model), is_covered(&model)), (Some("order-4711"), false));
    press(&mut model, ": open space 09 down enter");
    assert_eq!(selected(&model), Some("order-4709"));
}

#[test]
fn an_execution_is_opened_from_the_timeline_and_a_definition() {
    for keys in ["", "enter", "D"] {
        for open in [": open space order-4710 enter", "ctrl-o order-4710 enter"] {
            let mut model = timeline(120, 40, keys);
            press(&mut model, open);
            assert_eq!(selected(&model), Some("order-4710"), "{keys} {open}");
            assert!(!is_covered(&model) && !model.is_covered(), "the list shows it: {}", screen(&model));
        }
    }
}

#[test]
fn words_of_k9s_and_vim_do_the_obvious() {
    let quits = |keys: &str| {
        let mut model = steerable(120, 40);
        press(&mut model, keys).contains(&Effect::Quit)
    };
    for keys in [": q enter", ": quit enter", ": q! enter", ": exit enter", "t : quit enter", "D : q! enter"] {
        assert!(quits(keys), "{keys}");
    }
    // Among the steps, `q` goes back, as the key does.
    let mut model = timeline(120, 40, ": q enter");
    assert!(!model.is_covered());
    for (keys, expected) in [
        (": help enter", "Keys"),
        (": w enter", "Save"),
        (": kill enter", "Stop order-4711?"),
        (": run enter", "machine"),
        ("j : rm enter", "Remove"),
    ] {
        model = steerable(120, 40);
        press(&mut model, keys);
        assert!(is_covered(&model) && screen(&model).contains(expected), "{keys}: {}", screen(&model));
    }
}

#[test]
fn enter_does_nothing_while_nothing_matches() {
    for (typed, said) in [("nonsense", "No command matches `nonsense`."), ("zz", "No command matches `zz`.")] {
        for size in [(120, 40), (40, 10)] {
            let mut model = at_work(size.0, size.1);
            let effects = press(&mut model, &format!(": {typed} enter enter"));
            assert!(effects.is_empty(), "{effects:?}");
            let text = screen(&model);
            assert!(text.contains(said) && text.contains(&format!("> {typed}")), "{text}");
            press(&mut model, "ctrl-u help enter");
            assert!(model.shell().help().is_some(), "what was typed can be corrected");
        }
    }
}

#[test]
fn a_command_that_does_not_work_here_says_why() {
    let mut model = at_work(120, 40);
    press(&mut model, ": submit");
    assert!(screen(&model).contains("works in the start form, not here"), "{}", screen(&model));
    press(&mut model, "enter");
    assert!(screen(&model).contains("`submit` works in the start form, not here."), "{}", screen(&model));
    let mut model = Model::new(Setup { read_only: true, ..setup(120, 40) });
    press(&mut model, ": start enter");
    assert!(
        screen(&model).contains("`start` is disabled: the configuration says read-only = true."),
        "{}",
        screen(&model)
    );
    // What the endpoint does not offer is explained by the action itself.
    let mut model = at_work(120, 40);
    press(&mut model, ": stop enter");
    assert!(screen(&model).contains("declares no route `stop`"), "{}", screen(&model));
}
