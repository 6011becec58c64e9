//! Rows, cursor, folds, searches and paths of a text.

use proptest::prelude::*;

use super::*;
use crate::format::text::{visible, width};

fn reader(text: &str, cells: usize, height: usize) -> Reader {
    let mut reader = Reader::new(text.into());
    reader.fit(cells, height);
    reader
}

fn line(row: &Row) -> String {
    let text: String = row.spans.iter().map(|span| span.text.as_str()).collect();
    format!("{}{text}", " ".repeat(row.indent))
}

/// The visible rows, the one with the cursor marked.
fn shown(reader: &Reader) -> Vec<String> {
    let mark = |has_cursor: &bool| if *has_cursor { ">" } else { " " };
    reader.rows().iter().map(|(row, has_cursor)| format!("{}{}", mark(has_cursor), line(row))).collect()
}

const ORDER: &str =
    r#"{"order":4711,"parcels":[{"id":1,"kg":1.0},{"id":2,"kg":1.10}],"none":[ ],"note":"完了 \u0041"}"#;

#[test]
fn pretty_json_keeps_the_received_values() {
    let reader = reader(ORDER, 60, 20);
    assert_eq!(
        shown(&reader),
        [
            ">{",
            "   \"order\": 4711,",
            "   \"parcels\": [",
            "     {",
            "       \"id\": 1,",
            "       \"kg\": 1.0",
            "     },",
            "     {",
            "       \"id\": 2,",
            "       \"kg\": 1.10",
            "     }",
            "   ],",
            "   \"none\": [],",
            "   \"note\": \"完了 \\u0041\"",
            " }",
        ]
    );
}

#[test]
fn layout_changes_only_white_space() {
    let text = r#"{"b":1.0,"a":12345678901234567890123,"a":1e400,"e":"\u3042 \"x\" 😀","n":[1,[null]]}"#;
    let reader = reader(text, 80, 40);
    let bare: String = reader.rows().iter().map(|(row, _)| line(row).replace(' ', "")).collect();
    assert_eq!(bare, text.replace(' ', ""));
}

