//! Typing in prompts and in the start form: readline's keys, histories, completion, drafts, formatting.

use crate::support::gateway::Served;
use crate::support::player::Player;
use crate::support::render::{drawn, text_of};
use crate::support::scene::{at_work, opened, press};
use stepgate::app::{Effect, Key, Model, Msg, Overlay, update};
use stepgate::config::local_gateway::endpoint_and_machines;
use stepgate::ui::Theme;
use stepgate_local::Options;

fn screen(model: &Model) -> String {
    text_of(&drawn(model, &Theme::dark()))
}

/// The text of the prompt, or of the name in the start form.
fn line(model: &Model) -> String {
    let editor = match model.shell().overlay() {
        Overlay::Filter(line, _) => line,
        Overlay::Prompt(prompt) => &prompt.editor,
        Overlay::Palette(palette) => &palette.field,
        Overlay::Pick(picker) => &picker.field,
        Overlay::Inputs(picker) => &picker.field,
        Overlay::File(form) => &form.path,
        Overlay::Save(form) => &form.path,
        Overlay::Control(form) => &form.confirmation,
        Overlay::Start(form) => &form.name,
        other => panic!("no prompt: {other:?}\n{}", screen(model)),
    };
    editor.text().to_owned()
}

fn input(model: &Model) -> String {
    let Overlay::Start(form) = model.shell().overlay() else { panic!("no form:\n{}", screen(model)) };
    form.input.text().to_owned()
}

/// How to open each prompt.
const PROMPTS: [&str; 10] = [
    "/",
    ":",
    "n",
    "b",
    "Y o",
    "enter /",
    "enter .",
    "enter |",
    "n order-pipeline enter tab",
    "n order-pipeline enter ctrl-p",
];

/// The list, with an execution selected that has an output.
fn in_list() -> Model {
    let mut model = at_work(120, 40);
    press(&mut model, "j j j j");
    model
}

#[test]
fn every_prompt_has_the_keys_of_readline() {
    for prompt in PROMPTS {
        let mut model = in_list();
        press(&mut model, prompt);
        for (keys, expected) in [
            ("ctrl-e ctrl-u", ""),
            ("one space two-three", "one two-three"),
            ("ctrl-a x ctrl-e y", "xone two-threey"),
            ("ctrl-_ ctrl-_ home ctrl-d", "ne two-three"),
            ("end ctrl-w ctrl-y ctrl-y", "ne two-threetwo-three"),
            ("alt-backspace alt-b alt-d", "ne two--"),
            ("ctrl-left ctrl-left ctrl-k", ""),
            ("ctrl-y ctrl-b ctrl-h ctrl-f z", "ne two-z"),
            ("ctrl-right alt-f left delete", "ne two-"),
            ("ctrl-u 注文 👩 left left backspace", "注文👩"),
        ] {
            // The script types words; a space in it separates them.
            let keys = keys.replace("注文 👩 left left backspace", "注 文 x 👩 left backspace");
            let effects = press(&mut model, &keys);
            assert!(!effects.contains(&Effect::Quit), "{prompt} {keys}");
            assert_eq!(line(&model), expected, "{prompt}: {keys}");
        }
    }
}

#[test]
fn ctrl_c_and_esc_leave_a_prompt_and_not_the_program() {
    let dialogs = ["y", "Y", "d", "ctrl-o", "x", "n order-pipeline enter", "? /"];
    for prompt in PROMPTS.iter().copied().chain(dialogs) {
        for leave in ["ctrl-c", "esc"] {
            let mut model = in_list();
            let before = format!("{:?}", model.contexts());
            press(&mut model, prompt);
            let inside = format!("{:?}", model.contexts());
            // Without the route, there is nothing to stop.
            if inside == before {
                continue;
            }
            let effects = press(&mut model, leave);
            assert!(!effects.contains(&Effect::Quit), "{prompt} {leave}");
            assert_ne!(format!("{:?}", model.contexts()), inside, "{prompt} {leave}");
        }
    }
    for place in ["", "tab", "enter", "D", "?", "m", "u", "j space k c"] {
        let mut model = in_list();
        press(&mut model, place);
        assert!(press(&mut model, "ctrl-c").contains(&Effect::Quit), "in panes, views and pages, it quits: {place}");
    }
    // What was typed in the start form is still there.
    let mut model = in_list();
    press(&mut model, "n nightly-report enter ctrl-a ctrl-k 4 7 ctrl-c n nightly-report enter");
    assert_eq!(input(&model), "47");
}

