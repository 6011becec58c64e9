//! Screens as snapshots, where the layout matters in four sizes, and that any model draws at any size.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::support::contexts;
use crate::support::documents;
use crate::support::pictures::PICTURES;
use crate::support::render::{ON_DARK, drawn, picture_of, styles_of, text_of};
use crate::support::scene::{
    NOW, answered, at_work, change_of, opened, ordered, press, seen, setup_with_routes, started,
};
use crate::support::scenes::{answer_lines, definition, in_batch, steerable, timeline};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use stepgate::app::{Click, Effect, Folder, Group, Key, KeyCode, Model, Msg, Overlay, Pane, Row, Setup, update};
use stepgate::format::text::width;
use stepgate::ui::{Symbols, Theme};
use stepgate_core::domain::durations::Durations;
use stepgate_core::domain::{
    BatchLine, ExecutionArn, ExecutionId, ExecutionRecord, Failure, FailureKind, InputLine, LineState, ListedExecution,
    Observation, OtherMembers, Page, Payload, Remembered, Settled, StartId, StartOrder, StartRequestId, Started,
    Status, StoreChanges, Timestamp, Unreachable, UnresolvedStart, Verdict, WatchedBy,
};
use stepgate_core::lifecycle::backlog::Backlog;
use stepgate_core::lifecycle::control::ControlResult;
use stepgate_core::lifecycle::{StatusReport, Tracked};

/// The size of a scene whose layout is that of another one.
const USUAL: (u16, u16) = (80, 24);
const SIZES: [(u16, u16); 4] = [USUAL, (120, 40), (200, 50), (40, 10)];

fn screen(model: &Model) -> String {
    text_of(&drawn(model, &Theme::dark()))
}

/// A snapshot of a scene in a size, named by both.
fn assert_size(name: &str, (width, height): (u16, u16), scene: impl Fn(u16, u16) -> Model) {
    insta::assert_snapshot!(format!("{name}_{width}x{height}"), screen(&scene(width, height)));
}

/// A snapshot in the usual size.
fn assert_screen(name: &str, scene: impl Fn(u16, u16) -> Model) {
    assert_size(name, USUAL, scene);
}

/// A snapshot in each size.
fn assert_screens(name: &str, scene: impl Fn(u16, u16) -> Model) {
    for size in SIZES {
        assert_size(name, size, &scene);
    }
}

/// The names behind each call of this function in this file.
fn named_by<'c>(code: &'c str, call: &str) -> Vec<&'c str> {
    let name = |rest: &'c str| rest.trim_start().strip_prefix('"')?.split('"').next();
    code.split(call).skip(1).filter_map(name).collect()
}

#[test]
fn every_snapshot_is_of_a_scene() {
    let code = include_str!("screens.rs");
    let of_size = |name: &str, (width, height): (u16, u16)| format!("{name}_{width}x{height}");
    let mut expected: BTreeSet<String> =
        named_by(code, concat!("assert_snapshot", "!(")).into_iter().map(str::to_owned).collect();
    expected.extend(named_by(code, concat!("assert_screen", "(")).into_iter().map(|name| of_size(name, USUAL)));
    for name in named_by(code, concat!("assert_screens", "(")) {
        expected.extend(SIZES.map(|size| of_size(name, size)));
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/snapshots");
    let kept: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the snapshots")
        .map(|entry| entry.expect("a snapshot").file_name().to_string_lossy().into_owned())
        // A failed test leaves a `.snap.new`.
        .filter_map(|file| Some(file.trim_start_matches("suite__screens__").strip_suffix(".snap")?.to_owned()))
        .collect();
    let orphans: Vec<_> = kept.difference(&expected).collect();
    assert!(orphans.is_empty(), "no scene has these snapshots, delete them: {orphans:?}");
    let missing: Vec<_> = expected.difference(&kept).collect();
    assert!(missing.is_empty(), "these scenes have no snapshot: {missing:?}");
}

#[test]
fn endpoints_as_contexts() {
    let machines = |width, height| {
        let mut model = contexts::filled(width, height);
        while model.shell().focus() != Pane::Machines {
            press(&mut model, "tab");
        }
        model
    };
    let after = |script: &'static str| {
        move |width, height| {
            let mut model = machines(width, height);
            press(&mut model, script);
            model
        }
    };
    assert_screens("all_endpoints", machines);
    assert_screens("one_endpoint", after("2"));
    assert_screen("endpoint_picker", after("2 @"));
    assert_screen("endpoint_command", after(": endpoint space"));
}

#[test]
fn opened_without_executions() {
    assert_screen("opened", opened);
}

#[test]
fn executions_in_every_state() {
    assert_screens("at_work", at_work);
}

#[test]
fn a_failed_execution_with_error_and_cause() {
    assert_screen("failed", |width, height| {
        let mut model = at_work(width, height);
        press(&mut model, "G enter");
        model
    });
}

#[test]
fn choosing_a_machine() {
    assert_screen("pick", |width, height| {
        let mut model = at_work(width, height);
        press(&mut model, "n e r");
        model
    });
}

#[test]
fn the_start_form_with_japanese_input_and_a_fault() {
    assert_screens("form", |width, height| {
        let mut model = at_work(width, height);
        press(&mut model, "n 注文処理 enter tab 注文-2 tab ctrl-end");
        update(&mut model, Msg::Paste(",\n\"半角\": \"ｶﾞｷﾞ\"".into()));
        model
    });
}

/// The start form with an input whose third line has an error, and the cursor at the first bracket.
fn faulty_form(width: u16, height: u16) -> Model {
    let mut model = at_work(width, height);
    press(&mut model, "n nightly-report enter ctrl-a ctrl-k");
    let input =
        "{\n  \"date\": \"2026-11-26\",\n  \"total\": 1.0.5,\n  \"items\": [true, null, {\"注文\": \"東京\"}]\n}";
    update(&mut model, Msg::Paste(input.into()));
    press(&mut model, "ctrl-home");
    model
}

#[test]
fn the_start_form_marks_an_error_and_a_pair_of_brackets() {
    assert_screens("form_error", faulty_form);
    insta::assert_snapshot!("styles_form", styles_of(&drawn(&faulty_form(80, 24), &Theme::dark())));
    insta::assert_snapshot!("styles_form_plain", styles_of(&drawn(&faulty_form(80, 24), &Theme::plain())));
}

#[test]
fn candidates_of_a_completion() {
    assert_screen("jq_completed", |width, height| read_order(width, height, "| p tab"));
    assert_screen("many_completed", |width, height| {
        let mut model = at_work(width, height);
        let effects = press(&mut model, "b inputs/or tab");
        let number = effects.iter().find_map(|effect| match effect {
            Effect::ReadFolder(number, ..) => Some(*number),
            _ => None,
        });
        let names = ["orders-2023-12-05.jsonl", "orders-2023-12-06.jsonl", "orders-東京/"].map(str::to_owned).to_vec();
        let folder = Folder { names, is_cut: false };
        update(&mut model, Msg::FolderRead(number.expect("a folder to read"), Ok(folder)));
        press(&mut model, "tab");
        model
    });
}

