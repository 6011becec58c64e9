//! The real binary in a pseudo-terminal: what terminals send for keys, pastes and queries, and what is drawn.
#![cfg(unix)]

use std::time::{Duration, Instant};

use crate::support::terminal::{Terminal, expect_the_shell_as_before, launch};
use stepgate::format::text::width;

fn open_form(terminal: &mut Terminal) {
    terminal.send("\r");
    terminal.wait_for_text("Start PassStateMachine");
}

#[test]
fn a_late_response_of_the_terminal_types_nothing_and_opens_nothing() {
    let responses = [
        "\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
        "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
        "\x1b]10;rgb:nnnn/nnnn/nnnn\x07",
        "\x1b[?1;2c",
        "\x1b[24;80R",
        "\x1b[?0u",
        "\x1bP>|nnn(1)\x1b\\",
    ];
    let mut terminal = Terminal::open(100, 30, &[]);
    launch(&mut terminal);
    terminal.send(&responses.concat());
    // Cut in the middle, with a turn of the loop in between.
    terminal.send("\x1b]11;rgb:ff");
    terminal.resize(101, 30);
    terminal.wait_for("a picture of another size", |screen| screen.rows(100, 1).any(|row| !row.trim().is_empty()));
    terminal.send("ff/nnnn/nnnn\x07?");
    terminal.wait_for_text("In all panes");
    terminal.send("q");
    terminal.wait_for_text("No executions yet");
    open_form(&mut terminal);
    terminal.send("\x01\x0b");
    terminal.wait_for_text("0 / 262144 bytes");
    terminal.send(&responses.concat());
    terminal.send("7");
    terminal.wait_for_text("1 / 262144 bytes");
    terminal.send("\x13");
    terminal.wait_for_text("SUCCEEDED");
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
}

fn colors(screen: &vt100::Screen) -> Vec<vt100::Color> {
    (0..30)
        .flat_map(|row| (0..100).filter_map(move |column| screen.cell(row, column)))
        .map(vt100::Cell::fgcolor)
        .collect()
}

#[test]
fn keys_typed_during_terminal_queries_are_kept() {
    let mut terminal = Terminal::open(100, 30, &[]);
    terminal.send(&format!("{}; echo code=$?\r", Terminal::program()));
    terminal.wait_for_bytes(b"\x1b]11;?");
    terminal.send("\r\x1b]11;rgb:0000/0000/0000\x07\x1b[?1;2c\x01\x0b\"typed ahead\"");
    terminal.wait_for_text("\"typed ahead\"");
    terminal.send("\x03\x03");
    terminal.wait_for_text("code=0");
}