#[test]
fn long_lines_are_wrapped_at_their_indent_or_cut() {
    let mut reader = reader(r#"{"name":"注文番号","n":1}"#, 14, 9);
    assert_eq!(shown(&reader), [">{", "   \"name\": \"注", "   文番号\",", "   \"n\": 1", " }"]);
    reader.toggle_wrap();
    assert_eq!(shown(&reader), [">{", "   \"name\": \"注", "   \"n\": 1", " }"]);
    assert!(reader.go_sideways(true));
    assert_eq!(shown(&reader)[1], " : \"注文番号\",");
    reader.toggle_wrap();
    assert!(!reader.go_sideways(true));
}

#[test]
fn a_wide_character_that_is_cut_in_two_leaves_a_blank() {
    let mut reader = reader("abcdefg注文番号 [[1]] and more", 12, 1);
    reader.toggle_wrap();
    assert_eq!(shown(&reader), [">abcdefg注文"]);
    reader.go_sideways(true);
    assert_eq!(shown(&reader), ["> 文番号 [[1]"]);
    assert_eq!(width(&shown(&reader)[0]), 13, "the mark of the cursor and twelve cells");
}

#[test]
fn folding_hides_children_and_keeps_the_cursor_visible() {
    let mut reader = reader(ORDER, 60, 20);
    reader.go(Step::By(4));
    assert_eq!(reader.path().as_deref(), Some(".parcels[0].id"));
    reader.toggle_fold();
    assert_eq!(shown(&reader)[3], ">    { … 2 },");
    assert_eq!(reader.path().as_deref(), Some(".parcels[0]"));
    reader.fold_all();
    assert_eq!(shown(&reader)[1..4], ["   \"order\": 4711,", ">  \"parcels\": [ … 2 ],", "   \"none\": [],"]);
    reader.go(Step::By(1));
    assert_eq!(reader.path().as_deref(), Some(".none"));
    reader.go(Step::By(-1));
    reader.toggle_fold();
    assert_eq!(shown(&reader)[3..5], ["     { … 2 },", "     { … 2 }"]);
    reader.unfold_all();
    assert_eq!(shown(&reader).len(), 15);
}

#[test]
fn a_search_unfolds_its_matches_and_wraps_around() {
    let mut reader = reader(ORDER, 60, 4);
    reader.fold_all();
    reader.find("KG");
    assert_eq!(reader.search().position(), (None, 0), "capitals that are typed matter");
    reader.find("kg");
    assert_eq!((reader.search().position(), reader.path().as_deref()), ((Some(1), 2), Some(".parcels[0].kg")));
    assert!(reader.find_next(true));
    assert_eq!(reader.path().as_deref(), Some(".parcels[1].kg"));
    let (row, _) = reader.rows().into_iter().find(|(_, has_cursor)| *has_cursor).expect("the cursor is in sight");
    let found: Vec<&str> = row.spans.iter().filter(|span| span.is_match).map(|span| span.text.as_str()).collect();
    assert_eq!(found, ["kg"]);
    assert!(reader.find_next(true));
    assert_eq!(reader.search().position(), (Some(1), 2));
}

#[test]
fn a_wrong_path_leads_to_its_longest_valid_prefix() {
    let mut reader = reader(ORDER, 60, 5);
    assert_eq!(reader.go_to_path(".parcels[1].kg"), Ok(()));
    assert_eq!(reader.path().as_deref(), Some(".parcels[1].kg"));
    let error = reader.go_to_path(".parcels[1].colour").expect_err("there is none");
    assert_eq!(error.to_string(), "there is no .colour in .parcels[1], which has id, kg");
    assert_eq!(reader.path().as_deref(), Some(".parcels[1]"));
}

#[test]
fn the_value_under_the_cursor_is_as_received() {
    let mut reader = reader(ORDER, 60, 5);
    assert_eq!(reader.value(), ORDER);
    for (path, value) in [(".order", "4711"), (".parcels[1]", "{\"id\":2,\"kg\":1.10}"), (".none", "[ ]")] {
        assert_eq!((reader.go_to_path(path), reader.value()), (Ok(()), value));
    }
    reader.go(Step::Last);
    assert_eq!(reader.value(), ORDER, "a closing bracket stands for all of it");
}

#[test]
fn raw_layout_shows_the_received_text() {
    let mut reader = reader(ORDER, 200, 5);
    assert_eq!(reader.go_to_path(".note"), Ok(()));
    reader.toggle_raw();
    assert_eq!((reader.layout(), shown(&reader)), (Layout::Raw, vec![format!(">{ORDER}")]));
    reader.toggle_raw();
    assert_eq!(reader.layout(), Layout::Pretty);
}

#[test]
fn other_text_than_json_is_shown_line_by_line() {
    assert_eq!(shown(&reader("Traceback:\r\n  line\u{1b}[31m 1", 40, 5)), [">Traceback:", "   line␛[31m 1"]);
    assert_eq!(shown(&reader("", 40, 5)), Vec::<String>::new());
    let mut plain = reader("not JSON", 40, 5);
    plain.toggle_raw();
    plain.toggle_fold();
    assert_eq!((plain.layout(), plain.path()), (Layout::Raw, None));
}

#[test]
fn moving_the_cursor_scrolls_and_keeps_it_visible() {
    let text = (0..100).map(|number| number.to_string()).collect::<Vec<_>>().join("\n");
    let mut reader = reader(&format!("x\n{text}"), 20, 10);
    reader.go(Step::Pages(1));
    assert_eq!((shown(&reader)[0].as_str(), shown(&reader).len()), (">9", 10));
    reader.go(Step::By(-1));
    assert_eq!(shown(&reader)[0], ">8");
    reader.go(Step::Last);
    assert_eq!(shown(&reader)[9], ">99");
    reader.go(Step::Pages(-1));
    assert_eq!(shown(&reader)[9], ">89");
    reader.fit(20, 4);
    assert_eq!(shown(&reader)[3], ">89");
    reader.go(Step::First);
    assert_eq!(shown(&reader)[0], ">x");
}

#[test]
fn ten_thousand_levels_can_be_read() {
    let text = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let mut reader = reader(&text, 40, 20);
    reader.go(Step::Last);
    reader.go(Step::First);
    reader.find("1");
    assert_eq!(reader.path().map(|path| path.len()), Some(30_001));
    reader.toggle_fold();
    reader.fold_all();
    assert_eq!(shown(&reader).len(), 3);
    reader.unfold_all();
    assert!(reader.rows().iter().all(|(row, _)| width(&line(row)) <= 40));
}

#[test]
fn ten_megabytes_on_one_line_are_read_from_either_end() {
    let text = format!("\"{}注\"", "0123456789".repeat(1_000_000));
    let mut reader = reader(&text, 40, 20);
    reader.go(Step::Last);
    assert!(shown(&reader)[19].ends_with("注\""));
    reader.go(Step::Pages(-3));
    assert!(shown(&reader).iter().all(|row| row.len() == 41));
    reader.find("注");
    assert_eq!(reader.search().position(), (Some(1), 1));
    assert!(reader.rows().iter().any(|(row, _)| row.spans.iter().any(|span| span.is_match)));
}

proptest! {
    #[test]
    fn every_row_fits_and_nothing_is_lost(
        text in "([a-zあ-ん{}\\[\\]\",:0-9 \u{1b}]|ᄀ{20}|👨‍👩‍👧|ｶﾞ){0,100}",
        cells in 12_usize..60,
    ) {
        let reader = reader(&text, cells, 10_000);
        let rows: Vec<String> = reader.rows().iter().map(|(row, _)| line(row)).collect();
        for row in &rows {
            prop_assert!(width(row) <= cells, "{row:?} in {cells}");
        }
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        prop_assert_eq!(bare(&rows.concat()), bare(&visible(&text)));
    }

    #[test]
    fn rows_do_not_depend_on_direction_or_search(
        text in "([a-zあ-ん{}\\[\\]\",:0-9 \n\u{1b}\u{200b}\u{200d}\u{301}]|  |e\u{301}|👨‍👩‍👧|[\\[{]1,){0,100}",
        needle in "[a-zあ-ん👨\u{301}\u{200d} ]{1,2}",
        cells in 12_usize..20,
    ) {
        let mut reader = reader(&text, cells, 1);
        prop_assume!(!reader.is_empty());
        let down: Vec<CursorPosition> = std::iter::successors(Some(reader.first()), |place| reader.next(*place)).collect();
        let mut up: Vec<CursorPosition> = std::iter::successors(Some(reader.last()), |place| reader.previous(*place)).collect();
        up.reverse();
        prop_assert_eq!(&down, &up);
        reader.search = Search::new(&reader.text, &needle);
        let found: Vec<CursorPosition> = std::iter::successors(Some(reader.first()), |place| reader.next(*place)).collect();
        prop_assert_eq!(down, found);
    }

    #[test]
    fn the_cursor_is_always_visible(
        keys in prop::collection::vec((0_u8..12, -30_isize..30), 0..40),
        cells in 12_usize..50,
        height in 1_usize..12,
    ) {
        let text = format!("[{ORDER},{ORDER},\"{}\"]", "long ".repeat(60));
        let mut reader = reader(&text, cells, height);
        for (key, number) in keys {
            match key {
                0 => reader.toggle_fold(),
                1 => reader.fold_all(),
                2 => reader.unfold_all(),
                3 => reader.toggle_raw(),
                4 => reader.toggle_wrap(),
                5 => reader.find("kg"),
                6 => drop(reader.find_next(number > 0)),
                7 => drop(reader.go_to_path(".[1].parcels[1].kg")),
                8 => reader.go(Step::Pages(number.signum())),
                9 => reader.go(if number > 0 { Step::Last } else { Step::First }),
                10 => reader.fit(cells, number.unsigned_abs().max(1)),
                _ => reader.go(Step::By(number)),
            }
            let rows = reader.rows();
            let cursors = rows.iter().filter(|(_, has_cursor)| *has_cursor).count();
            prop_assert_eq!(cursors, 1, "{:?}", shown(&reader));
            prop_assert!(rows.iter().all(|(row, _)| width(&line(row)) <= cells));
        }
    }
}

#[test]
fn an_endless_grapheme_cluster_fills_rows_like_any_text() {
    for text in [format!("e{}", "\u{301}".repeat(2_000)), "👩\u{200d}".repeat(2_000)] {
        let mut reader = Reader::new(text.as_str().into());
        reader.fit(40, 20);
        for step in [Step::First, Step::Last, Step::Pages(-1)] {
            reader.go(step);
            let rows = reader.rows();
            let cells = |row: &Row| row.spans.iter().map(|span| width(&span.text)).sum::<usize>();
            assert_eq!(rows.len(), 20);
            assert!(rows.iter().all(|(row, _)| (1..=40).contains(&cells(row))), "{rows:?}");
        }
    }
}