/// A finished order whose output has the keys.
fn read_order(width: u16, height: u16, keys: &str) -> Model {
    let mut model = at_work(width, height);
    press(&mut model, "j j j j enter");
    press(&mut model, keys);
    model
}

#[test]
fn reading_an_output() {
    assert_screen("folded", |width, height| read_order(width, height, "- j j"));
    assert_screen("searched", |width, height| read_order(width, height, "/ i d"));
    assert_screen("full_screen", |width, height| read_order(width, height, "f w ."));
}

#[test]
fn stopping_asks_once_and_redriving_tells_of_each() {
    assert_screen("stop", |width, height| {
        let mut model = steerable(width, height);
        press(&mut model, "x n enter tab L a t e");
        model
    });
    assert_screen("redriven", |width, height| {
        let mut model = steerable(width, height);
        // Six are marked, of which two have failed in a way that can be redriven.
        let effects = press(&mut model, "* R y enter");
        let asked = effects.iter().filter_map(|effect| match effect {
            Effect::Redrive { id, token, .. } => Some((*id, token.clone())),
            _ => None,
        });
        let asked: Vec<_> = asked.collect();
        let tokens: std::collections::HashSet<_> = asked.iter().map(|(_, token)| token).collect();
        assert_eq!((asked.len(), tokens.len()), (3, 3), "each has a token of its own");
        let done =
            |result: Result<Timestamp, Failure>| result.map(|date| ControlResult { date: Some(date), seen: None });
        let throttled = Failure::without_response(FailureKind::Throttled, "Rate exceeded");
        for ((id, _), result) in asked.into_iter().zip([Ok(NOW), Err(throttled), Ok(NOW)].map(done)) {
            update(&mut model, Msg::Controlled(id, result));
        }
        model
    });
}

#[test]
fn where_the_name_must_be_typed_the_dialog_says_so() {
    assert_screen("guarded_start", |width, height| {
        let mut model = Model::new(contexts::guarded(width, height));
        press(&mut model, "n prod enter ctrl-s d e v enter");
        model
    });
    assert_screen("guarded_batch", |width, height| {
        let mut model = Model::new(contexts::guarded(width, height));
        press(&mut model, "n prod enter esc b orders.jsonl enter");
        let inputs = (1..=3).map(|number| InputLine { number, input: Payload::received("{}") }).collect();
        update(&mut model, Msg::LinesRead("orders.jsonl".into(), Ok(inputs)));
        press(&mut model, "enter p r o");
        model
    });
    assert_screen("guarded_stop", |width, height| {
        let mut model = Model::new(contexts::guarded(width, height));
        press(&mut model, "n prod enter tab order-1 ctrl-s");
        let (id, order) = ordered(press(&mut model, "prod enter"));
        let started = Started::new(order.machine.execution(&order.name), Some(NOW));
        update(&mut model, Msg::StartFinished(id, None, Settled::Confirmed(started)));
        press(&mut model, "x y enter");
        model
    });
}

#[test]
fn read_only_offers_nothing_that_changes_anything() {
    // What another run with the same routes has left in the store.
    let records: Vec<_> = steerable(120, 40).list().executions().rows().filter_map(Row::record).collect();
    let mut model = Model::new(Setup { read_only: true, ..setup_with_routes(120, 40) });
    let remembered = Remembered { page: Page { records, next: None }, ..Remembered::default() };
    update(&mut model, Msg::StoreLoaded(Box::new(remembered)));
    assert_eq!(model.shell().focus(), Pane::Executions, "there are executions");
    assert_eq!(model.selected().map(Row::group), Some(Group::Running), "there is something to stop");
    for keys in ["x", "R", "n", "r", "b"] {
        let effects = press(&mut model, keys);
        let is_change = |effect: &Effect| {
            matches!(effect, Effect::Start(..) | Effect::Stop { .. } | Effect::Redrive { .. } | Effect::RecordBatch(..))
        };
        assert!(!effects.iter().any(is_change), "{keys}");
        press(&mut model, "esc");
    }
    let panes = screen(&model);
    assert!(!panes.contains("x stop") && !panes.contains("n start"), "{panes}");
    press(&mut model, "?");
    assert!(!screen(&model).contains("Start a machine: choose it"), "{}", screen(&model));
}

#[test]
fn the_list_by_machine_and_the_list_by_duration() {
    assert_screen("by_machine", |width, height| {
        let mut model = at_work(width, height);
        press(&mut model, "u");
        model
    });
    assert_screen("sorted", |width, height| {
        let mut model = at_work(width, height);
        press(&mut model, "space space S S S S ! ");
        model
    });
}

#[test]
fn a_filter_over_an_output() {
    let filtered = |width: u16, height: u16, result: Result<String, String>| {
        let mut model = read_order(width, height, "");
        let mut effects = press(&mut model, "|");
        effects.extend(update(&mut model, Msg::Paste("parcels[] | .id".into())));
        let id = effects.iter().find_map(|effect| match effect {
            Effect::Filter { id, .. } => Some(*id),
            _ => None,
        });
        update(&mut model, Msg::Filtered(id.expect("a filter"), result));
        model
    };
    assert_screen("jq", |width, height| filtered(width, height, Ok("1\n2\n\"注文\"\n".into())));
    assert_screen("jq_fault", |width, height| filtered(width, height, Err("there is no filter `parcel/0`".into())));
}

#[test]
fn the_timeline_of_a_failed_execution() {
    assert_screens("timeline", |width, height| timeline(width, height, ""));
    assert_screen("timeline_attempts", |width, height| timeline(width, height, "space down down"));
    assert_screen("timeline_folded", |width, height| timeline(width, height, "- tab"));
}

#[test]
fn clicks_choose_and_the_wheel_scrolls_what_it_is_over() {
    let mut model = at_work(120, 40);
    let click = |model: &mut Model, click, x, y| update(model, Msg::Mouse(click, x, y));
    click(&mut model, Click::Press, 40, 12);
    assert_eq!(model.selected().map(|row| row.arn.name()), Some("order-4710"));
    click(&mut model, Click::Press, 40, 7);
    assert_eq!(model.selected().map(|row| row.arn.name()), Some("order-4710"), "the header is no row");
    click(&mut model, Click::WheelUp, 40, 12);
    assert_eq!(model.selected().map(|row| row.arn.name()), Some("report-2023-12-06"));
    click(&mut model, Click::Press, 40, 12);
    click(&mut model, Click::Press, 90, 18);
    assert_eq!(model.shell().focus(), Pane::Output);
    assert!(screen(&model).contains("Output .payment.paid ━"), "{}", screen(&model));
    // The machine that is chosen already opens.
    click(&mut model, Click::Press, 3, 4);
    assert_eq!(model.list().machines().selected().map(|index| index.0), Some(2));
    click(&mut model, Click::Press, 3, 4);
    assert!(screen(&model).contains("Start 注文処理"));
    // On tabs and outside of everything.
    let mut narrow = at_work(80, 24);
    click(&mut narrow, Click::Press, 28, 1);
    assert_eq!(narrow.shell().focus(), Pane::Input);
    for (x, y) in [(0, 0), (79, 23), (200, 200), (5, 2)] {
        click(&mut narrow, Click::Press, x, y);
        click(&mut narrow, Click::WheelDown, x, y);
    }
    screen(&narrow);
}

