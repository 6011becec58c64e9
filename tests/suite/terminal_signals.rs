//! The real binary in a pseudo-terminal: signals, a terminal that disappears, and suspending and resuming.
#![cfg(unix)]

use std::io::Read as _;
use std::time::{Duration, Instant};

use crate::support::terminal::{
    Terminal, expect_the_shell_as_before, is_at_the_prompt, launch, start_the_pass_machine,
};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

/// Has the shell send this signal to the program as soon as there is a file `go`.
fn send_on_request(terminal: &mut Terminal, signal: &str) {
    let wait = "(until [ -e go ]; do sleep 0.05; done; rm go; pkill";
    terminal.send(&format!("{wait} -{signal} -P $$ -x stepgate) 2>/dev/null &\r"));
}

#[test]
fn the_terminal_comes_back_after_every_signal_that_ends_the_program() {
    let signals = [("TERM", "143"), ("HUP", "129"), ("INT", "130"), ("QUIT", "131"), ("USR1", "138"), ("ALRM", "142")];
    for (signal, code) in signals {
        let mut terminal = Terminal::open(100, 30, &[]);
        // The parent shell sends the signal when a file appears, once the screen is up.
        send_on_request(&mut terminal, signal);
        launch(&mut terminal);
        terminal.send("\r");
        terminal.wait_for_text("Start PassStateMachine");
        terminal.write("go", "");
        expect_the_shell_as_before(&mut terminal, code);
    }
}

#[test]
fn a_program_that_was_stopped_takes_the_terminal_back() {
    // SIGSTOP cannot be noticed: only what comes after it can be put right.
    for (signal, is_noticed) in [("STOP", false), ("TSTP", true)] {
        let mut terminal = Terminal::open(100, 30, &[]);
        terminal.send("stty sane; stty -g >before\r");
        send_on_request(&mut terminal, signal);
        terminal.send(&format!("{}\r", Terminal::program()));
        terminal.wait_for_text("PassStateMachine");
        terminal.write("go", "");
        terminal.wait_for("the shell", |screen| screen.contents().contains("Stopped"));
        if is_noticed {
            terminal.wait_for("the shell's prompt", is_at_the_prompt);
            terminal.look(|screen| assert!(!screen.bracketed_paste() && !screen.hide_cursor()));
        }
        // What a careful shell does for itself; until then Enter is no end of a line.
        terminal.send("stty sane; clear; echo at-the-$((1 + 1))nd-shell\n");
        terminal.wait_for("the shell again", |screen| {
            screen.contents().contains("at-the-2nd-shell") && !screen.contents().contains("PassStateMachine")
        });
        terminal.send("fg; echo ended-$((1 + 1))\r");
        terminal.wait_for("the whole picture", |screen| {
            let text = screen.contents();
            screen.alternate_screen()
                && text.contains("PassStateMachine")
                && text.contains("q quit")
                && !text.contains("nd-shell")
        });
        start_the_pass_machine(&mut terminal);
        terminal.send("q");
        // Until then the program reads what is typed.
        terminal.wait_for_text("ended-2");
        terminal.send("stty -g >after; cmp before after && echo same-modes-$((2 + 1))\r");
        terminal.wait_for_text("same-modes-3");
    }
}

#[test]
fn signals_that_were_ignored_at_the_start_stay_ignored_in_the_terminal_ui() {
    for signal in ["HUP", "INT", "QUIT", "TERM", "TSTP"] {
        let mut terminal = Terminal::open(100, 30, &[]);
        let wait = "until [ -e go ]; do sleep 0.05; done; rm go";
        // The program has the number of the shell that becomes it.
        terminal.send(&format!("({wait}; kill -{signal} $(cat pid); touch sent) 2>/dev/null &\r"));
        let program = Terminal::program();
        terminal.send(&format!("sh -c 'trap \"\" {signal}; echo $$ >pid; exec \"$0\"' {program}; echo code=$?\r"));
        terminal.wait_for_text("PassStateMachine");
        terminal.write("go", "");
        let sent = terminal.folder().join("sent");
        until("the signal is sent", || sent.exists());
        start_the_pass_machine(&mut terminal);
        if signal == "TSTP" {
            // Its key does nothing either: a shell without job control could not bring the program back.
            terminal.send("\x1a");
        }
        terminal.send("?");
        terminal.wait_for_text("In all panes");
        terminal.send("qq");
        terminal.wait_for_text("code=0");
    }
}

