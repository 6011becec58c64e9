//! Tables of keys, and properties of any sequence of them.

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::*;
use crate::app::keys::key::KeyCode;

fn press(editor: &mut Editor, script: &str) {
    for word in script.split(' ') {
        editor.press(Key::parse(word).unwrap_or_else(|| panic!("{word}")));
    }
}

fn typed(editor: &mut Editor, text: &str) {
    for c in text.chars() {
        editor.press(Key::plain(if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) }));
    }
}

/// A field with a text in which `|` is the cursor.
fn field(text: &str, lines: Lines) -> Editor {
    let at = text.find('|').expect("a cursor");
    let mut editor = Editor::new(&text.replacen('|', "", 1), lines);
    editor.go(at);
    editor
}

fn shown(editor: &Editor) -> String {
    let (before, after) = editor.text().split_at(editor.cursor());
    format!("{before}|{after}")
}

#[test]
fn each_key_does_what_it_does_in_readline() {
    for (before, keys, after) in [
        ("ab|c", "ctrl-a", "|abc"),
        ("ab|c", "home", "|abc"),
        ("ab|c", "ctrl-e", "abc|"),
        ("ab|c", "end", "abc|"),
        ("ab|c", "ctrl-b", "a|bc"),
        ("ab|c", "ctrl-f", "abc|"),
        ("|abc", "left", "|abc"),
        ("abc|", "right", "abc|"),
        ("status:failed a|b c", "ctrl-u", "|b c"),
        ("one t|wo three", "ctrl-k", "one t|"),
        ("one two-three  |", "ctrl-w", "one |"),
        ("one two-three|", "alt-backspace", "one two-|"),
        ("one two|-three", "alt-d", "one two|"),
        ("one |two three", "alt-d", "one | three"),
        ("one two-three|", "alt-b", "one two-|three"),
        ("one two-three|", "ctrl-left ctrl-left", "one |two-three"),
        ("|one two", "alt-f", "one| two"),
        ("|one two", "ctrl-right ctrl-right", "one two|"),
        ("a|bc", "ctrl-d", "a|c"),
        ("a|bc", "delete", "a|c"),
        ("abc|", "ctrl-d", "abc|"),
        ("ab|c", "ctrl-h", "a|c"),
        ("ab|c", "backspace", "a|c"),
        ("|abc", "backspace", "|abc"),
        ("one two|", "ctrl-w ctrl-a ctrl-y", "two|one "),
        ("one two three|", "ctrl-w ctrl-w ctrl-y ctrl-y", "one two threetwo three|"),
        ("on|e two", "ctrl-u ctrl-k ctrl-y", "one two|"),
        ("one|", "ctrl-w left ctrl-w ctrl-y", "one|"),
        ("one|", "ctrl-y", "one|"),
        ("one two|", "ctrl-w x ctrl-_ ctrl-_", "one two|"),
        ("a|", "alt-x ctrl-x ctrl-g f5 page-up up down tab", "a|"),
        ("注文 番号|", "ctrl-w", "注文 |"),
        ("注文 番号|", "alt-b left", "注文| 番号"),
    ] {
        let mut editor = field(before, Lines::One);
        press(&mut editor, keys);
        assert_eq!(shown(&editor), after, "{before} {keys}");
    }
}

#[test]
fn a_character_of_several_code_points_is_one() {
    for character in ["👨‍👩‍👧", "e\u{301}", "🇯🇵", "か\u{3099}", "ｶﾞ", "👍🏽", "क्षि"]
    {
        let cluster = character.graphemes(true).next().expect("a cluster");
        let mut editor = Editor::new(&format!("a{cluster}b"), Lines::One);
        press(&mut editor, "left left");
        assert_eq!(shown(&editor), format!("a|{cluster}b"));
        press(&mut editor, "right");
        assert_eq!(shown(&editor), format!("a{cluster}|b"));
        press(&mut editor, "backspace");
        assert_eq!(shown(&editor), "a|b");
        press(&mut editor, "ctrl-_ left ctrl-d");
        assert_eq!(shown(&editor), "a|b");
    }
    // What is inserted may join with its neighbours.
    let mut editor = field("👩|🚒", Lines::One);
    editor.insert("\u{200d}");
    assert_eq!(shown(&editor), "👩\u{200d}🚒|");
    let mut editor = field("e|x", Lines::One);
    typed(&mut editor, "\u{301}");
    press(&mut editor, "backspace");
    assert_eq!(shown(&editor), "|x");
}

