//! The real binary in a pseudo-terminal whose locale lacks Unicode.
#![cfg(unix)]

use crate::support::terminal::{Terminal, expect_the_shell_as_before, launch, start_the_pass_machine};

#[test]
fn without_unicode_nothing_but_ascii_is_written() {
    for (columns, rows, locale) in [(120, 40, ("LANG", "C")), (80, 24, ("LC_ALL", "en_US.ISO-8859-1"))] {
        let mut terminal = Terminal::open(columns, rows, &[locale]);
        launch(&mut terminal);
        start_the_pass_machine(&mut terminal);
        for (keys, shown) in [
            ("t", "Timeline of"),
            // Esc would dismiss a message first.
            ("q", "Executions"),
            ("?", "In all panes"),
            ("\x1b", "Executions"),
            (":", "Commands"),
            ("\x1b", "Executions"),
            ("y", "curl"),
            ("\x1b", "Executions"),
            ("u", "by machine"),
        ] {
            terminal.press(keys);
            terminal.wait_for_text(shown);
        }
        terminal.send("q");
        terminal.press("");
        terminal.send("q");
        expect_the_shell_as_before(&mut terminal, "0");
        let bytes = terminal.written();
        if let Some(at) = bytes.iter().position(|byte| !byte.is_ascii()) {
            let around = String::from_utf8_lossy(&bytes[at.saturating_sub(60)..bytes.len().min(at + 20)]);
            panic!("{locale:?}: {around:?}");
        }
    }
}