#[test]
fn signals_that_were_ignored_at_the_start_stay_ignored_in_commands() {
    for signal in ["HUP", "INT", "QUIT", "TERM", "TSTP"] {
        let mut terminal = Terminal::open(100, 30, &[]);
        let program = Terminal::program();
        let command = "exec \"$0\" --endpoint local start wait --wait --input \"{\\\"seconds\\\": 2}\"";
        terminal
            .send(&format!("sh -c 'trap \"\" {signal}; echo $$ >pid; {command}' {program} & wait $!; echo code=$?\r"));
        terminal.wait_for_text("RUNNING");
        let pid = std::fs::read_to_string(terminal.folder().join("pid")).expect("its number");
        let status = std::process::Command::new("kill").args([&format!("-{signal}"), pid.trim()]).status();
        assert!(status.expect("kill runs").success());
        terminal.wait_for_text("code=0");
        assert!(terminal.text().contains("SUCCEEDED"), "{}", terminal.text());
    }
}

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < end, "{what} did not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Runs a line of shell in a terminal of its own until this is on its screen, then takes the terminal away. Returns
/// its exit code, and the processor time that it has used from then on.
fn lose_the_terminal(line: &str, shown: &str) -> (u32, Duration) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let size = PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", line, env!("CARGO_BIN_EXE_stepgate")]);
    command.env_clear();
    for (name, value) in [("PATH", "/usr/bin:/bin"), ("TERM", "xterm-256color")] {
        command.env(name, value);
    }
    command.env("HOME", home.path());
    let mut child = pair.slave.spawn_command(command).expect("a shell");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("the terminal's output");
    let (mut seen, mut buffer) = (Vec::new(), [0; 4_096]);
    while !String::from_utf8_lossy(&seen).contains(shown) {
        let count = reader.read(&mut buffer).expect("the terminal's output");
        assert!(count > 0, "{shown} did not come: {}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&buffer[..count]);
    }
    drop(reader);
    drop(pair.master);
    let pid = child.process_id().expect("a process");
    let (mut used, before) = (Duration::ZERO, processor_time(pid).expect("the process is there"));
    let mut code = None;
    until("its end", || {
        if let Some(now) = processor_time(pid) {
            used = now.saturating_sub(before);
        }
        code = child.try_wait().expect("a child").map(|status| status.exit_code());
        code.is_some()
    });
    (code.expect("an exit code"), used)
}

/// The time that a process has used, from `/proc`; elsewhere it is not measured.
fn processor_time(pid: u32) -> Option<Duration> {
    if !cfg!(target_os = "linux") {
        return Some(Duration::ZERO);
    }
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

#[test]
fn a_terminal_that_is_gone_ends_the_program_also_without_sighup() {
    let (code, used) = lose_the_terminal("trap '' HUP; exec \"$0\"", "PassStateMachine");
    assert_eq!(code, 129);
    assert!(used < Duration::from_secs(2), "{used:?}");
    let (code, _) = lose_the_terminal("exec \"$0\"", "PassStateMachine");
    assert_eq!(code, 129);
}

/// The cursor is hidden here, and showing it again fails: that is no reason to panic.
#[test]
fn a_terminal_that_is_gone_is_a_hang_up_whatever_is_on_the_screen() {
    for line in ["exec \"$0\"", "trap '' HUP; exec \"$0\""] {
        for _ in 0..3 {
            let (code, _) = lose_the_terminal(line, "\u{1b}[?25l");
            assert_eq!(code, 129, "{line}");
        }
    }
}

#[test]
fn a_command_whose_terminal_is_gone_continues_without_spinning() {
    let start = "\"$0\" --endpoint local start wait --wait --input '{\"seconds\": 3}'";
    let (code, used) = lose_the_terminal(&format!("trap '' HUP; exec {start} >out"), "RUNNING");
    assert_eq!(code, 0);
    assert!(used < Duration::from_millis(1_500), "{used:?}");
    // Without a place for its result it says by its exit code that something is wrong.
    let (code, used) = lose_the_terminal(&format!("trap '' HUP; exec {start}"), "RUNNING");
    assert_eq!(code, 4);
    assert!(used < Duration::from_millis(1_500), "{used:?}");
}

#[test]
fn a_terminal_without_cursor_movement_is_rejected() {
    for (term, words) in [("dumb", "TERM is `dumb`"), ("", "TERM is empty")] {
        let mut terminal = Terminal::open(100, 30, &[("TERM", term)]);
        terminal.send(&format!("{}; echo code=$?\r", Terminal::program()));
        terminal.wait_for_text("code=2");
        assert!(terminal.text().contains(words), "{}", terminal.text());
    }
    let mut terminal = Terminal::open(100, 30, &[]);
    terminal.send(&format!("unset TERM; {}; echo code=$?\r", Terminal::program()));
    terminal.wait_for_text("code=2");
    assert!(terminal.text().contains("TERM is not set"), "{}", terminal.text());
}

#[test]
fn without_a_keyboard_it_ends_at_once() {
    for redirection in ["</dev/null", "<&-"] {
        let mut terminal = Terminal::open(100, 30, &[]);
        terminal.send(&format!("{} {redirection}; echo code=$?\r", Terminal::program()));
        terminal.wait_for_text("code=2");
        assert!(terminal.text().contains("needs a terminal"), "{}", terminal.text());
    }
}