#[test]
fn each_theme_has_its_styles() {
    let styled = |theme: Theme| styles_of(&drawn(&read_order(80, 24, "/ i d"), &theme));
    insta::assert_snapshot!("styles_light", styled(Theme::light()));
    insta::assert_snapshot!("styles_high_contrast_on_dark", styled(Theme::high_contrast_on_dark()));
    insta::assert_snapshot!("styles_high_contrast_on_light", styled(Theme::high_contrast_on_light()));
}

#[test]
fn the_command_palette() {
    assert_screen("palette", |width, height| {
        let mut model = at_work(width, height);
        press(&mut model, "tab : t i m e");
        model
    });
}

#[test]
fn earlier_inputs_and_two_executions_compared() {
    assert_screen("inputs", |width, height| {
        let mut model = at_work(width, height);
        press(&mut model, "n order enter ctrl-p");
        model
    });
    assert_screen("compared", |width, height| {
        let mut model = at_work(width, height);
        press(&mut model, "j j space j c");
        model
    });
}

#[test]
fn the_definition_of_an_execution() {
    assert_screen("definition", definition);
}

#[test]
fn choosing_what_to_copy_and_where_to_save_it() {
    assert_screen("copy", |width, height| read_order(width, height, "y"));
    assert_screen("save", |width, height| read_order(width, height, "Y o"));
}

#[test]
fn a_refused_start() {
    assert_screen("refused", |width, height| {
        let mut model = opened(width, height);
        let (id, _) = ordered(press(&mut model, "enter ctrl-s"));
        let mut failure = Failure::without_response(FailureKind::Forbidden, "Forbidden");
        failure.request_id = Some("9c3d8aab-83bf-4542-8256-36c9f42b6b01".into());
        update(&mut model, Msg::StartFinished(id, None, Settled::Refused(failure)));
        model
    });
}

#[test]
fn an_outage_counts_down() {
    assert_screen("outage", |width, height| {
        let mut model = at_work(width, height);
        let id = model.selected().expect("selected").id;
        let failure = Failure::without_response(FailureKind::Unreachable(Unreachable::Refused), "refused");
        answered(&mut model, id, Err(failure), Verdict::BackingOff(Duration::from_secs(8)));
        update(&mut model, Msg::Clock(NOW.plus(Duration::from_secs(4))));
        model
    });
}

/// What the watcher has learned: this many executions of the machine took half a minute.
fn learned(model: &mut Model, id: ExecutionId, count: u32) {
    let row = model.list().executions().get(id).expect("a row");
    let (endpoint, machine) = (row.endpoint.clone(), row.arn.machine());
    let mut durations = Durations::default();
    (0..count).for_each(|index| durations.record_end(0.0, 25.0 + f64::from(index % 10)));
    update(model, Msg::DurationsChanged(endpoint, machine, Box::new(durations)));
}

#[test]
fn an_execution_is_expected_to_end_and_may_be_late() {
    assert_screen("expected", |width, height| {
        let mut model = at_work(width, height);
        let id = model.selected().expect("selected").id;
        learned(&mut model, id, 50);
        model
    });
    assert_screen("late", |width, height| {
        let mut model = at_work(width, height);
        let id = model.selected().expect("selected").id;
        learned(&mut model, id, 50);
        update(&mut model, Msg::Clock(NOW.plus(Duration::from_secs(120))));
        // It may have ended long ago.
        let text = screen(&model);
        assert!(text.contains("2:12 ") && !text.contains("!2:12"), "{text}");
        let running = seen(&model, id, Status::Running, Duration::ZERO);
        answered(&mut model, id, Ok(running), Verdict::Watching(Duration::from_secs(1)));
        update(&mut model, Msg::Clock(NOW.plus(Duration::from_secs(121))));
        model
    });
}

#[test]
fn a_few_ends_tell_nothing() {
    let mut model = at_work(120, 40);
    let id = model.selected().expect("selected").id;
    learned(&mut model, id, 2);
    assert!(!screen(&model).contains("about"));
}

#[test]
fn the_watcher_learns_the_visible_rows_and_the_focus() {
    let mut model = at_work(120, 40);
    let id = model.selected().expect("selected").id;
    let effects = press(&mut model, "/ z z enter");
    assert!(effects.contains(&Effect::Show(Vec::new())), "{effects:?}");
    let effects = press(&mut model, "esc");
    assert!(effects.contains(&Effect::Show(vec![id])), "{effects:?}");
    assert_eq!(update(&mut model, Msg::Focused(false)), [Effect::Focus(false)]);
    assert_eq!(update(&mut model, Msg::Focused(false)), []);
    let effects = press(&mut model, "down");
    assert!(effects.contains(&Effect::Focus(true)), "a key implies the focus: {effects:?}");
}

#[test]
fn throttling_shows_how_much_is_left() {
    assert_screen("throttled", |width, height| {
        let mut model = at_work(width, height);
        let id = model.selected().expect("selected").id;
        let answer = Err(Failure::without_response(FailureKind::Throttled, "Too Many Requests"));
        let endpoint = crate::support::scene::endpoint();
        let (verdict, is_held_back) = (Verdict::Slowed, false);
        let change = change_of(&model, id, answer, &verdict);
        let answer = StatusReport {
            endpoint,
            id,
            change,
            verdict,
            is_paused: is_held_back,
            rate: 2.5,
            backlog: Backlog::default(),
        };
        update(&mut model, Msg::StatusReceived(Box::new(answer)));
        model
    });
}

#[test]
fn a_long_backlog_is_shown_with_what_would_help() {
    let mut model = at_work(120, 30);
    let id = model.selected().expect("selected").id;
    let endpoint = crate::support::scene::endpoint();
    let mut told = |seconds| {
        let backlog = Backlog { delay: Duration::from_secs(seconds), has_list_route: false };
        let (change, verdict, endpoint) =
            (stepgate_core::lifecycle::Change::Nothing, Verdict::Watching(Duration::from_secs(1)), endpoint.clone());
        let answer = StatusReport { endpoint, id, change, verdict, is_paused: false, rate: 5.0, backlog };
        update(&mut model, Msg::StatusReceived(Box::new(answer)));
        screen(&model)
    };
    assert!(told(193).contains("dev: about 3 min behind with status requests; a `list` route would help"));
    assert!(!told(10).contains("behind"));
}

#[test]
fn the_help_and_the_filter() {
    assert_screens("help", |width, height| {
        let mut model = at_work(width, height);
        press(&mut model, "?");
        model
    });
    assert_screen("filter", |width, height| {
        let mut model = at_work(width, height);
        press(&mut model, "/ 注文");
        model
    });
}

#[test]
fn hostile_text_is_shown_and_not_sent() {
    let mut model = opened(120, 40);
    let id = started(&mut model, "order-pipeline", "order-1", 5);
    let mut answer = seen(&model, id, Status::Failed, Duration::from_secs(1));
    answer.error = Some("Evil\u{1b}[31m\u{202e}".into());
    answer.cause = Some("\u{1b}]0;title\u{7}\u{9b}2J\r\n\u{200b}zero\tb\u{301}".into());
    answer.input = Some(Payload::received("\"\u{7f}\u{85}\""));
    answered(&mut model, id, Ok(answer), Verdict::Ended);
    let text = screen(&model);
    insta::assert_snapshot!("hostile", text);
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
}

