//! Keys, help and footer agree: every key that works is in the help of its context, every key in the help works
//! there, and the footer offers only keys that do something.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::render::{drawn, text_of};
use crate::support::scene::{at_work, opened, press};
use crate::support::scenes::{scenes, timeline};
use stepgate::app::{Effect, Key, KeyCode, Model, Msg, Pane, update};
use stepgate::ui::Theme;
use stepgate_core::lifecycle::control::ControlResult;

fn screen(model: &Model) -> String {
    text_of(&drawn(model, &Theme::dark()))
}

/// The keys of a terminal, apart from those that only type.
fn all_keys() -> Vec<Key> {
    let codes = [
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::PageUp,
        KeyCode::PageDown,
    ];
    let functions = (1..=11).map(KeyCode::F);
    let characters = (' '..='~').map(KeyCode::Char);
    let plain = codes.into_iter().chain(functions).chain(characters).map(Key::plain);
    // The others are Backspace, Tab and Enter.
    let control = ('a'..='z').filter(|c| !"hijm".contains(*c)).map(Key::ctrl);
    plain.chain(control).collect()
}

/// Whether a key does anything: an effect, or a change of the model.
fn does_something(model: &Model, key: Key) -> bool {
    let inert = Key::plain(KeyCode::F(12));
    let mut after = model.clone();
    update(&mut after, Msg::Key(inert));
    let mut before = after.clone();
    // Any key counts as input and as use of the selected row.
    update(&mut before, Msg::Key(inert));
    !update(&mut after, Msg::Key(key)).is_empty() || format!("{before:?}") != format!("{after:?}")
}

/// The keys in the help by heading, from the screen of a tall terminal.
fn help() -> BTreeMap<String, BTreeSet<String>> {
    let mut model = opened(160, 400);
    press(&mut model, "?");
    let mut sections: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut heading = None;
    for line in screen(&model).lines().filter_map(|line| line.strip_prefix("┃ ")) {
        let line = line.trim_end_matches(['┃', ' ']);
        let (keys, _) = line.split_at(line.char_indices().nth(24).map_or(line.len(), |(at, _)| at));
        match (&heading, line.is_empty()) {
            (_, true) => heading = None,
            (None, false) => heading = Some(line.to_owned()),
            (Some(heading), false) => {
                let keys = keys.split_whitespace().map(str::to_owned);
                sections.entry(heading.clone()).or_default().extend(keys);
            }
        }
    }
    sections
}

fn is_typed(model: &Model, key: Key) -> bool {
    let mut typed = model.clone();
    let text = |model: &Model| format!("{:?} {:?}", model.shell().overlay(), model.shell().help());
    let before = text(&typed);
    let contexts = model.contexts();
    let has_meaning = model.keys().keymap().action(&contexts, key).is_some();
    update(&mut typed, Msg::Key(key));
    !has_meaning && before != text(&typed)
}