#[test]
fn each_kind_of_prompt_has_a_history() {
    for (prompt, clear, again) in [
        ("/", "ctrl-u", "/ ctrl-u"),
        ("enter /", "", "/"),
        ("enter .", "", "."),
        ("enter |", "", "| ctrl-u"),
        ("b", "", "ctrl-u"),
        ("n order-pipeline enter tab", "", ""),
    ] {
        let mut model = in_list();
        press(&mut model, &format!("{prompt} {clear} ctrl-u").replace("  ", " "));
        let accept = if prompt.contains("tab") { "ctrl-s" } else { "enter" };
        press(&mut model, &format!("first {accept}"));
        if prompt.contains("tab") {
            press(&mut model, "esc n nightly-report enter tab");
        } else if matches!(model.shell().overlay(), Overlay::None) {
            press(&mut model, again);
        }
        press(&mut model, "ctrl-u n e w");
        press(&mut model, "up");
        assert_eq!(line(&model), "first", "{prompt}");
        press(&mut model, "down");
        assert_eq!(line(&model), "new", "{prompt}");
        if !prompt.contains("tab") {
            press(&mut model, "ctrl-p");
            assert_eq!(line(&model), "first", "{prompt}");
            press(&mut model, "ctrl-n");
            assert_eq!(line(&model), "new", "{prompt}");
        }
    }
}

#[test]
fn a_pasted_filter_of_several_lines_becomes_one() {
    let mut model = in_list();
    press(&mut model, "enter | ctrl-u");
    update(&mut model, Msg::Paste(".parcels[]\n  | .kg\n".into()));
    assert_eq!(line(&model), ".parcels[] | .kg");
}

#[test]
fn tab_completes_what_the_program_knows() {
    for (prompt, typed, steps) in [
        (
            "enter |",
            "ctrl-u .p",
            &[("tab", ".pa"), ("tab", ".payment"), ("tab", ".parcels"), ("shift-tab", ".payment")] as &[_],
        ),
        ("enter |", "ctrl-u .payment.", &[("tab", ".payment.paid")]),
        ("enter |", "ctrl-u .parcels[0].k", &[("tab", ".parcels[0].kg")]),
        ("enter |", "ctrl-u .parcels[]|.i", &[("tab", ".parcels[]|.id")]),
        ("enter |", "ctrl-u .x", &[("tab", ".x"), ("tab", ".x")]),
        ("enter .", "par", &[("tab", ".parcels")]),
        ("/", "st", &[("tab", "status:")]),
        ("/", "status:f", &[("tab", "status:failed")]),
        ("/", "machine:", &[("shift-tab", "machine:注文処理"), ("tab", "machine:order-pipeline")]),
        (":", "start-a", &[("tab", "start-again")]),
        (":", "sta", &[("tab", "start"), ("tab", "start"), ("tab", "start-again")]),
        ("/", "endpoint:d", &[("tab", "endpoint:dev")]),
        ("n", "nig", &[("tab", "nightly-report")]),
    ] {
        let mut model = in_list();
        press(&mut model, prompt);
        press(&mut model, typed);
        for (key, expected) in steps {
            press(&mut model, key);
            assert_eq!(line(&model), *expected, "{prompt} {typed} {key}");
        }
    }
    // The candidates are on the screen, and the list follows.
    let mut model = in_list();
    press(&mut model, "/ status:");
    press(&mut model, "tab");
    assert!(screen(&model).contains("running  succeeded  failed"), "{}", screen(&model));
    press(&mut model, "ctrl-u status:ab tab");
    assert_eq!(model.list().executions().shown(), 1);
    press(&mut model, "ctrl-u boom tab");
    assert!(screen(&model).contains("no completions"), "{}", screen(&model));
}

async fn player() -> (Served, Player) {
    let served = Served::new(Options::default());
    let (endpoint, machines) = endpoint_and_machines(&served.url());
    (served, Player::new(endpoint, machines, 120, 40).await)
}