#[test]
fn a_hostile_status_is_shown_and_not_sent() {
    let hostile = Status::from_wire("ODD\u{1b}[2J\u{202e}");
    for (width, height) in [(120, 40), (200, 50), (80, 24), (40, 10)] {
        let mut model = opened(width, height);
        let id = started(&mut model, "order-pipeline", "order-1", 5);
        let answer = seen(&model, id, hostile.clone(), Duration::from_secs(1));
        answered(&mut model, id, Ok(answer), Verdict::Watching(Duration::from_secs(1)));
        // In the list, the status, the groups and a stop that comes too late.
        for keys in ["", "tab tab", "u", "x", "esc m"] {
            press(&mut model, keys);
            let text = screen(&model);
            assert!(!text.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{keys}:\n{text}");
        }
    }
}

/// Sizes from one cell to larger than any screen, with those at which the layout changes.
fn all_sizes() -> impl Iterator<Item = (u16, u16)> {
    let widths = [1, 2, 3, 7, 12, 20, 30, 40, 60, 79, 80, 99, 100, 109, 110, 149, 150, 200, 500];
    let heights = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 19, 20, 21, 24, 26, 40, 60, 200];
    widths.into_iter().flat_map(move |width| heights.map(|height| (width, height)))
}

#[test]
fn every_scene_draws_at_every_size() {
    for (index, (_, mut model)) in crate::support::scenes::scenes(80, 24).into_iter().enumerate() {
        // Other sizes for each scene: all of them for each would take minutes.
        for (width, height) in all_sizes().skip(index % 7).step_by(7) {
            update(&mut model, Msg::Resized(width, height));
            assert_whole_characters(&drawn(&model, &Theme::plain()));
        }
    }
}

/// No character covers a part of a wide one.
fn assert_whole_characters(buffer: &Buffer) {
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let end = x + u16::try_from(width(buffer[(x, y)].symbol())).expect("narrow").max(1);
            let is_whole = end <= buffer.area.width && (x + 1..end).all(|x| buffer[(x, y)].symbol() == " ");
            assert!(is_whole, "the character at {x},{y} is cut:\n{}", text_of(buffer));
            x = end;
        }
    }
}

#[test]
fn no_dialog_cuts_a_wide_character_below_it() {
    let mut model = Model::new(setup_with_routes(80, 24));
    let name = |number| format!("注文{number}の処理と発送の手配と請求と入金の確認");
    for number in 0..24 {
        let id = started(&mut model, "注文処理", &name(number), 100);
        let mut seen = seen(&model, id, Status::Succeeded, Duration::from_secs(3));
        seen.output = Some(Payload::received(format!("\"{}\"", "東京都千代田区".repeat(200))));
        answered(&mut model, id, Ok(seen), Verdict::Ended);
    }
    started(&mut model, "注文処理", &name(99), 100);
    for script in ["n", "n 注文 enter", "n 注文 enter ctrl-p", ":", "b", "ctrl-o", "x", "j d", "j y", "j Y", "j Y o"]
    {
        let mut model = model.clone();
        press(&mut model, script);
        assert!(!matches!(model.shell().overlay(), Overlay::None), "{script}");
        for (width, height) in (76..100).map(|width| (width, 24)).chain([(121, 30), (122, 30), (160, 50), (161, 50)]) {
            update(&mut model, Msg::Resized(width, height));
            let buffer = drawn(&model, &Theme::dark());
            assert!(width < 100 || text_of(&buffer).contains(['注', '東']), "{script}");
            assert_whole_characters(&buffer);
        }
    }
}

#[test]
fn a_scroll_bar_shows_that_a_row_is_hidden() {
    let rows = |count| {
        let mut model = Model::new(setup_with_routes(80, 24));
        for number in 0..count {
            started(&mut model, "order", &format!("order-{number}"), 100 + number);
        }
        text_of(&drawn(&model, &Theme::dark()))
    };
    let room = u64::try_from(rows(40).matches("○ STARTED").count()).expect("a few");
    assert!(!rows(room).contains('█') && rows(room + 1).contains('█'), "{}", rows(room + 1));
}

#[test]
fn a_list_has_rows_on_every_screen() {
    for (width, height) in all_sizes().filter(|(width, _)| *width >= 12) {
        let model = at_work(width, height);
        let text = screen(&model);
        let rows = text.lines().filter(|line| line.contains('◷') || line.contains("ord") || line.contains('■'));
        assert!(rows.count() > 0, "{width}x{height}:\n{text}");
    }
    let text = screen(&at_work(30, 5));
    assert!(text.contains("order-4711") && text.contains("report") && text.contains('✔'), "{text}");
    insta::assert_snapshot!("at_work_30x5", text);
}

#[test]
fn panes_stay_where_they_are_while_values_tick() {
    let areas = |model: &Model| Pane::ALL.map(|pane| model.geometry().pane(pane));
    for (width, height) in SIZES {
        let mut model = at_work(width, height);
        let before = areas(&model);
        let id = model.selected().expect("selected").id;
        for second in 1..40 {
            update(&mut model, Msg::Clock(NOW.plus(Duration::from_secs(second))));
            let running = seen(&model, id, Status::Running, Duration::ZERO);
            answered(&mut model, id, Ok(running), Verdict::Watching(Duration::from_secs(1)));
            assert_eq!(areas(&model), before, "{width}x{height} after {second} s");
        }
        let failure = Failure::without_response(FailureKind::RoleDenied, "not authorized");
        answered(&mut model, id, Err(failure), Verdict::Postponed(Duration::from_secs(8)));
        // The message about it takes a line.
        press(&mut model, "esc");
        update(&mut model, Msg::Clock(NOW.plus(Duration::from_secs(50))));
        assert_eq!(areas(&model), before, "{width}x{height} after a failed poll");
    }
}

#[test]
fn the_list_stays_where_it_is_while_the_selection_moves() {
    let area = |model: &Model| model.geometry().pane(Pane::Executions);
    for (width, height) in SIZES {
        let mut model = at_work(width, height);
        let before = area(&model);
        for _ in 0..5 {
            press(&mut model, "j");
            assert_eq!(area(&model), before, "{width}x{height}");
        }
    }
}

#[test]
fn list_and_output_share_a_narrow_screen() {
    let mut model = at_work(80, 24);
    press(&mut model, "j j j j");
    let text = screen(&model);
    assert!(text.contains("order-4710") && text.contains("\"paid\": true"), "{text}");
    press(&mut model, "tab");
    let text = screen(&model);
    assert!(text.contains("order-4709") && text.contains("started 12:12:11"), "the status and the list: {text}");
    press(&mut model, "shift-tab shift-tab");
    let text = screen(&model);
    assert!(text.contains("nightly-report") && text.contains("order-4710"), "machines and executions: {text}");
    let small = at_work(40, 10);
    assert_eq!(Pane::ALL.into_iter().filter(|pane| small.geometry().pane(*pane).is_some()).count(), 1);
}

