//! The real binary in a pseudo-terminal: the programs that it starts, and the files that it writes.
#![cfg(unix)]

use std::time::{Duration, Instant};

use std::os::unix::fs::PermissionsExt as _;

use crate::support::terminal::{Terminal, expect_the_shell_as_before, launch, start_the_pass_machine};

/// Writes a script that can be run.
fn script(terminal: &Terminal, name: &str, text: &str) {
    terminal.write(name, text);
    let path = terminal.folder().join(name);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).expect("a script");
}

/// Opens the form of the first machine.
fn open_form(terminal: &mut Terminal) {
    terminal.send("\r");
    terminal.wait_for_text("Start PassStateMachine");
}

/// The whole file, as soon as it is there.
fn file(terminal: &Terminal, name: &str) -> String {
    let path = terminal.folder().join(name);
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        match std::fs::read_to_string(&path) {
            Ok(text) if text.ends_with('\n') => return text,
            _ => assert!(std::time::Instant::now() < end, "{name} did not come: {}", terminal.text()),
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

fn is_running(pid: &str) -> bool {
    // A zombie no longer runs.
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim_start().starts_with('Z'))
}

/// A configuration whose API key comes from a script.
const ASKING: &str = "[endpoints.e]\nurl = \"http://127.0.0.1:9/dev\"\nauth = { type = \"api-key\", command = [\"./key.sh\"] }\n\
                      [machines.m]\narn = \"arn:aws:states:us-east-1:111122223333:stateMachine:M\"\n";

#[test]
fn a_program_for_a_secret_cannot_prompt_on_the_terminal_of_the_ui() {
    let mut terminal = Terminal::open(110, 30, &[("STEPGATE_CONFIG", "c.toml"), ("GPG_TTY", "/dev/tty")]);
    terminal.write("c.toml", ASKING);
    let asks = "#!/bin/sh\necho \"tty=$GPG_TTY\" >env\n(printf 'Passphrase: ' >/dev/tty && read secret </dev/tty) 2>>env || exit 3\necho key\n";
    script(&terminal, "key.sh", asks);
    terminal.send(&format!("{}; echo code=$?\r", Terminal::program()));
    terminal.wait_for_text("No executions yet");
    terminal.send("\r");
    terminal.wait_for_text("Start m");
    terminal.send("\x13");
    terminal.wait_for_text("it cannot prompt here");
    assert!(!terminal.text().contains("Passphrase"), "{}", terminal.text());
    assert!(file(&terminal, "env").starts_with("tty=\n"), "gpg's agent is not told of the terminal");
    terminal.send("\x03\x03");
    terminal.wait_for_text("code=0");
}

#[test]
fn a_program_for_a_secret_may_prompt_on_the_terminal_of_a_command() {
    let mut terminal = Terminal::open(110, 30, &[("STEPGATE_CONFIG", "c.toml")]);
    terminal.write("c.toml", ASKING);
    let asks =
        "#!/bin/sh\nprintf 'Passphrase: ' >/dev/tty && read secret </dev/tty || exit 3\necho \"$secret\" | tee asked\n";
    script(&terminal, "key.sh", asks);
    terminal.send(&format!("{} start m --input '{{}}' 2>/dev/null; echo code=$?\r", Terminal::program()));
    terminal.wait_for_text("Passphrase: ");
    terminal.send("open sesame\r");
    assert_eq!(file(&terminal, "asked"), "open sesame\n");
    terminal.wait_for_text("code=");
}

#[test]
fn a_prompt_on_standard_error_is_shown_on_the_terminal_of_a_command() {
    let mut terminal = Terminal::open(110, 30, &[("STEPGATE_CONFIG", "c.toml")]);
    terminal.write("c.toml", ASKING);
    let asks = "#!/bin/sh\nprintf 'enter \\033[31mcode: ' >&2\nread code </dev/tty\necho \"$code\" >asked\nexit 1\n";
    script(&terminal, "key.sh", asks);
    terminal.send(&format!("{} start m --input '{{}}'; echo code=$?\r", Terminal::program()));
    terminal.wait_for_text("stepgate: waiting for `key.sh`");
    terminal.wait_for_text("enter ␛[31mcode: ");
    terminal.send("1234\r");
    assert_eq!(file(&terminal, "asked"), "1234\n");
    terminal.wait_for_text("code=2");
}

#[test]
fn a_program_for_a_secret_that_hangs_ends_with_the_command_at_the_terminal() {
    for signal in ["TERM", "KILL"] {
        let mut terminal = Terminal::open(110, 30, &[("STEPGATE_CONFIG", "c.toml")]);
        terminal.write("c.toml", ASKING);
        script(
            &terminal,
            "key.sh",
            "#!/bin/sh\ntrap '' TERM HUP\n(sleep 600; true) &\necho $$ >pid\necho $! >child\nwait\n",
        );
        terminal.send(&format!("{} start m --input '{{}}' & echo $! >program; fg\r", Terminal::program()));
        let pids = [file(&terminal, "pid"), file(&terminal, "child")];
        let program = file(&terminal, "program").trim().parse().ok().and_then(rustix::process::Pid::from_raw);
        let number = if signal == "TERM" { rustix::process::Signal::TERM } else { rustix::process::Signal::KILL };
        rustix::process::kill_process(program.expect("a number"), number).expect("it runs");
        let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while pids.iter().any(|pid| is_running(pid)) {
            assert!(std::time::Instant::now() < end, "{signal}: they go on");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        terminal.send("echo here-$((1 + 1))\r");
        terminal.wait_for_text("here-2");
    }
}

#[test]
fn a_program_for_a_secret_ends_with_the_ui_and_all_that_it_has_started() {
    let mut terminal = Terminal::open(110, 30, &[("STEPGATE_CONFIG", "c.toml")]);
    terminal.write("c.toml", ASKING);
    script(&terminal, "key.sh", "#!/bin/sh\nsleep 600 &\necho $$ >pid\necho $! >child\nwait\n");
    terminal.send(&format!("{}; echo code=$?\r", Terminal::program()));
    terminal.wait_for_text("No executions yet");
    terminal.send("\r");
    terminal.wait_for_text("Start m");
    terminal.send("\x13");
    let pids = [file(&terminal, "pid"), file(&terminal, "child")];
    terminal.send("\x03\x03");
    terminal.wait_for_text("code=0");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while pids.iter().any(|pid| is_running(pid)) {
        assert!(std::time::Instant::now() < end, "they go on");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn a_start_that_only_waited_for_credentials_was_not_sent() {
    let mut terminal = Terminal::open(150, 30, &[("STEPGATE_CONFIG", "c.toml")]);
    terminal.write("c.toml", ASKING);
    script(&terminal, "key.sh", "#!/bin/sh\nexec sleep 600\n");
    terminal.send(&format!("{}; echo code=$?\r", Terminal::program()));
    terminal.wait_for_text("No executions yet");
    terminal.send("\r");
    terminal.wait_for_text("Start m");
    terminal.send("\x13");
    terminal.wait_for_text("key.sh");
    terminal.send("\x03\x03");
    terminal.wait_for_text("code=0");
    terminal.wait_for_text("this start was not sent: ");
    assert!(!terminal.text().contains("may or may not have begun"), "{}", terminal.text());
    // The store agrees.
    terminal.send(&format!("clear; {} list --output json\r", Terminal::program()));
    terminal.wait_for_text("never-started");
}

#[test]
fn the_editor_is_run_as_git_runs_it() {
    let values = [
        ("'./my editor.sh' --wait \"two words\"", "--wait|two words|"),
        ("./my\\ editor.sh a\\'b", "a'b|"),
        ("LANG=C './my editor.sh' \"$HOME\"", "HOME|"),
        ("f() { './my editor.sh' in-shell \"$@\"; }; f", "in-shell|"),
    ];
    for (value, arguments) in values {
        let mut terminal = Terminal::open(110, 30, &[("VISUAL", value)]);
        let editor = "#!/bin/sh\nfor last; do :; done\nprintf '%s|' \"$@\" | sed \"s#$last|##;s#$HOME#HOME#\" >arguments\necho >>arguments\n\
                      stat -c %a \"$last\" >mode\nprintf '{\"edited\": true}\\n' >\"$last\"\n";
        script(&terminal, "my editor.sh", editor);
        launch(&mut terminal);
        open_form(&mut terminal);
        terminal.send("\x0f");
        terminal.wait_for_text("{\"edited\": true}");
        assert_eq!(file(&terminal, "arguments"), format!("{arguments}\n"), "{value}");
        assert_eq!(file(&terminal, "mode"), "600\n");
        terminal.send("\x03\x03");
        expect_the_shell_as_before(&mut terminal, "0");
    }
}

#[test]
fn an_editor_that_returns_at_once_causes_a_prompt() {
    let variables = [("VISUAL", "./window.sh"), ("TMPDIR", ".")];
    let window = "#!/bin/sh\necho \"$1\" >path\n(until [ -e go ]; do sleep 0.05; done; printf '{\"later\": true}' >\"$1\"; echo >saved) >/dev/null 2>&1 &\n";
    // What is saved before Enter is pressed is read.
    let mut terminal = Terminal::open(110, 30, &variables);
    script(&terminal, "window.sh", window);
    launch(&mut terminal);
    open_form(&mut terminal);
    terminal.send("\x0f");
    terminal.wait_for_text("exited at once without changes");
    terminal.write("go", "");
    file(&terminal, "saved");
    terminal.send("\r");
    terminal.wait_for_text("{\"later\": true}");
    terminal.send("\x03\x03");
    expect_the_shell_as_before(&mut terminal, "0");
    // Who does not wait finds the file where it is.
    let mut terminal = Terminal::open(110, 30, &variables);
    script(&terminal, "window.sh", window);
    launch(&mut terminal);
    open_form(&mut terminal);
    terminal.send("\x0f");
    terminal.wait_for_text("exited at once without changes");
    terminal.send("q\r");
    terminal.wait_for_text("the input is unchanged");
    terminal.write("go", "");
    file(&terminal, "saved");
    let path = file(&terminal, "path");
    let saved = std::fs::read_to_string(terminal.folder().join(path.trim())).expect("the file is kept");
    assert_eq!(saved, "{\"later\": true}");
    terminal.send("\x03\x03");
    expect_the_shell_as_before(&mut terminal, "0");
}

/// Editors that return at once: one as it should be, and one that leaves the terminal in raw mode.
const RETURN_AT_ONCE: [&str; 2] = ["true", "stty raw -echo -isig -icrnl"];

/// Has such an editor called for the first machine's input; the question about it is on the screen.
fn ask_about_an_editor(terminal: &mut Terminal, does: &str) {
    script(terminal, "editor.sh", &format!("#!/bin/sh\necho \"$1\" >path\n{does}\n"));
    launch(terminal);
    open_form(terminal);
    terminal.send("\x0f");
    terminal.wait_for_text("To leave the input unchanged");
}

#[test]
fn every_signal_ends_the_prompt_about_an_editor() {
    for does in RETURN_AT_ONCE {
        for (signal, code) in [("TERM", "143"), ("INT", "130"), ("HUP", "129"), ("QUIT", "131"), ("USR1", "138")] {
            let mut terminal = Terminal::open(140, 30, &[("EDITOR", "./editor.sh"), ("TMPDIR", ".")]);
            let waits = "(until [ -e go ]; do sleep 0.05; done; pkill";
            terminal.send(&format!("{waits} -{signal} -P $$ -x stepgate) 2>/dev/null &\r"));
            ask_about_an_editor(&mut terminal, does);
            let began = Instant::now();
            terminal.write("go", "");
            expect_the_shell_as_before(&mut terminal, code);
            assert!(began.elapsed() < Duration::from_secs(10), "{does}, {signal}: {:?}", began.elapsed());
            assert!(terminal.text().contains("The editor's file is"), "{}", terminal.text());
            assert!(terminal.folder().join(file(&terminal, "path").trim()).exists(), "{does}, {signal}");
        }
    }
}

#[test]
fn the_prompt_about_an_editor_uses_the_original_terminal_modes() {
    for does in RETURN_AT_ONCE {
        let open = || Terminal::open(140, 30, &[("EDITOR", "./editor.sh"), ("TMPDIR", ".")]);
        // What is typed is echoed and can be corrected.
        let mut terminal = open();
        ask_about_an_editor(&mut terminal, does);
        terminal.send("qx\x7f");
        terminal.wait_for("the echo", |screen| {
            let (row, column) = screen.cursor_position();
            column == 1 && screen.rows(0, 2).nth(usize::from(row)).is_some_and(|line| line.trim() == "q")
        });
        terminal.send("\r");
        terminal.wait_for_text("the input is unchanged");
        terminal.send("\x03\x03");
        expect_the_shell_as_before(&mut terminal, "0");
        // Enter reads the file.
        let mut terminal = open();
        ask_about_an_editor(&mut terminal, does);
        let path = file(&terminal, "path");
        terminal.write(path.trim(), "{\"later\": true}");
        terminal.send("\r");
        terminal.wait_for_text("{\"later\": true}");
        terminal.send("\x03\x03");
        expect_the_shell_as_before(&mut terminal, "0");
        // Ctrl-D is no answer.
        let mut terminal = open();
        ask_about_an_editor(&mut terminal, does);
        terminal.send("\x04");
        terminal.wait_for_text("the input is unchanged");
        terminal.send("\x03\x03");
        expect_the_shell_as_before(&mut terminal, "0");
        // Ctrl-C ends the program.
        let mut terminal = open();
        ask_about_an_editor(&mut terminal, does);
        terminal.send("\x03");
        expect_the_shell_as_before(&mut terminal, "130");
        assert!(terminal.text().contains("The editor's file is"), "{}", terminal.text());
    }
}

#[test]
fn the_prompt_about_an_editor_survives_suspension() {
    let mut terminal = Terminal::open(140, 30, &[("EDITOR", "./editor.sh"), ("TMPDIR", ".")]);
    script(&terminal, "editor.sh", "#!/bin/sh\n:\n");
    terminal.send(&format!("{}\r", Terminal::program()));
    terminal.wait_for_text("PassStateMachine");
    open_form(&mut terminal);
    terminal.send("\x0f");
    terminal.wait_for_text("To leave the input unchanged");
    terminal.send("\x1a");
    terminal.wait_for_text("Stopped");
    terminal.send("clear; echo at-the-$((1 + 1))nd-shell\r");
    terminal.wait_for("the shell", |screen| {
        let text = screen.contents();
        text.contains("at-the-2nd-shell") && !text.contains("To leave the input")
    });
    terminal.send("fg; echo ended-$((1 + 1))\r");
    terminal.wait_for_text("To leave the input unchanged");
    terminal.send("q\r");
    terminal.wait_for_text("the input is unchanged");
    terminal.send("\x03\x03");
    terminal.wait_for_text("ended-2");
}

#[test]
fn the_modes_that_an_editor_leaves_behind_do_not_outlive_the_program() {
    for ends in ["exit 0", "exit 3", "kill -9 $$"] {
        let mut terminal = Terminal::open(140, 30, &[("EDITOR", "./editor.sh"), ("TMPDIR", ".")]);
        let text = format!("#!/bin/sh\nprintf 'saved' >\"$1\"\nstty raw -echo -isig -icrnl\necho >done\n{ends}\n");
        script(&terminal, "editor.sh", &text);
        launch(&mut terminal);
        open_form(&mut terminal);
        terminal.send("\x0f");
        file(&terminal, "done");
        terminal.wait_for("the form", |screen| screen.alternate_screen() && screen.contents().contains("Start Pass"));
        terminal.send("\x03\x03");
        expect_the_shell_as_before(&mut terminal, "0");
    }
}

#[test]
fn a_text_saved_by_an_editor_is_kept_if_it_is_invalid() {
    let cases = [
        ("printf '\\377\\376' >\"$1\"\n", "save it as UTF-8", &b"\xff\xfe"[..]),
        ("printf 'work' >\"$1\"\nexit 7\n", "exited with exit status: 7", &b"work"[..]),
    ];
    for (does, words, saved) in cases {
        let mut terminal = Terminal::open(140, 30, &[("EDITOR", "./editor.sh"), ("TMPDIR", ".")]);
        script(&terminal, "editor.sh", &format!("#!/bin/sh\necho \"$1\" >path\n{does}"));
        launch(&mut terminal);
        open_form(&mut terminal);
        terminal.send("\x0f");
        terminal.wait_for_text(words);
        terminal.wait_for_text("The editor's file is");
        let path = file(&terminal, "path");
        assert_eq!(std::fs::read(terminal.folder().join(path.trim())).expect("the file"), saved);
        terminal.send("\x03\x03");
        expect_the_shell_as_before(&mut terminal, "0");
    }
    // Nothing is left of what has not been changed.
    let mut terminal = Terminal::open(140, 30, &[("EDITOR", "./editor.sh"), ("TMPDIR", ".")]);
    script(&terminal, "editor.sh", "#!/bin/sh\necho \"$1\" >path\nexit 1\n");
    launch(&mut terminal);
    open_form(&mut terminal);
    terminal.send("\x0f");
    terminal.wait_for_text("exited with exit status: 1");
    let path = file(&terminal, "path");
    assert!(!terminal.folder().join(path.trim()).exists());
    terminal.send("\x03\x03");
    expect_the_shell_as_before(&mut terminal, "0");
}

#[test]
fn a_pipe_that_an_editor_leaves_behind_does_not_hold_the_screen() {
    for does in ["rm \"$1\"; mkfifo \"$1\"", "rm \"$1\"; mkfifo \"$1\"; exit 3", "rm \"$1\"; ln -s /dev/zero \"$1\""] {
        let mut terminal = Terminal::open(140, 30, &[("EDITOR", "./editor.sh"), ("TMPDIR", ".")]);
        script(&terminal, "editor.sh", &format!("#!/bin/sh\n{does}\n"));
        launch(&mut terminal);
        open_form(&mut terminal);
        let began = Instant::now();
        terminal.send("\x0f");
        terminal.wait_for_text("The editor's file is");
        assert!(began.elapsed() < Duration::from_secs(8), "{does}: {:?}", began.elapsed());
        terminal.send("\x03\x03");
        expect_the_shell_as_before(&mut terminal, "0");
    }
}

#[test]
fn a_signal_while_the_editor_is_open_ends_both_and_the_file_is_kept() {
    let mut terminal = Terminal::open(140, 30, &[("EDITOR", "./editor.sh"), ("TMPDIR", ".")]);
    script(
        &terminal,
        "editor.sh",
        "#!/bin/sh\nprintf 'work' >\"$1\"\necho \"$1\" >path\necho $$ >editor\nexec sleep 600\n",
    );
    terminal.send("(until [ -e go ]; do sleep 0.05; done; pkill -TERM -P $$ -x stepgate) 2>/dev/null &\r");
    launch(&mut terminal);
    open_form(&mut terminal);
    terminal.send("\x0f");
    let (pid, path) = (file(&terminal, "editor"), file(&terminal, "path"));
    terminal.write("go", "");
    expect_the_shell_as_before(&mut terminal, "143");
    assert!(!is_running(&pid));
    assert!(terminal.text().contains("The editor's file is"), "{}", terminal.text());
    assert_eq!(std::fs::read_to_string(terminal.folder().join(path.trim())).expect("the file"), "work");
}

#[test]
fn an_editor_that_is_stopped_goes_to_the_shell_with_the_program_and_comes_back() {
    let mut terminal = Terminal::open(110, 30, &[("EDITOR", "./editor.sh")]);
    // What an editor does for its Ctrl-Z.
    script(&terminal, "editor.sh", "#!/bin/sh\nprintf '{\"back\": true}' >\"$1\"\necho up\nkill -TSTP 0\n");
    terminal.send(&format!("{}\r", Terminal::program()));
    terminal.wait_for_text("PassStateMachine");
    open_form(&mut terminal);
    terminal.send("\x0f");
    terminal.wait_for("the shell", |screen| !screen.alternate_screen() && screen.contents().contains("Stopped"));
    terminal.send("echo at-the-$((1 + 1))nd-shell\r");
    terminal.wait_for_text("at-the-2nd-shell");
    terminal.send("fg\r");
    terminal.wait_for_text("{\"back\": true}");
    terminal.send("\x03\x03");
    terminal.wait_for("the shell", |screen| !screen.alternate_screen());
}

#[test]
fn what_is_copied_goes_through_gnu_screen() {
    let mut terminal = Terminal::open(120, 40, &[("STY", "1.pts-0.host"), ("TERM", "screen")]);
    launch(&mut terminal);
    start_the_pass_machine(&mut terminal);
    terminal.send("yo");
    // `{}` in base64, in a string that screen passes on.
    terminal.wait_for_bytes(b"\x1bP\x1b]52;c;e30=\x07\x1b\\");
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
}

#[test]
fn a_hanging_tmux_is_reported_and_blocks_nothing() {
    let mut terminal =
        Terminal::open(120, 40, &[("TMUX", "/tmp/none,1,0"), ("PATH", ".:/usr/local/bin:/usr/bin:/bin")]);
    script(&terminal, "tmux", "#!/bin/sh\necho $$ >pid\nexec sleep 600\n");
    launch(&mut terminal);
    start_the_pass_machine(&mut terminal);
    let began = std::time::Instant::now();
    terminal.send("yo");
    let pid = file(&terminal, "pid");
    // Keys still work.
    terminal.send("?");
    terminal.wait_for_text("In all panes");
    terminal.send("q");
    terminal
        .wait_for_text("tmux did not respond within 2 s. Copied the output (2 bytes) through the terminal (OSC 52).");
    assert!(began.elapsed() < std::time::Duration::from_secs(15));
    assert!(!is_running(&pid), "it is ended");
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
}

#[test]
fn a_saved_payload_is_for_its_owner() {
    let mut terminal = Terminal::open(120, 40, &[]);
    launch(&mut terminal);
    start_the_pass_machine(&mut terminal);
    terminal.send("Yo");
    terminal.wait_for_text("Save the output");
    terminal.send("\x01\x0bplain.json\r");
    terminal.wait_for_text("plain.json.");
    let plain = std::fs::metadata(terminal.folder().join("plain.json")).expect("the file");
    assert_eq!(plain.permissions().mode() & 0o777, 0o600);
    std::os::unix::fs::symlink("elsewhere", terminal.folder().join("out.json")).expect("a link");
    terminal.send("Yo");
    terminal.wait_for_text("Save the output");
    terminal.send("\x01\x0bout.json\r");
    terminal.wait_for_text("The file exists.");
    terminal.send("\r");
    terminal.wait_for_text("out.json.");
    let path = terminal.folder().join("out.json");
    let metadata = std::fs::symlink_metadata(&path).expect("the file");
    assert!(metadata.is_file() && metadata.permissions().mode() & 0o777 == 0o600);
    assert!(!terminal.folder().join("elsewhere").exists());
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
}