#[tokio::test]
async fn tab_completes_files_and_later_keys_wait_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("in puts")).expect("a folder");
    let file = folder.path().join("in puts/orders-注文.jsonl");
    std::fs::write(&file, "{}\n[]\n").expect("written");
    std::fs::write(folder.path().join("in puts/.hidden"), "").expect("written");
    let (_served, mut player) = player().await;
    player.keys("b").await;
    player.paste(&format!("{}/in", folder.path().display())).await;
    // Typed ahead, without waiting for the disk.
    player.keys("tab tab enter").await;
    player.until_text("Press Enter to start 2 executions").await;
    let Overlay::File(form) = player.model().shell().overlay() else { panic!("{}", player.screen()) };
    assert_eq!(form.path.text(), file.display().to_string());
    player.keys("ctrl-w").await;
    player.paste(&format!("{}/in puts/.", folder.path().display())).await;
    player.keys("esc b").await;
    player.paste(&format!("{}/in puts/.", folder.path().display())).await;
    player.keys("tab").await;
    player.until_text("in puts/.hidden").await;
    player.keys("ctrl-u").await;
    player.paste("/no/such/folder/x").await;
    player.keys("tab").await;
    player.until_text("/no/such/folder/ cannot be read").await;
    // Esc does not wait.
    player.keys("tab esc").await;
    assert!(matches!(player.model().shell().overlay(), Overlay::None), "{}", player.screen());
}

#[test]
fn late_names_of_a_folder_change_nothing() {
    let mut model = opened(120, 40);
    let effects = press(&mut model, "b or tab");
    let number = effects.iter().find_map(|effect| match effect {
        Effect::ReadFolder(number, folder, typed) if folder.is_empty() && typed == "or" => Some(*number),
        _ => None,
    });
    let number = number.expect("a folder to read");
    // Keys wait, in a terminal without bracketed paste too.
    press(&mut model, "x");
    update(&mut model, Msg::Typed("y".repeat(100)));
    assert_eq!(line(&model), "or");
    let names = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Ok(stepgate::app::Folder { names, is_cut: false })
    };
    update(&mut model, Msg::FolderRead(number + 1, names(&["order"])));
    assert_eq!(line(&model), "or", "the reply to another request");
    update(&mut model, Msg::FolderRead(number, names(&["orders/"])));
    assert_eq!(line(&model), format!("orders/x{}", "y".repeat(100)));
    update(&mut model, Msg::FolderRead(number, names(&["order"])));
    assert_eq!(line(&model), format!("orders/x{}", "y".repeat(100)));
    press(&mut model, "ctrl-u or tab esc");
    update(&mut model, Msg::FolderRead(number + 1, names(&["orders/"])));
    assert!(matches!(model.shell().overlay(), Overlay::None));
}

#[test]
fn starting_again_keeps_a_draft_of_its_own() {
    let mut model = at_work(120, 40);
    let retyped = |model: &mut Model, text: &str| {
        press(model, "ctrl-end ctrl-home ctrl-k ctrl-k ctrl-k ctrl-k ctrl-k ctrl-k");
        update(model, Msg::Paste(text.to_owned()));
    };
    press(&mut model, "G r");
    retyped(&mut model, "{\"again\": 1}");
    press(&mut model, "esc r");
    assert_eq!(input(&model), "{\"again\": 1}", "what was typed is back");
    assert!(screen(&model).contains("Restored your last input."), "{}", screen(&model));
    press(&mut model, "esc k k r");
    assert!(!input(&model).contains("again"), "another execution has its own input: {}", input(&model));
    press(&mut model, "esc n order-pipeline enter");
    assert!(!input(&model).contains("again"), "and so has a new start: {}", input(&model));
    retyped(&mut model, "{\"new\": 1}");
    press(&mut model, "esc G r");
    assert_eq!(input(&model), "{\"again\": 1}");
    // Clearing brings back the input of the execution, not that of the machine.
    press(&mut model, "ctrl-n");
    assert!(input(&model).contains("4711"), "{}", input(&model));
    press(&mut model, "esc n order-pipeline enter");
    assert_eq!(input(&model), "{\"new\": 1}");
    press(&mut model, "esc r");
    assert!(!screen(&model).contains("Restored"), "an unchanged form is no draft: {}", screen(&model));
}

#[test]
fn typing_starts_where_a_value_belongs() {
    let mut model = opened(120, 40);
    press(&mut model, "n nightly-report enter \" a \" : 1");
    assert_eq!(input(&model), "{\"a\":1}");
    let mut model = opened(120, 40);
    press(&mut model, "n order-pipeline enter backspace 2");
    assert_eq!(input(&model), "{\n  \"order\": 4712\n}");
}