#[test]
fn the_program_starts_on_the_executions_if_there_are_any() {
    let records: Vec<_> = at_work(120, 40).list().executions().rows().filter_map(Row::record).collect();
    let opened_with = |records| {
        let mut model = opened(120, 40);
        let remembered = Remembered { page: Page { records, next: None }, ..Remembered::default() };
        update(&mut model, Msg::StoreLoaded(Box::new(remembered)));
        model.shell().focus()
    };
    assert_eq!(opened_with(records), Pane::Executions);
    assert_eq!(opened_with(Vec::new()), Pane::Machines);
}

#[test]
fn a_terminal_without_unicode_gets_ascii() {
    let is_own = |c: char| c.is_alphabetic();
    for (width, height) in [(80, 24), (120, 40), (40, 10), (30, 5)] {
        for (name, model) in crate::support::scenes::scenes(width, height) {
            for theme in [Theme::dark(), Theme::plain()] {
                let text = text_of(&drawn(&model, &theme.with_symbols(Symbols::Ascii)));
                let other: BTreeSet<char> = text.chars().filter(|c| !c.is_ascii() && !is_own(*c)).collect();
                assert!(other.is_empty(), "{name} at {width}x{height}: {other:?}\n{text}");
            }
        }
    }
    insta::assert_snapshot!("ascii", text_of(&drawn(&at_work(80, 24), &Theme::plain().with_symbols(Symbols::Ascii))));
}

#[test]
fn the_selection_of_a_list_without_focus_is_marked_and_emphasized() {
    for theme in
        [Theme::dark(), Theme::light(), Theme::plain(), Theme::high_contrast_on_dark(), Theme::high_contrast_on_light()]
    {
        let mut model = at_work(120, 40);
        press(&mut model, "enter");
        let buffer = drawn(&model, &theme);
        let cell = |text: &str| {
            let line = text_of(&buffer).lines().position(|line| line.contains(text)).expect("the row");
            let y = u16::try_from(line).expect("small");
            (0..120).map(|x| buffer[(x, y)].clone()).find(|cell| cell.symbol() == "▸" || cell.symbol() == "4")
        };
        let (chosen, other) = (cell("▸● RUNNING").expect("marked"), cell("order-4710").expect("a row"));
        assert_eq!(chosen.symbol(), "▸");
        let is_visible = chosen.bg != other.bg || chosen.modifier.intersects(Modifier::UNDERLINED | Modifier::REVERSED);
        assert!(is_visible, "{theme:?}: {chosen:?}");
        assert_ne!(theme.chosen, theme.selected);
    }
}

#[test]
fn styles_of_the_dark_theme() {
    insta::assert_snapshot!("styles", styles_of(&drawn(&at_work(120, 20), &Theme::dark())));
}

#[test]
fn no_color_has_no_color() {
    use ratatui::style::Color;
    let buffer = drawn(&at_work(120, 40), &Theme::plain());
    assert!(buffer.content().iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
}

#[test]
fn the_pictures_of_readme_are_the_real_screens() {
    for picture in PICTURES {
        let Some(file) = picture.file else { continue };
        let path = documents::root().join("docs").join(file);
        let kept = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let now = picture_of(&drawn(&(picture.scene)(), &Theme::dark()), ON_DARK);
        let command = format!("cargo run --example picture -- {} > docs/{file}", picture.name);
        assert!(kept == now, "the screen has changed: {command}");
    }
}

/// The value of an attribute of an SVG element.
fn attribute<'e>(element: &'e str, name: &str) -> Option<&'e str> {
    element.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

#[test]
fn every_run_of_a_picture_is_as_wide_as_its_cells_in_any_font() {
    for picture in PICTURES {
        let buffer = drawn(&(picture.scene)(), &Theme::dark());
        let svg = picture_of(&buffer, ON_DARK);
        let whole: usize = attribute(&svg, "width").and_then(|value| value.parse().ok()).expect("a width");
        let (mut runs, mut cells) = (0, 0);
        for element in svg.split("<text").skip(1) {
            let number = |name: &str| -> usize {
                let value =
                    attribute(element, name).unwrap_or_else(|| panic!("{}: no {name}: {element}", picture.name));
                value.parse().expect("a number")
            };
            let text = element.split_once('>').and_then(|(_, rest)| rest.split_once("</text>")).expect("a text").0;
            let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            assert_eq!(number("textLength"), width(&text) * 9, "{}: {element}", picture.name);
            assert_eq!(attribute(element, "lengthAdjust"), Some("spacingAndGlyphs"), "{element}");
            assert!((number("x") - 10) % 9 == 0 && number("x") + number("textLength") <= whole, "{element}");
            // Stretching a run moves its glyphs by different amounts if they have different widths.
            let widths: BTreeSet<usize> =
                text.chars().map(|c| width(&c.to_string())).filter(|cells| *cells > 0).collect();
            assert!(widths.len() <= 1, "{}: wide and narrow characters in one run: {text}", picture.name);
            (runs, cells) = (runs + 1, cells + width(&text));
        }
        let drawn =
            text_of(&buffer).chars().filter(|c| !c.is_whitespace()).map(|c| width(&c.to_string())).sum::<usize>();
        assert!(runs > 20 && cells == drawn, "{}: {cells} of {drawn} cells", picture.name);
    }
}

#[test]
fn nothing_wakes_the_program_when_nothing_moves() {
    let mut model = opened(80, 24);
    assert_eq!(model.next_wake(), None);
    let id = started(&mut model, "order-pipeline", "order-1", 5);
    assert_eq!(model.next_wake(), Some(NOW.plus(Duration::from_secs(1))));
    let end = seen(&model, id, Status::Succeeded, Duration::from_secs(5));
    answered(&mut model, id, Ok(end), Verdict::Ended);
    let mut steps = 0;
    while let Some(wake) = model.next_wake() {
        assert!(wake > model.now(), "the next wake-up lies in the future");
        update(&mut model, Msg::Clock(wake));
        steps += 1;
    }
    assert!(steps <= 6, "only the rate of the last seconds fades");
}

/// Any message that may come, also late, for the wrong row, or twice.
/// An execution of another process; some are those of the scene.
fn stored_record(id: u64, status: usize) -> ExecutionRecord {
    let model = at_work(80, 24);
    let known = model.list().executions().latest(9).nth(usize::try_from(id).expect("small")).and_then(Row::record);
    let arn = format!("arn:aws:states:ap-northeast-1:111122223333:execution:OrderPipeline:theirs-{id}");
    let arn = ExecutionArn::parse(&arn).expect("an ARN");
    let status = [Status::Running, Status::Succeeded, Status::Failed][status].clone();
    ExecutionRecord {
        gateway: model.shell().endpoints().first().expect("an endpoint").gateway.clone(),
        endpoint: crate::support::scene::endpoint(),
        machine_name: "order-pipeline".into(),
        machine: arn.machine(),
        arn: known.map_or(arn, |known| known.arn),
        started: NOW,
        last_response: Some(NOW),
        seen: Some(Observation::new(status, NOW)),
        given_up: None,
        input_digest: None,
        warning: None,
        is_others: false,
        start_members: OtherMembers::default(),
    }
}

