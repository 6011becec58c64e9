//! The title of the terminal's window: it shows counts, and is restored however the program ends or is suspended.
#![cfg(unix)]

use crate::support::terminal::{Terminal, expect_the_shell_as_before, is_at_the_prompt, launch, titles};

/// The titles written so far.
fn written(terminal: &Terminal) -> Vec<String> {
    titles(&terminal.written()).0
}

fn begin(terminal: &mut Terminal, machine: &str, input: &str) {
    terminal.send("n");
    terminal.wait_for_text("Enter choose");
    terminal.send(&format!("{machine}\r"));
    terminal.wait_for_text(&format!("Start {machine}"));
    terminal.send(&format!("\x01\x0b\x1b[200~{input}\x1b[201~\x13"));
    terminal.wait_for("the form to close", |screen| !screen.contents().contains(&format!("Start {machine}")));
}

#[test]
fn it_counts_and_is_written_only_when_it_changes() {
    let mut terminal = Terminal::open(100, 30, &[]);
    launch(&mut terminal);
    terminal.wait_for_bytes(b"\x1b[22;0t");
    terminal.wait_for_bytes("\x1b]2;stepgate · local\x1b\\".as_bytes());
    begin(&mut terminal, "WaitStateMachine", "{\"seconds\": 600}");
    terminal.wait_for_bytes("\x1b]2;stepgate · 1 running · local\x1b\\".as_bytes());
    begin(&mut terminal, "FailStateMachine", "{}");
    terminal.wait_for_bytes("\x1b]2;stepgate · 1 running, 1 failed · local\x1b\\".as_bytes());
    let before = written(&terminal);
    terminal.send("?");
    terminal.wait_for_text("In all panes");
    terminal.send("\x1b");
    terminal.wait_for("the panes", |screen| !screen.contents().contains("In all panes"));
    assert_eq!(written(&terminal), before, "nothing has changed");
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
}

#[test]
fn it_makes_way_for_an_editor_and_a_shell_and_survives_a_panic() {
    let mut terminal = Terminal::open(100, 30, &[("EDITOR", "./editor"), ("STEPGATE_TEST_PANIC_KEY", "1")]);
    terminal.write("editor", "#!/bin/sh\nuntil [ -e close ]; do sleep 0.05; done\necho 4711 >\"$1\"\n");
    terminal.send("chmod +x editor\r");
    launch(&mut terminal);
    terminal.send("\r");
    terminal.wait_for_text("Start PassStateMachine");
    let is_restored = |terminal: &Terminal| titles(&terminal.written()).1 == 0;
    terminal.send("\x0f");
    terminal.wait_for("the editor", |screen| !screen.alternate_screen());
    assert!(is_restored(&terminal), "the title is restored while the editor has the terminal");
    let before = written(&terminal).len();
    terminal.write("close", "");
    terminal.wait_for("the edited input", |screen| screen.contents().contains("4711"));
    assert_eq!(written(&terminal).len(), before + 1, "the title is written with the first frame");
    terminal.send("\x1a");
    terminal.wait_for("the shell", is_at_the_prompt);
    assert!(is_restored(&terminal), "the title is restored while the program is stopped");
    terminal.send("fg\r");
    terminal.wait_for("the screen", |screen| screen.contents().contains("Start PassStateMachine"));
    terminal.send("\x1b[24~");
    terminal.wait_for("the shell", |screen| !screen.alternate_screen());
    terminal.wait_for_text("the panic key was pressed");
    assert!(is_restored(&terminal), "the title is restored after a panic");
}

#[test]
fn a_terminal_without_titles_gets_none() {
    for variables in [&[("TERM", "linux")][..], &[("TERM", "screen"), ("STY", "1.pts")]] {
        let mut terminal = Terminal::open(100, 30, variables);
        launch(&mut terminal);
        terminal.send("q");
        expect_the_shell_as_before(&mut terminal, "0");
        let bytes = terminal.written();
        let has = |sequence: &[u8]| bytes.windows(sequence.len()).any(|window| window == sequence);
        assert!(!has(b"\x1b]2;") && !has(b"\x1b[22;0t") && !has(b"\x1b[23;0t"), "{variables:?}");
    }
}