fn with_input(text: &str) -> Model {
    let mut model = opened(120, 40);
    press(&mut model, "n nightly-report enter ctrl-a ctrl-k");
    update(&mut model, Msg::Paste(text.to_owned()));
    model
}

#[test]
fn one_key_formats_the_input_and_keeps_every_value() {
    let mut model = with_input("{\"b\":1.0,\"a\":[12345678901234567890,{}],\"注\":\"\\u0041\"}");
    press(&mut model, "ctrl-g");
    let formatted = "{\n  \"b\": 1.0,\n  \"a\": [\n    12345678901234567890,\n    {}\n  ],\n  \"注\": \"\\u0041\"\n}";
    assert_eq!(input(&model), formatted);
    press(&mut model, "ctrl-g");
    assert_eq!(input(&model), formatted);
    press(&mut model, "ctrl-u");
    assert!(!input(&model).contains('\n'), "one step of undo: {}", input(&model));
    let invalid = "{\"a\": 1,\n}";
    let mut model = with_input(invalid);
    press(&mut model, "ctrl-home ctrl-g");
    assert_eq!(input(&model), invalid);
    assert!(screen(&model).contains("The input was not formatted: line 2, column 1"), "{}", screen(&model));
    let Overlay::Start(form) = model.shell().overlay() else { panic!() };
    assert_eq!(form.input.cursor_position(), (2, 1), "the cursor is at the error");
}

#[test]
fn a_large_input_is_edited_at_its_end_and_drawn() {
    let item = "{\"order\":4711,\"name\":\"注文番号\"},";
    let mut model = with_input(&format!("[{}0]", item.repeat(7_000)));
    press(&mut model, "ctrl-end left , 1");
    let screen = screen(&model);
    assert!(screen.contains("0,1]") && screen.contains("✔ JSON"), "{screen}");
    for size in [(40, 10), (80, 24), (200, 50)] {
        update(&mut model, Msg::Resized(size.0, size.1));
        assert!(text_of(&drawn(&model, &Theme::plain())).contains("0,1]"), "{size:?}");
    }
}

#[test]
fn a_key_that_edits_cannot_be_bound_to_an_action_while_typing() {
    use stepgate::app::Keymap;
    let pair = |action: &str, key: &str| (action.to_owned(), key.to_owned());
    // Scrolling with Ctrl-K in the panes is fine; in a prompt it still deletes.
    let (keymap, problems) = Keymap::with(&[pair("up", "ctrl-k"), pair("page-up", "ctrl-w")]);
    assert_eq!(problems, []);
    let mut model = Model::new(stepgate::app::Setup { keymap, ..crate::support::scene::setup(120, 40) });
    press(&mut model, ": a b ctrl-a ctrl-k c ctrl-w");
    assert_eq!(line(&model), "");
    assert!(Key::parse("ctrl-k").is_some());
}

#[test]
fn an_object_typed_or_pasted_into_a_new_form_is_its_input() {
    let object = "{\"amount\": 12}";
    let typed = |model: &mut Model, text: &str| {
        text.chars().for_each(|c| drop(update(model, Msg::Key(Key::plain(stepgate::app::KeyCode::Char(c))))));
    };
    let pasted = |model: &mut Model, text: &str| drop(update(model, Msg::Paste(text.to_owned())));
    let form = |machine: &str| {
        let mut model = opened(120, 40);
        press(&mut model, &format!("n {machine} enter"));
        model
    };
    for (machine, before) in [("nightly", "{}"), ("order", "{\n  \"order\": 4711\n}")] {
        let mut model = form(machine);
        pasted(&mut model, object);
        assert_eq!(input(&model), object);
        press(&mut model, "ctrl-u");
        assert_eq!(input(&model), before, "one step to undo");
    }
    let mut model = form("nightly");
    typed(&mut model, object);
    assert_eq!(input(&model), object);
    // A member goes into the object, as before, and an edited input is only inserted into.
    let mut model = form("nightly");
    typed(&mut model, "\"amount\": 12");
    assert_eq!(input(&model), object);
    pasted(&mut model, object);
    assert_eq!(input(&model), "{\"amount\": 12{\"amount\": 12}}");
}