fn message_of_others() -> impl Strategy<Value = Msg> {
    prop_oneof![
        2 => (0_u64..9, 0_usize..3, any::<bool>()).prop_map(|(id, status, is_removed)| {
            let record = stored_record(id, status);
            let key = (record.gateway.clone(), record.arn.clone());
            let mut changes = StoreChanges::default();
            if is_removed {
                changes.removed.push(key);
            } else {
                let by = [WatchedBy::Unknown, WatchedBy::This, WatchedBy::Another("1-2-3".into())][status].clone();
                changes.changed.push((record, by));
            }
            Msg::StoreChanged(Box::new(changes))
        }),
        1 => (0_u64..9, 0_usize..3).prop_map(|(id, status)| {
            let record = stored_record(id, status);
            let status = record.status().expect("a status");
            let listed = ListedExecution {
                arn: record.arn,
                machine: record.machine,
                status,
                start_date: NOW,
                stop_date: None,
                redrive_count: None,
                redrive_date: None,
                others: OtherMembers::default(),
            };
            Msg::Listed(crate::support::scene::endpoint(), vec![listed])
        }),
    ]
}

fn any_message() -> impl Strategy<Value = Msg> {
    let keys = prop_oneof![
        prop_oneof![
            Just('n'),
            Just('r'),
            Just('b'),
            Just('/'),
            Just('|'),
            Just(':'),
            Just('?'),
            Just('m'),
            Just('j'),
            Just('k'),
            Just('G'),
            Just('d'),
            Just('y'),
            Just('a'),
            Just('あ'),
            Just('{')
        ]
        .prop_map(|c| Key::plain(KeyCode::Char(c))),
        prop_oneof![
            Just(KeyCode::Enter),
            Just(KeyCode::Esc),
            Just(KeyCode::Tab),
            Just(KeyCode::Up),
            Just(KeyCode::Down),
            Just(KeyCode::PageDown),
            Just(KeyCode::Backspace)
        ]
        .prop_map(Key::plain),
        prop_oneof![Just('s'), Just('p'), Just('u'), Just('r'), Just('g'), Just('n'), Just('y')].prop_map(Key::ctrl),
    ];
    let answer = (0_u64..6, 0_u8..7).prop_map(|(id, kind)| {
        let status = [Status::Running, Status::Succeeded, Status::Failed, Status::Unknown("NEW".into())];
        let model = at_work(80, 24);
        let id = ExecutionId(id);
        let (answer, verdict) = match kind {
            kind @ 0..4 => {
                let seen = seen(&model, id, status[usize::from(kind)].clone(), Duration::from_secs(2));
                let verdict = if seen.is_ended() { Verdict::Ended } else { Verdict::Watching(Duration::from_secs(4)) };
                (Ok(seen), verdict)
            }
            4 => {
                let failure = Failure::without_response(FailureKind::GatewayUnavailable, "");
                (Err(failure), Verdict::BackingOff(Duration::from_secs(3)))
            }
            5 => (
                Err(Failure::without_response(FailureKind::RoleDenied, "")),
                Verdict::Postponed(Duration::from_secs(9)),
            ),
            _ => (Err(Failure::without_response(FailureKind::ExecutionDoesNotExist, "")), Verdict::GivenUp),
        };
        let is_held_back = matches!(verdict, Verdict::BackingOff(_));
        Msg::StatusReceived(Box::new(StatusReport {
            endpoint: crate::support::scene::endpoint(),
            id,
            change: change_of(&model, id, answer, &verdict),
            verdict,
            is_paused: is_held_back,
            rate: 5.0,
            backlog: Backlog::default(),
        }))
    });
    prop_oneof![
        6 => keys.prop_map(Msg::Key),
        2 => (0_u16..220, 0_u16..60).prop_map(|(width, height)| Msg::Resized(width, height)),
        2 => answer,
        1 => (0_i64..100_000).prop_map(|later| Msg::Clock(Timestamp::from_millis(NOW.as_millis() + later))),
        1 => "[{}a-zあ\n\u{1b}]{0,40}".prop_map(Msg::Paste),
        // The scene has seen six starts; the next ones come from the keys.
        2 => (6_u64..10, any::<bool>()).prop_map(|(id, is_good)| {
            let arn = format!("arn:aws:states:us-east-1:111122223333:execution:M:run-{id}");
            let started = Started::new(ExecutionArn::parse(&arn).expect("an ARN"), Some(NOW));
            let failure = Failure::without_response(FailureKind::GatewayTimedOut, "");
            let settled = if is_good { Settled::Confirmed(started) } else { unresolved(some_order(), None, failure) };
            Msg::StartFinished(StartId(id), None, settled)
        }),
        3 => message_of_others(),
        1 => prop_oneof![Just(Ok("{}\n".to_owned())), Just(Err("no editor".to_owned()))].prop_map(Msg::Edited),
        1 => (0_u64..6, prop::collection::vec("[a-z注 ]{1,9}", 0..3)).prop_map(|(number, names)| {
            Msg::FolderRead(number, Ok(Folder { names, is_cut: false }))
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_messages_leave_a_model_that_draws_at_its_size_and_replays(messages in proptest::collection::vec(any_message(), 0..60)) {
        let mut model = at_work(80, 24);
        let mut again = at_work(80, 24);
        for message in messages {
            let effects = update(&mut model, message.clone());
            prop_assert_eq!(&effects, &update(&mut again, message));
            let counts = model.list().executions().counts();
            prop_assert_eq!(counts.sum(), model.list().executions().len());
            if let Some(wake) = model.next_wake() {
                prop_assert!(wake > model.now());
            }
        }
        let (first, second) = (drawn(&model, &Theme::light()), drawn(&again, &Theme::light()));
        prop_assert_eq!(text_of(&first), text_of(&second));
        prop_assert!(!text_of(&first).chars().any(|c| c.is_control() && c != '\n'));
    }
}

#[test]
fn scrolling_ends_with_the_last_line_at_the_bottom() {
    let mut model = opened(120, 40);
    let id = started(&mut model, "order-pipeline", "order-1", 5);
    let mut answer = seen(&model, id, Status::Failed, Duration::from_secs(1));
    answer.cause = Some((1..=500).map(|line| format!("line {line}")).collect::<Vec<_>>().join("\n"));
    answered(&mut model, id, Ok(answer), Verdict::Ended);
    press(&mut model, "enter G");
    let text = screen(&model);
    assert!(text.contains("line 500 ") && text.contains("line 490 "), "{text}");
    press(&mut model, "page-up");
    assert!(!screen(&model).contains("line 500 "), "{}", screen(&model));
    press(&mut model, "g");
    assert!(screen(&model).contains("line 1 "), "{}", screen(&model));
}

#[test]
fn an_outage_is_on_the_page_of_messages_with_its_request_id() {
    let mut model = at_work(120, 40);
    let id = model.selected().expect("selected").id;
    let mut failure = Failure::without_response(FailureKind::Integration, "Internal server error");
    failure.request_id = Some("9c3d8aab".into());
    for _ in 0..3 {
        answered(&mut model, id, Err(failure.clone()), Verdict::BackingOff(Duration::from_secs(8)));
    }
    press(&mut model, "m");
    let text = screen(&model);
    assert_eq!(text.matches("(request 9c3d8aab)").count(), 1, "told once, not at every try:\n{text}");
    assert!(text.contains("Internal server error"), "{text}");
}

#[test]
fn a_failure_of_one_execution_stays_with_its_row() {
    let mut model = at_work(120, 40);
    let id = model.selected().expect("selected").id;
    let failure = Failure::without_response(FailureKind::RoleDenied, "not authorized");
    answered(&mut model, id, Err(failure), Verdict::Postponed(Duration::from_secs(8)));
    press(&mut model, "esc");
    let text = screen(&model);
    assert!(
        text.contains("the gateway's role lacks permission for this") && text.contains("action · again in 8 s"),
        "{text}"
    );
    assert!(text.contains("RUNNING") && !text.contains("next attempt"), "{text}");
}

#[test]
fn a_refused_start_keeps_its_name_for_the_same_input_and_takes_another_for_another() {
    let mut model = opened(120, 40);
    let refused = || Settled::Refused(Failure::without_response(FailureKind::Forbidden, ""));
    let (id, first) = ordered(press(&mut model, "enter ctrl-s"));
    update(&mut model, Msg::StartFinished(id, None, refused()));
    let (id, second) = ordered(press(&mut model, "ctrl-s"));
    assert_eq!(second, first, "the same start again");
    update(&mut model, Msg::StartFinished(id, None, refused()));
    let (id, third) = ordered(press(&mut model, "space ctrl-s"));
    assert_ne!(third.name, first.name, "another input is another start");
    update(&mut model, Msg::StartFinished(id, None, refused()));
    // A chosen name in between, and back to the first input: the first name again.
    let (id, chosen) = ordered(press(&mut model, "backspace tab mine ctrl-s"));
    assert_eq!(chosen.name.as_str(), "mine");
    update(&mut model, Msg::StartFinished(id, None, refused()));
    let (_, fourth) = ordered(press(&mut model, "backspace backspace backspace backspace ctrl-s"));
    assert_eq!(fourth, first);
}

/// A start whose outcome is open.
fn unresolved(order: StartOrder, record: Option<StartRequestId>, reason: Failure) -> Settled {
    Settled::Unresolved(Box::new(UnresolvedStart {
        order,
        request_id: record,
        first_sent: NOW,
        sent: NOW,
        reason: Some(reason),
    }))
}

fn some_order() -> StartOrder {
    ordered(press(&mut opened(80, 24), "enter ctrl-s")).1
}

/// A start without a good answer, as a row.
fn unresolved_start(width: u16, height: u16) -> (Model, ExecutionId) {
    let mut model = at_work(width, height);
    let (id, order) = ordered(press(&mut model, "n order enter ctrl-s"));
    let lost = Failure::without_response(FailureKind::Unreachable(Unreachable::Broken), "reset by peer");
    let effects = update(
        &mut model,
        Msg::StartFinished(id, Some(StartRequestId(7)), unresolved(order, Some(StartRequestId(7)), lost)),
    );
    assert!(
        matches!(&effects[..], [Effect::Watch(watched), ..] if matches!(watched[0].tracked, Tracked::Start { .. })),
        "{effects:?}"
    );
    let row = model.selected().expect("its row is selected").id;
    (model, row)
}

#[test]
fn a_start_in_doubt_is_a_row_until_it_is_settled() {
    assert_screen("in_doubt", |width, height| unresolved_start(width, height).0);
    let (mut model, row) = unresolved_start(120, 40);
    assert_eq!(model.unsettled().count(), 1);
    let arn = model.selected().expect("selected").arn.clone();
    let observed = Observation::new(Status::Running, NOW);
    let verdict = Verdict::Watching(Duration::from_secs(1));
    let effects = answer_to(&mut model, row, Ok(observed), verdict);
    let confirmed = Settled::Confirmed(Started::new(arn, Some(NOW)));
    assert!(effects.contains(&Effect::Settle(StartRequestId(7), confirmed)), "{effects:?}");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::SaveRecord(_))), "{effects:?}");
    assert_eq!(
        (model.unsettled().count(), model.selected().expect("selected").status_text().into_owned()),
        (0, "RUNNING".to_owned())
    );
}