#[test]
fn a_pasted_text_becomes_one_line() {
    for (pasted, expected) in [
        (".items[]\n  | .price\n", ".items[] | .price"),
        ("/tmp/a b.json\n", "/tmp/a b.json"),
        ("a\r\n\r\nb\rc", "a b c"),
        ("a\tb", "a b"),
        (" a ", " a "),
    ] {
        let mut editor = Editor::new("", Lines::One);
        editor.insert(pasted);
        assert_eq!(editor.text(), expected, "{pasted:?}");
    }
    let mut editor = Editor::new("run", Lines::One);
    typed(&mut editor, "-1\n");
    assert_eq!(editor.text(), "run-1", "Enter types nothing");
}

#[test]
fn a_field_has_a_maximum_length() {
    let mut editor = Editor::new("x", Lines::One);
    editor.insert(&"注".repeat(MOST_OF_ONE));
    assert!(editor.text().len() <= MOST_OF_ONE && editor.text().len() > MOST_OF_ONE - 3);
    let full = editor.text().to_owned();
    typed(&mut editor, "注文");
    assert_eq!(editor.text(), full);
    press(&mut editor, "backspace a");
    assert!(editor.text().ends_with("注a"));
}

#[test]
fn typing_pasting_and_undo() {
    let mut editor = Editor::new("", Lines::Many);
    typed(&mut editor, "{\n注文");
    assert_eq!((editor.text(), editor.cursor_position()), ("{\n注文", (2, 3)));
    editor.insert("\"a\": 1,\r\n\"b\": 2}");
    assert_eq!(editor.text(), "{\n注文\"a\": 1,\n\"b\": 2}");
    editor.undo();
    assert_eq!(editor.text(), "{\n注文");
    editor.redo();
    editor.replace("[]\n");
    assert_eq!(editor.text(), "[]");
    editor.undo();
    assert_eq!(editor.text(), "{\n注文\"a\": 1,\n\"b\": 2}", "one step brings all of it back");
    editor.redo();
    assert_eq!(editor.text(), "[]");
    editor.undo();
    typed(&mut editor, "1");
    let text = editor.text().to_owned();
    editor.redo();
    assert_eq!(editor.text(), text, "what was typed since is not taken away");
}

#[test]
fn a_history_comes_back_line_by_line_and_the_typed_line_last() {
    let history = ["one".to_owned(), "two".to_owned()];
    let mut editor = Editor::new("typed", Lines::One);
    let steps = [(true, "two"), (true, "one"), (true, "one"), (false, "two"), (false, "typed"), (false, "typed")];
    for (earlier, expected) in steps {
        editor.recall(&history, earlier);
        assert_eq!(editor.text(), expected);
    }
    assert!(!editor.recall(&[], true));
}

/// The visible rows, and the cursor in them as `|`.
fn screen(editor: &Editor) -> Vec<String> {
    let text = |row: &Row| {
        let mut text = editor.text()[row.range.clone()].to_owned();
        if row.has(editor.cursor()) {
            text.insert(editor.cursor() - row.range.start, '|');
        }
        text
    };
    editor.rows().iter().map(text).collect()
}

#[test]
fn rows_wrap_and_scroll_with_the_cursor() {
    let mut editor = Editor::new("abcdefgh\n注文番号\n\nx", Lines::Many);
    editor.fit(5, 3);
    assert_eq!(screen(&editor), ["|abcde", "fgh", "注文"]);
    press(&mut editor, "right right right right down");
    assert_eq!(screen(&editor), ["abcde", "fgh|", "注文"]);
    press(&mut editor, "down down");
    assert_eq!(screen(&editor), ["fgh", "注文", "番号|"], "the column is kept, between whole characters");
    press(&mut editor, "up up up");
    assert_eq!(screen(&editor), ["abcd|e", "fgh", "注文"]);
    press(&mut editor, "page-down page-down");
    assert_eq!(screen(&editor), ["注文", "番号", "|"]);
    press(&mut editor, "ctrl-end");
    assert_eq!(screen(&editor), ["番号", "", "x|"]);
    press(&mut editor, "ctrl-home");
    assert_eq!(screen(&editor), ["|abcde", "fgh", "注文"]);
}

#[test]
fn keys_in_a_long_line_take_no_longer_than_what_is_visible() {
    for unit in ["1,", "注"] {
        let mut editor = Editor::new(&format!("[{}0]", unit.repeat(260_000 / unit.len())), Lines::Many);
        editor.fit(100, 40);
        press(&mut editor, "ctrl-end");
        let began = std::time::Instant::now();
        (0..200).for_each(|_| typed(&mut editor, "1"));
        // Generous for a debug build on a busy machine.
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
    }
}