#[test]
fn the_help_lists_exactly_the_keys_that_work() {
    let (help, mut missing) = (help(), Vec::new());
    let (mut shown, mut worked): (BTreeMap<String, BTreeSet<String>>, BTreeMap<String, BTreeSet<String>>) =
        Default::default();
    for (name, model) in scenes(120, 40) {
        let contexts: Vec<&str> = model.contexts().iter().map(|context| context.title()).collect();
        let is_config = contexts == ["On the page of configuration errors"];
        for key in all_keys().into_iter().filter(|key| does_something(&model, *key) && !is_typed(&model, *key)) {
            let titles =
                contexts.iter().filter(|title| help.get(**title).is_some_and(|keys| keys.contains(&key.to_string())));
            let titles: Vec<_> = titles.collect();
            if titles.is_empty() && !is_config {
                missing.push(format!("{name}: {key} works but is not in the help of {contexts:?}"));
            }
            for title in titles {
                worked.entry((*title).to_owned()).or_default().insert(key.to_string());
            }
        }
        for title in contexts.iter().filter(|_| !is_config) {
            shown.insert((*title).to_owned(), help[*title].clone());
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    for (title, keys) in &shown {
        let idle: Vec<_> = keys.difference(worked.get(title).unwrap_or(&BTreeSet::new())).cloned().collect();
        if !idle.is_empty() {
            missing.push(format!("{title}: in the help, but without effect in any scene: {idle:?}"));
        }
    }
    let sections = help.keys().filter(|title| {
        !matches!(title.as_str(), "While typing anywhere" | "Action names for [keys] in the configuration")
    });
    let unseen: Vec<_> = sections.filter(|title| !shown.contains_key(*title)).collect();
    assert!(unseen.is_empty(), "no scene has these contexts: {unseen:?}");
}

/// The hints of the footer: key and label.
fn hints(model: &Model) -> Vec<(Key, String)> {
    let text = screen(model);
    let footer = text.lines().last().expect("a footer");
    let hint = |chunk: &str| {
        let (key, label) = chunk.trim().split_once(' ')?;
        Some((Key::parse(key)?, label.to_owned()))
    };
    footer.split("  ").filter_map(hint).collect()
}

/// Whether a key does more than show a message that it has nothing to do here.
fn is_useful(model: &Model, key: Key) -> bool {
    let inert = Key::plain(KeyCode::F(12));
    let mut before = model.clone();
    update(&mut before, Msg::Key(inert));
    let mut after = before.clone();
    let effects = update(&mut after, Msg::Key(key));
    let is_dismissed = before.shell().notices().current().is_some() && after.shell().notices().current().is_none();
    update(&mut before, Msg::Key(inert));
    let apart_from_messages =
        |model: &Model| format!("{model:?}").replace(&format!("{:?}", model.shell().notices()), "");
    !effects.is_empty() || is_dismissed || apart_from_messages(&before) != apart_from_messages(&after)
}

/// The footer without the spaces between its hints.
fn footer(model: &Model) -> Vec<String> {
    let text = screen(model);
    let last = text.lines().last().expect("a footer");
    last.split("  ").map(|hint| hint.trim().to_owned()).filter(|hint| !hint.is_empty()).collect()
}

#[test]
fn the_footer_follows_the_selected_row_its_endpoint_and_the_pane() {
    let at = |mut model: Model, keys: &str| {
        press(&mut model, keys);
        footer(&model)
    };
    let (plain, routes) = (|| at_work(80, 24), || crate::support::scenes::steerable(80, 24));
    // What else fills the line does not matter.
    let begins = |hints: &[String], expected: &[&str]| {
        let found: Vec<&str> = hints.iter().map(String::as_str).filter(|hint| expected.contains(hint)).collect();
        assert_eq!(found, expected, "{hints:?}");
    };
    // Without optional routes: no timeline, stop, redrive or everyone's.
    let running = ["n start", "Enter output", "/ filter", "r start again", "y copy", "? help", "q quit"];
    begins(&at(plain(), ""), &running);
    let failed = ["n start", "Enter error", "r start again", "/ filter", "y copy", "? help", "q quit"];
    begins(&at(plain(), "G"), &failed);
    let running = ["n start", "Enter output", "t timeline", "x stop", "/ filter", "y copy", "? help", "q quit"];
    begins(&at(routes(), ""), &running);
    let failed = ["n start", "Enter error", "t timeline", "r start again", "R redrive", "? help", "q quit"];
    begins(&at(routes(), "G"), &failed);
    // A text has a way back.
    for width in [80, 40] {
        let hints = at(crate::support::scenes::steerable(width, 24), "G enter");
        assert!(hints.contains(&"Esc back".to_owned()), "{width}: {hints:?}");
    }
    // With marks, the keys for them come first.
    let marked = ["n start", "Enter output", "d remove", "t timeline", "Esc unmark", "? help", "q quit"];
    begins(&at(routes(), "j j space"), &marked);
    let wide = |model: fn(u16, u16) -> Model, keys: &str| at(model(400, 24), keys);
    let has = |hints: &[String], key: &str| hints.iter().any(|hint| hint.split(' ').next() == Some(key));
    for (name, hints, offered, missing) in [
        ("running", wide(crate::support::scenes::steerable, ""), "t x a D o y Y r", "R d c s"),
        ("ended", wide(crate::support::scenes::steerable, "j j"), "t d a D o y Y r", "x R c s"),
        ("failed", wide(crate::support::scenes::steerable, "G"), "t R d a D o y Y r", "x c s"),
        ("one marked", wide(crate::support::scenes::steerable, "j j space"), "c d t Esc", "x R s"),
        ("no row", wide(opened, "tab"), "n", "Enter r t x R y Y d D / u ! e S m a"),
        ("machines", wide(opened, ""), "Enter n o b", "r t x R y Y d D a"),
        ("no routes", wide(at_work, "G"), "d o y Y r", "t x R a D"),
    ] {
        let wrong = |keys: &str, is_offered: bool| {
            keys.split(' ').filter(|key| has(&hints, key) != is_offered).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!((wrong(offered, true), wrong(missing, false)), (vec![], vec![]), "{name}: {hints:?}");
    }
    let not_started = crate::support::scenes::not_started(80, 24);
    assert_eq!(footer(&not_started)[0], "s start now");
}

#[test]
fn the_footer_offers_only_keys_that_do_something() {
    let mut wrong = Vec::new();
    for size in [(80, 24), (200, 50), (60, 12)] {
        for (name, model) in scenes(size.0, size.1) {
            let hints = hints(&model);
            assert!(!hints.is_empty(), "{name}: {}", screen(&model));
            // Whether an input is formatted is known only after formatting it.
            let hints = hints.into_iter().filter(|(_, label)| label != "format");
            for (key, label) in hints.filter(|(key, _)| !is_useful(&model, *key)) {
                wrong.push(format!("{name}: {key} {label}"));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_help_begins_with_the_current_context() {
    let first_lines = |mut model: Model| {
        press(&mut model, "?");
        screen(&model).lines().skip(1).take(2).map(str::to_owned).collect::<String>()
    };
    assert!(first_lines(timeline(80, 24, "")).contains("In the timeline"));
    assert!(first_lines(timeline(80, 24, "enter")).contains("In input and output"));
    assert!(first_lines(at_work(80, 24)).contains("In the list of executions"));
    assert!(first_lines(opened(80, 24)).contains("In all panes"));
}

#[test]
fn the_help_opens_everywhere_and_returns_to_what_was_there() {
    let inert = Key::plain(KeyCode::F(12));
    for (name, mut model) in scenes(120, 40) {
        let contexts = model.contexts();
        if model.shell().help().is_some() {
            continue;
        }
        let offered: Vec<String> = footer(&model).into_iter().filter(|hint| hint.ends_with(" help")).collect();
        assert_eq!(offered.len(), 1, "{name}: {:?}", footer(&model));
        update(&mut model, Msg::Key(inert));
        let (mut before, was_shown) = (model.clone(), screen(&model));
        let first = contexts[0].title();
        for key in ["f1", offered[0].trim_end_matches(" help")] {
            press(&mut model, key);
            assert!(model.shell().help().is_some(), "{name}: {key}");
            let shown = screen(&model);
            assert!(shown.lines().nth(1).is_some_and(|line| line.contains(first)), "{name}: {first}: {shown}");
            // A letter that means something below the help, a scroll, and a paste.
            press(&mut model, "x j");
            update(&mut model, Msg::Paste("pasted\ntext".into()));
            press(&mut model, if key == "f1" { "esc" } else { "f1" });
            assert_eq!(screen(&model), was_shown, "{name}: {key}");
            // Each key counts as use of the selected row.
            (0..5).for_each(|_| drop(update(&mut before, Msg::Key(inert))));
            let (after, before) = (format!("{model:?}"), format!("{before:?}"));
            let same = after.chars().zip(before.chars()).take_while(|(one, other)| one == other).count();
            let rest = |text: &str| text.chars().skip(same.saturating_sub(60)).take(160).collect::<String>();
            assert!(after == before, "{name}: {key}: {} instead of {}", rest(&after), rest(&before));
        }
    }
}

#[test]
fn what_the_help_covers_still_ends() {
    let mut model = at_work(120, 40);
    let (id, order) = crate::support::scene::ordered(press(&mut model, "n order enter ctrl-s"));
    press(&mut model, "f1");
    let arn = order.machine.execution(&order.name);
    let started = stepgate_core::domain::Started::new(arn.clone(), None);
    update(&mut model, Msg::StartFinished(id, None, stepgate_core::domain::Settled::Confirmed(started)));
    assert!(model.shell().help().is_some());
    press(&mut model, "esc");
    assert_eq!(model.selected().map(|row| &row.arn), Some(&arn), "the form has closed: {}", screen(&model));
    assert!(!is_covered(&model));
}

#[test]
fn a_question_mark_is_typed_where_characters_are_typed() {
    for keys in ["n order enter", "n", "/", ":", "b", "ctrl-o", "x", "j j j j enter |"] {
        let mut model = crate::support::scenes::steerable(120, 40);
        press(&mut model, keys);
        let before = format!("{:?}", model.shell().overlay());
        press(&mut model, "?");
        assert!(model.shell().help().is_none(), "{keys}");
        assert_ne!(format!("{:?}", model.shell().overlay()), before, "{keys}");
    }
}

#[test]
fn the_help_can_be_searched() {
    let mut model = timeline(80, 24, "? / ");
    let all = screen(&model).lines().count();
    press(&mut model, "r e d r i v");
    let text = screen(&model);
    assert!(text.contains("R  ") && text.contains("Redrive") && !text.contains("Fold"), "{text}");
    assert_eq!(text.lines().count(), all);
    // A letter with another meaning on the page is typed.
    press(&mut model, "q q");
    assert!(screen(&model).contains("No key or action matches."), "{}", screen(&model));
    press(&mut model, "backspace backspace enter j");
    assert!(screen(&model).contains("Keys with `redriv`"), "{}", screen(&model));
    press(&mut model, "q");
    assert!(screen(&model).contains("Fold"), "the first q clears the search: {}", screen(&model));
    press(&mut model, "q");
    assert!(screen(&model).contains("Timeline of"), "the second q closes the help: {}", screen(&model));
}

#[test]
fn enter_is_offered_only_where_it_applies() {
    let accepts = |keys: &str| {
        let mut model = crate::support::scenes::steerable(80, 24);
        press(&mut model, keys);
        let hints = hints(&model);
        let label =
            |key: &str| hints.iter().find(|(found, _)| Some(*found) == Key::parse(key)).map(|(_, label)| label.clone());
        (label("enter"), label("y"))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(accepts("x"), (None, some("confirm")));
    assert_eq!(accepts("x n"), (None, None));
    assert_eq!(accepts("x y"), (some("stop"), None));
    assert_eq!(accepts("G R y"), (some("redrive"), None));
    assert_eq!(accepts("n"), (some("choose"), None));
    assert_eq!(accepts("n zzz"), (None, None));
    assert_eq!(accepts(": zzzz"), (None, None));
    assert_eq!(accepts("b").0, None);
    assert_eq!(accepts("b x").0, some("read it"));
    assert_eq!(accepts("/ x").0, some("apply"));
}

/// How many views `q` leaves before it quits.
fn depth(model: &mut Model) -> usize {
    (0..10).find(|_| press(model, "q").contains(&Effect::Quit)).expect("q quits at last")
}

#[test]
fn q_goes_up_one_level_or_quits() {
    // The keys to get there, and how often `q` goes up before it quits.
    let levels = [
        ("", 0),
        ("shift-tab", 0),
        ("enter", 0),
        ("tab tab", 0),
        ("f", 0),
        ("enter f", 0),
        ("u", 1),
        ("u f", 1),
        ("?", 1),
        ("? / x enter", 2),
        ("m", 1),
        ("y", 1),
        ("Y", 1),
        ("D", 1),
        ("D ?", 2),
        ("D y", 2),
        ("t", 1),
        ("t ?", 2),
        ("t y", 2),
        ("t D", 2),
        ("t D m", 3),
        ("j j space j c", 1),
        ("* R y enter", 1),
        ("f t D ?", 3),
    ];
    for (keys, expected) in levels {
        let mut model = crate::support::scenes::steerable(120, 40);
        press(&mut model, keys);
        assert_eq!(depth(&mut model), expected, "after `{keys}`");
    }
    let mut model = timeline(120, 40, "enter");
    assert_eq!(depth(&mut model), 2, "the text of a step, the timeline");
    // Where characters are typed, Esc goes up instead.
    for keys in
        ["/", "n", "n order enter", "n order enter ctrl-p", ":", "b", "x", "Y n", "? /", "G enter |", "G enter ."]
    {
        let mut model = crate::support::scenes::steerable(120, 40);
        press(&mut model, keys);
        let before = format!("{:?}", model.contexts());
        assert!(!press(&mut model, "q").contains(&Effect::Quit), "after `{keys}`");
        assert_eq!(format!("{:?}", model.contexts()), before, "q is typed after `{keys}`");
        press(&mut model, "esc");
        assert_ne!(format!("{:?}", model.contexts()), before, "Esc leaves `{keys}`");
    }
}

fn is_covered(model: &Model) -> bool {
    model.shell().help().is_some() || model.shell().overlay().context().is_some()
}

#[test]
fn esc_and_q_leave_every_page_and_view() {
    for (name, model) in scenes(80, 24) {
        for key in ["esc", "q"] {
            let (mut model, mut quits) = (model.clone(), false);
            // Whatever is typed in a field is left with Esc.
            for _ in 0..12 {
                quits |= press(&mut model, key).contains(&Effect::Quit);
                if key == "q" && !quits && is_covered(&model) {
                    press(&mut model, "esc");
                }
            }
            assert!(quits || key == "esc" && !is_covered(&model), "{name}: {key}");
        }
    }
}

#[test]
fn h_and_l_stop_at_the_first_and_last_pane_and_tab_does_not() {
    for size in [(80, 24), (120, 40)] {
        let mut model = at_work(size.0, size.1);
        press(&mut model, "h h h h h h");
        assert_eq!(model.shell().focus(), Pane::Machines);
        for pane in Pane::ALL {
            assert_eq!(model.shell().focus(), pane);
            press(&mut model, "l");
        }
        assert_eq!(model.shell().focus(), Pane::Output);
        press(&mut model, "right");
        assert_eq!(model.shell().focus(), Pane::Output);
        press(&mut model, "tab");
        assert_eq!(model.shell().focus(), Pane::Machines);
        press(&mut model, "left");
        assert_eq!(model.shell().focus(), Pane::Machines);
        press(&mut model, "shift-tab");
        assert_eq!(model.shell().focus(), Pane::Output);
    }
}

#[test]
fn a_star_marks_all_of_the_filter_and_again_unmarks_them() {
    let marked = |model: &Model| model.list().executions().marked().count();
    let mut model = at_work(80, 24);
    press(&mut model, "*");
    assert_eq!(marked(&model), 6);
    press(&mut model, "*");
    assert_eq!(marked(&model), 0);
    press(&mut model, "space *");
    assert_eq!(marked(&model), 6, "one marked row does not unmark");
    press(&mut model, "/ order- enter *");
    assert_eq!(marked(&model), 3, "only those of the filter are unmarked");
    press(&mut model, "* esc");
    assert_eq!(marked(&model), 6, "and only those are marked");
}

#[test]
fn marks_that_the_filter_hides_are_counted_in_the_list_and_in_every_confirmation() {
    let shown = |keys: &str| {
        let mut model = crate::support::scenes::steerable(120, 40);
        press(&mut model, keys);
        screen(&model)
    };
    // Of six executions, the filter shows the three whose names contain it.
    assert!(shown("*").contains("◆ 6 marked ━"), "{}", shown("*"));
    let filtered = "* / order- enter";
    assert!(shown(filtered).contains("◆ 6 marked (3 hidden)"), "{}", shown(filtered));
    for (key, hidden) in [("d", "The filter hides 3"), ("R", "The filter hides 2 of them.")] {
        let screen = shown(&format!("{filtered} {key}"));
        assert!(screen.contains(hidden), "{key}: {screen}");
        let visible = shown(&format!("* {key}"));
        assert!(!visible.contains("The filter hides"), "{key}: {visible}");
    }
    let screen = shown(&format!("{filtered} x"));
    assert!(!screen.contains("The filter hides"), "what it stops is in the list: {screen}");
}

#[test]
fn the_copy_menu_is_also_a_list_and_shows_each_choice_at_any_height() {
    for (width, height) in [(80, 24), (40, 10)] {
        let mut model = crate::support::scenes::steerable(width, height);
        press(&mut model, "G");
        for (keys, copied) in
            [("y enter", "the ARN"), ("y down down enter", "the name"), ("y j j k k enter", "the ARN")]
        {
            let effects = press(&mut model, keys);
            let copies = |effect: &Effect| matches!(effect, Effect::Copy(item) if item.what == copied);
            assert!(effects.iter().any(copies), "{keys}: {effects:?}");
        }
        press(&mut model, &format!("y{}", " down".repeat(20)));
        assert!(screen(&model).contains("▸x "), "{}", screen(&model));
        assert!(press(&mut model, "Y enter").is_empty());
    }
}

#[test]
fn a_confirmation_typed_twice_does_nothing_else() {
    // A removal is confirmed by the first y.
    let mut model = crate::support::scenes::steerable(120, 40);
    press(&mut model, "j j j d y");
    let after_one = format!("{:?}", model.contexts());
    assert!(press(&mut model, "y y").is_empty());
    assert_eq!(format!("{:?}", model.contexts()), after_one, "{}", screen(&model));
    let later = model.now().plus(std::time::Duration::from_secs(1));
    update(&mut model, Msg::Clock(later));
    press(&mut model, "y");
    assert!(screen(&model).contains("Copy"), "later it has its own meaning: {}", screen(&model));
    // Another key ends it at once.
    let mut model = crate::support::scenes::steerable(120, 40);
    press(&mut model, "j j j d y k y");
    assert!(screen(&model).contains("Copy"), "{}", screen(&model));
    // A stop is confirmed by Enter.
    let mut model = crate::support::scenes::steerable(120, 40);
    press(&mut model, "x y y");
    assert!(screen(&model).contains("Enter stop"), "{}", screen(&model));
    assert!(press(&mut model, "enter").iter().any(|effect| matches!(effect, Effect::Stop { .. })));
    for typed in ["y y y", "y x"] {
        let mut model = crate::support::scenes::steerable(120, 40);
        press(&mut model, &format!("x {typed}"));
        assert!(press(&mut model, "enter").is_empty(), "{typed}");
    }
}

#[test]
fn a_stop_in_flight_is_on_the_screen_until_its_result() {
    let mut model = crate::support::scenes::steerable(120, 40);
    let name = model.selected().expect("selected").arn.name().to_owned();
    let id = model.selected().expect("selected").id;
    press(&mut model, "x y enter");
    let stopping = format!("Stopping {name}");
    assert!(screen(&model).contains(&stopping), "{}", screen(&model));
    let later = model.now().plus(std::time::Duration::from_secs(30));
    update(&mut model, Msg::Clock(later));
    assert!(screen(&model).contains(&stopping), "as long as it is retried: {}", screen(&model));
    update(&mut model, Msg::Controlled(id, Ok(ControlResult { date: None, seen: None })));
    assert!(!screen(&model).contains(&stopping), "{}", screen(&model));
}