fn answer_to(
    model: &mut Model,
    id: ExecutionId,
    answer: Result<Observation, Failure>,
    verdict: Verdict,
) -> Vec<Effect> {
    let endpoint = crate::support::scene::endpoint();
    let change = change_of(model, id, answer, &verdict);
    let answer =
        StatusReport { endpoint, id, change, verdict, is_paused: false, rate: 5.0, backlog: Backlog::default() };
    update(model, Msg::StatusReceived(Box::new(answer)))
}

#[test]
fn what_was_never_started_can_be_started_now_under_its_own_name() {
    let (mut model, row) = unresolved_start(120, 40);
    let order = model.unsettled().next().expect("one").clone();
    let unknown = Failure::without_response(FailureKind::ExecutionDoesNotExist, "");
    assert_eq!(
        answer_to(&mut model, row, Err(unknown), Verdict::GivenUp),
        [Effect::Settle(StartRequestId(7), Settled::NeverStarted)]
    );
    insta::assert_snapshot!("never_started", screen(&model));
    let effects = press(&mut model, "s s");
    let started: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Start(_, order, record, _) => Some((order.clone(), *record)),
            _ => None,
        })
        .collect();
    assert_eq!(started, [(order, Some(StartRequestId(7)))], "once, the same bytes, the same record");
}

#[test]
fn a_chosen_name_of_long_ago_is_not_ours() {
    let mut model = opened(120, 40);
    let (id, order) = ordered(press(&mut model, "enter tab mine ctrl-s"));
    let lost = Failure::without_response(FailureKind::Unreachable(Unreachable::Broken), "reset by peer");
    update(
        &mut model,
        Msg::StartFinished(id, Some(StartRequestId(7)), unresolved(order, Some(StartRequestId(7)), lost)),
    );
    let row = model.selected().expect("its row is selected").id;
    let yesterday = Timestamp::from_millis(NOW.as_millis() - 86_400_000);
    let verdict = Verdict::Watching(Duration::from_secs(1));
    let effects = answer_to(&mut model, row, Ok(Observation::new(Status::Running, yesterday)), verdict);
    let refused = |effect: &Effect| matches!(effect, Effect::Settle(StartRequestId(7), Settled::Refused(_)));
    assert!(effects.iter().any(refused), "{effects:?}");
    assert!(screen(&model).contains("the name is already in use"), "{}", screen(&model));
}