#[test]
fn the_colours_follow_a_background_that_is_reported_late() {
    let mut terminal = Terminal::open(100, 30, &[]);
    launch(&mut terminal);
    terminal.wait_for_text("No executions yet");
    let before = terminal.look(colors);
    terminal.send("\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    terminal.wait_for("other colours", |screen| colors(screen) != before);
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
}

#[test]
fn keys_mean_the_same_in_every_encoding() {
    let mut terminal = Terminal::open(100, 30, &[]);
    launch(&mut terminal);
    open_form(&mut terminal);
    // Everything away; a text with both Backspaces, a line feed, capitals of modifyOtherKeys and of kitty.
    terminal.send("\x1b[27;5;97~\x1b[107;5u[12\x7f3\x08,\n");
    terminal.send("\"\x1b[27;2;65~\x1b[98;2u\x1b[27;2;33~\"]");
    terminal.wait_for_text("\"AB!\"]");
    // To the start of the text in several terminals' words: line 1, column 1.
    for home in ["\x1b[1;5H", "\x1b[7^"] {
        terminal.send(home);
        terminal.wait_for_text("1:1  ");
        terminal.send("\x1b[1;5F");
        terminal.wait_for_text("2:7  ");
    }
    terminal.send("\x1b[27;5;115~");
    terminal.wait_for_text("SUCCEEDED");
    terminal.send("\x1b[27;5;99~");
    expect_the_shell_as_before(&mut terminal, "0");
}

#[test]
fn ctrl_l_redraws_everything_in_every_context() {
    let places: &[(&str, &str, bool)] = &[
        ("", "No executions yet", false),
        ("?", "In all panes", false),
        (":", " Commands ", true),
        ("/xy", "/xy", true),
        ("n", "Start which machine?", true),
        ("\r", "Start PassStateMachine", true),
        ("b", "once for each line of a file", true),
    ];
    for (keys, text, is_prompt) in places {
        let mut terminal = Terminal::open(100, 30, &[]);
        launch(&mut terminal);
        terminal.wait_for_text("No executions yet");
        terminal.send(keys);
        terminal.wait_for("the place", |screen| {
            screen.contents().contains(text) && screen.rows(0, 100).last().is_some_and(|row| !row.trim().is_empty())
        });
        let before = terminal.text();
        terminal.scribble(b"\x1b[H\x1b[2J\x1b[31mNovember\x1b[5;5Hcron");
        terminal.send("\x0c");
        terminal.wait_for("the same picture", |screen| {
            let shown = screen.contents();
            !shown.contains("cron") && shown.contains(text) && shown.lines().count() == before.lines().count()
        });
        terminal.send("\x03");
        if *is_prompt {
            // It only closes a prompt or form.
            terminal.wait_for("the panes", |screen| !screen.contents().contains(text));
            terminal.send("\x03");
        }
        expect_the_shell_as_before(&mut terminal, "0");
    }
}

#[test]
fn what_terminals_draw_in_other_widths_leaves_its_row_right() {
    let mut terminal = Terminal::open(100, 30, &[]);
    launch(&mut terminal);
    open_form(&mut terminal);
    let emoji = "\"👨‍👩‍👧🇯🇵❤️👍🏽";
    terminal.send(&format!("\x01\x0b\x1b[200~{emoji}|\"\x1b[201~"));
    // This terminal draws each character for itself. What is behind them is where the program believes it is.
    terminal.wait_for("the row as it should be", |screen| {
        let cell = |row, column| screen.cell(row, column).map(vt100::Cell::contents).unwrap_or_default();
        let quote =
            (0..30).find_map(|row| (0..100).find(|column| cell(row, *column) == "\"").map(|column| (row, column)));
        quote.is_some_and(|(row, column)| {
            let behind = column + u16::try_from(width(emoji)).unwrap_or(0);
            cell(row, behind) == "|"
                && cell(row, behind + 1) == "\""
                && cell(row, 90).trim().is_empty() == cell(row + 1, 90).trim().is_empty()
        })
    });
    terminal.send("\x01\x0b");
    terminal.wait_for("nothing left of it", |screen| {
        let text = screen.contents();
        text.contains("0 / 262144 bytes") && !text.contains(['👨', '👩', '👧', '🇯', '🇵', '❤', '👍'])
    });
    terminal.send("\x03\x03");
    expect_the_shell_as_before(&mut terminal, "0");
}

#[test]
fn what_is_pasted_without_a_mark_where_no_text_is_expected_is_no_command() {
    let mut terminal = Terminal::open(100, 30, &[]);
    launch(&mut terminal);
    terminal.wait_for_text("No executions yet");
    terminal.send(&"n\rxq".repeat(300));
    terminal.wait_for_text("A long text was pasted where none is expected. It was ignored.");
    assert!(terminal.text().contains("No executions yet"), "{}", terminal.text());
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
}

#[test]
fn a_megabyte_is_taken_at_once_marked_as_a_paste_or_not() {
    let line = "{\"order\": 4711, \"name\": \"注文\"},\r";
    let lines = line.repeat(1_000_000 / line.len());
    let one_line = "x".repeat(1_000_000);
    let cases = [
        lines.clone(),
        one_line.clone(),
        format!("\x1b[200~{lines}\x1b[201~"),
        format!("\x1b[200~{one_line}\x1b[201~"),
    ];
    for text in cases {
        let mut terminal = Terminal::open(100, 30, &[]);
        launch(&mut terminal);
        open_form(&mut terminal);
        terminal.send("\x01\x0b");
        terminal.wait_for_text("0 / 262144 bytes");
        let bytes = text.replace("\x1b[200~", "").replace("\x1b[201~", "").len();
        let began = Instant::now();
        terminal.send(&text);
        terminal.wait_for_text(&format!("the input has {bytes} bytes"));
        let took = began.elapsed();
        println!("{bytes} bytes, marked: {}: {took:?}", text.starts_with('\x1b'));
        // A debug build on a busy machine.
        assert!(took < Duration::from_secs(10), "{took:?}");
        terminal.send("\x03\x03");
        expect_the_shell_as_before(&mut terminal, "0");
    }
}

#[test]
fn ctrl_c_ends_a_paste_whose_end_never_comes() {
    let mut terminal = Terminal::open(100, 30, &[]);
    launch(&mut terminal);
    open_form(&mut terminal);
    terminal.send("\x1b[200~{\"order\": 1");
    let began = Instant::now();
    terminal.send("\x03");
    terminal.wait_for("the panes", |screen| !screen.contents().contains("Start PassStateMachine"));
    terminal.send("\x03");
    expect_the_shell_as_before(&mut terminal, "0");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}