/// Keys and texts in any order.
#[derive(Debug, Clone)]
enum Event {
    Key(&'static str),
    Type(char),
    Insert(String),
    Fit(usize, usize),
    Redo,
}

fn any_event() -> impl Strategy<Value = Event> {
    let keys: Vec<&'static str> = [
        "left right home end ctrl-a ctrl-e ctrl-b ctrl-f ctrl-u ctrl-k ctrl-w alt-b alt-f ctrl-left ctrl-right alt-d",
        "alt-backspace ctrl-d delete backspace ctrl-h ctrl-y ctrl-_ ctrl-home ctrl-end up down page-up page-down enter",
    ]
    .iter()
    .flat_map(|line| line.split(' '))
    .collect();
    prop_oneof![
        4 => prop::sample::select(keys).prop_map(Event::Key),
        2 => prop_oneof![any::<char>(), "[注e\u{301}\u{200d}👩🚒🇯🇵 \"a]".prop_map(|c| c.chars().next().unwrap_or('x'))]
            .prop_filter("Enter and Tab are keys", |c| !matches!(c, '\n' | '\r' | '\t'))
            .prop_map(Event::Type),
        1 => "[a注\u{301}\u{200d}👩🚒\n\r\t \u{1b}]{0,40}".prop_map(Event::Insert),
        1 => (1_usize..30, 1_usize..8).prop_map(|(cells, height)| Event::Fit(cells, height)),
        1 => Just(Event::Redo),
    ]
}

fn handle(editor: &mut Editor, event: &Event) {
    match event {
        Event::Key(key) => press(editor, key),
        Event::Type(c) => editor.press(Key::plain(KeyCode::Char(*c))),
        Event::Insert(text) => editor.insert(text),
        Event::Fit(cells, height) => editor.fit(*cells, *height),
        Event::Redo => editor.redo(),
    }
}

proptest! {
    #[test]
    fn the_cursor_is_between_characters_and_visible(
        text in "[a注\u{301}👩\n ]{0,60}",
        many in any::<bool>(),
        events in prop::collection::vec(any_event(), 0..60),
    ) {
        let mut editor = Editor::new(&text, if many { Lines::Many } else { Lines::One });
        editor.fit(7, 3);
        for event in &events {
            handle(&mut editor, event);
            let boundaries = editor.text().grapheme_indices(true).map(|(at, _)| at);
            prop_assert!(boundaries.chain([editor.text().len()]).any(|at| at == editor.cursor()), "{:?}", shown(&editor));
            prop_assert!(!editor.text().contains('\r') || !event_inserts(event));
            if many {
                let rows = editor.rows();
                prop_assert_eq!(rows.iter().filter(|row| row.has(editor.cursor())).count(), 1, "{:?} {:?}", rows, event);
                // Exactly the rows that wrapping from the beginning gives.
                let all = all_rows(&editor);
                let top = all.iter().position(|row| row.range.start == editor.top());
                prop_assert!(top.is_some(), "{:?} {:?} {:?}", editor.top(), all, event);
                let height = editor.view.height;
                prop_assert!(top == Some(0) || editor.rows().len() == height, "room is left below: {rows:?}");
            } else {
                prop_assert!(!editor.text().contains('\n'));
            }
        }
        // Everything can be undone, and done again.
        editor.insert("z");
        let end = editor.text().to_owned();
        (0..1_000).for_each(|_| editor.undo());
        (0..1_000).for_each(|_| editor.redo());
        prop_assert_eq!(editor.text(), end);
    }

    #[test]
    fn what_a_key_removes_comes_back_with_ctrl_y(
        text in "[ab .注é👩]{0,30}",
        at in 0_usize..30,
        key in prop::sample::select(vec!["ctrl-u", "ctrl-k", "ctrl-w", "alt-d", "alt-backspace"]),
    ) {
        let mut editor = Editor::new(&text, Lines::One);
        editor.go(at);
        let before = editor.text().to_owned();
        press(&mut editor, key);
        press(&mut editor, "ctrl-y");
        prop_assert_eq!(editor.text(), before);
    }
}

fn event_inserts(event: &Event) -> bool {
    matches!(event, Event::Insert(_))
}

fn all_rows(editor: &Editor) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut next = Some(0);
    while let Some(start) = next {
        let row = editor.view.row(editor.text(), start);
        next = View::after(editor.text(), &row);
        rows.push(row);
    }
    rows
}