#[test]
fn a_long_batch_is_read_in_parts() {
    let mut model = in_batch(80, 24, 3);
    let line = |number: usize| BatchLine {
        line: number,
        request_id: StartRequestId(1),
        name: stepgate_core::domain::ExecutionName::parse(&format!("order-{number}")).expect("a name"),
        state: LineState::Waiting,
    };
    let lines: Vec<BatchLine> = (1..=100_000).map(line).collect();
    let order = ordered(press(&mut opened(80, 24), "enter ctrl-s")).1;
    update(&mut model, Msg::BatchLineFinished(Box::new(order), None, Settled::NeverStarted));
    let later = model.now().plus(Duration::from_secs(3));
    let effects = update(&mut model, Msg::Clock(later));
    answer_lines(&mut model, effects, &lines);
    let steps =
        [("", 1), ("j j", 3), ("G", 100_000), ("k", 99_999), ("page-up", 99_982), ("page-down", 99_999), ("g", 1)];
    for (keys, number) in steps {
        let effects = press(&mut model, keys);
        let counts = effects.iter().filter_map(|effect| match effect {
            Effect::ReadBatchLines(query) => Some(query.count),
            _ => None,
        });
        assert!(counts.into_iter().all(|count| count < 100), "{effects:?}");
        answer_lines(&mut model, effects, &lines);
        let text = screen(&model);
        assert!(text.contains(&format!("▸ {number:>6}    planned")), "after {keys}: {text}");
    }
    // The cursor stays on its line when others come before it.
    press(&mut model, "j j j");
    update(&mut model, Msg::BatchStopped(None));
    let later = model.now().plus(Duration::from_secs(3));
    let effects = update(&mut model, Msg::Clock(later));
    let more: Vec<BatchLine> = (0..=100_000).map(line).collect();
    answer_lines(&mut model, effects, &more);
    assert!(screen(&model).contains("▸      4    planned"), "{}", screen(&model));
}

#[test]
fn a_finished_batch_selects_what_it_has_started() {
    let marked = |model: &Model| model.list().executions().marked().count();
    let mut model = in_batch(120, 40, 8);
    press(&mut model, "tab");
    assert_eq!(marked(&model), 0);
    press(&mut model, "esc");
    assert_eq!((marked(&model), model.shell().focus()), (7, Pane::Executions));
    let selected = model.selected().expect("selected");
    assert!(model.list().executions().marked().any(|id| id == selected.id));
    // Not while it runs, nor again.
    let mut model = in_batch(120, 40, 5);
    let before = model.selected().expect("selected").id;
    press(&mut model, "esc");
    assert_eq!((marked(&model), model.selected().expect("selected").id), (0, before));
}

#[test]
fn enter_goes_from_a_line_of_a_batch_to_its_execution() {
    let mut model = in_batch(120, 40, 5);
    let before = model.selected().expect("selected").id;
    assert!(screen(&model).contains("Enter see execution"), "{}", screen(&model));
    // The third was refused, the sixth was sent, the seventh waits.
    for keys in ["j j enter", "j j j enter", "G enter"] {
        press(&mut model, keys);
        assert!(screen(&model).contains("LINE"), "after {keys}: {}", screen(&model));
        assert!(!screen(&model).contains("see execution"), "after {keys}: {}", screen(&model));
    }
    press(&mut model, "g j enter");
    let selected = model.selected().expect("selected");
    assert_ne!(selected.id, before);
    assert_eq!(model.shell().focus(), Pane::Executions);
    let name = selected.arn.name().to_owned();
    let text = screen(&model);
    assert!(!text.contains("LINE") && text.contains(&name), "{text}");
    // An execution that the list no longer has is added.
    let id = selected.id;
    let record = selected.record().expect("a record");
    let removed = vec![(record.gateway.clone(), record.arn.clone())];
    update(&mut model, Msg::StoreChanged(Box::new(StoreChanges { removed, ..StoreChanges::default() })));
    assert!(model.list().executions().get(id).is_none());
    press(&mut model, "b enter");
    assert_eq!(model.selected().map(|row| row.arn.name()), Some(&*name));
}

#[test]
fn unsent_lines_are_forgotten_only_after_a_confirmation() {
    let forgets = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::ForgetBatch(_)));
    // While it is sent: it stops first, and responses that arrive until then count.
    let mut model = in_batch(120, 40, 3);
    assert!(press(&mut model, "x").is_empty());
    let text = screen(&model);
    assert!(text.contains("Forget the unsent lines of orders.jsonl?") && text.contains("stops first"), "{text}");
    for key in ["esc", "n", "q"] {
        assert!(press(&mut model, key).is_empty());
        assert!(screen(&model).contains("LINE"), "back on the page after {key}: {}", screen(&model));
        press(&mut model, "x");
    }
    assert_eq!(press(&mut model, "y"), [Effect::StopBatch]);
    assert!(press(&mut model, "x s c y").is_empty(), "it is decided");
    let effects = update(&mut model, Msg::BatchStopped(None));
    assert!(forgets(&effects) && screen(&model).contains("The unsent lines were forgotten."), "{effects:?}");
    // After it has stopped.
    let mut model = in_batch(120, 40, 3);
    press(&mut model, "s");
    assert!(!forgets(&update(&mut model, Msg::BatchStopped(None))));
    assert!(press(&mut model, "x").is_empty());
    assert!(screen(&model).contains("5 unsent lines would never be started"), "{}", screen(&model));
    assert!(forgets(&press(&mut model, "y")));
    // Nothing to lose.
    let mut model = in_batch(120, 40, 8);
    assert!(press(&mut model, "x").is_empty());
    assert!(!screen(&model).contains("Forget"), "{}", screen(&model));
}

#[test]
fn help_on_the_batch_page_returns_to_it() {
    for (open, close) in [("?", "q"), ("f1", "esc")] {
        let mut model = in_batch(120, 40, 3);
        press(&mut model, "j");
        let before = screen(&model);
        press(&mut model, open);
        assert!(screen(&model).contains("On the batch page"), "{}", screen(&model));
        press(&mut model, close);
        assert_eq!(screen(&model), before);
    }
}

#[test]
fn many_starts_from_a_file() {
    let read = |width, height, result| {
        let mut model = at_work(width, height);
        press(&mut model, "b");
        update(&mut model, Msg::Paste("注文/orders.jsonl".into()));
        press(&mut model, "enter");
        update(&mut model, Msg::LinesRead("注文/orders.jsonl".into(), result));
        model
    };
    assert_screen("many_faulty", |width, height| {
        let faults = ["注文/orders.jsonl:2: column 10: expected ident.", "注文/orders.jsonl:9: the input is empty."];
        read(width, height, Err(faults.map(str::to_owned).to_vec()))
    });
    assert_screens("many", |width, height| in_batch(width, height, 5));
    let low = screen(&in_batch(30, 5, 5));
    assert!(low.contains("5 of 8") && low.contains("STARTED"), "{low}");
    assert_screen("many_not_started", |width, height| {
        let mut model = in_batch(width, height, 5);
        let effects = press(&mut model, "!");
        let refusal = Failure::without_response(FailureKind::InvalidInput, "too deep");
        let name = stepgate_core::domain::ExecutionName::parse("order-3").expect("a name");
        let state = LineState::NotStarted(Some(refusal));
        answer_lines(&mut model, effects, &[BatchLine { line: 3, request_id: StartRequestId(1), name, state }]);
        model
    });
    let line = InputLine { number: 1, input: Payload::empty_object() };
    let mut model = read(120, 40, Ok(vec![line.clone()]));
    let mut other = model.clone();
    press(&mut other, "x");
    update(&mut other, Msg::LinesRead("注文/orders.jsonl".into(), Ok(vec![line])));
    assert_eq!(press(&mut other, "enter").len(), 1, "another file is read first");
    assert!(matches!(&press(&mut model, "enter")[..], [Effect::RecordBatch(..)]));
}
