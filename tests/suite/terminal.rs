//! The real binary in a pseudo-terminal: the main job, and that the terminal is restored on every exit.
#![cfg(unix)]

use crate::support::gateway::{Served, http, scripted};
use crate::support::terminal::{
    Terminal, expect_the_shell_as_before, is_at_the_prompt, launch, start_the_pass_machine,
};
use stepgate::format::text::width;
use stepgate_local::Options;

#[test]
fn launch_pick_start_see_it_succeed_and_quit() {
    let mut terminal = Terminal::open(120, 40, &[]);
    launch(&mut terminal);
    terminal.look(|screen| assert!(screen.alternate_screen() && screen.bracketed_paste()));
    start_the_pass_machine(&mut terminal);
    terminal.wait_for("the output in its pane", |screen| {
        let text = screen.contents();
        text.contains("1 succeeded") && text.rsplit("Output").next().is_some_and(|pane| pane.contains("{}"))
    });
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
}

#[test]
fn a_configuration_without_an_endpoint_sets_up_the_local_gateways_session() {
    let mut terminal = Terminal::open(120, 40, &[]);
    terminal.write("c.toml", "[ui]\nmouse = true\n[keys]\nstart = \"f9\"\n");
    terminal.send(&format!("{} --config c.toml; echo code=$?\r", Terminal::program()));
    terminal.wait_for_text("PassStateMachine");
    terminal.wait_for_text("No endpoint: running on a local trial gateway");
    terminal.wait_for_bytes(b"\x1b[?1006h");
    terminal.press("\x1b[20~");
    terminal.wait_for_text("Start which machine?");
    terminal.press("\x1b");
    terminal.send("q");
    terminal.wait_for_text("code=0");
}

#[test]
fn the_terminal_is_restored_after_a_panic_and_the_panic_is_reported() {
    let mut terminal = Terminal::open(100, 30, &[("STEPGATE_TEST_PANIC_KEY", "1")]);
    launch(&mut terminal);
    terminal.send("\x1b[24~");
    expect_the_shell_as_before(&mut terminal, "101");
    let text = terminal.text();
    assert!(text.contains("the panic key was pressed"), "{text}");
}

#[test]
fn ctrl_z_goes_to_the_shell_and_fg_comes_back() {
    let mut terminal = Terminal::open(100, 30, &[]);
    terminal.send(&format!("stty -g >before; {}\r", Terminal::program()));
    terminal.wait_for_text("PassStateMachine");
    terminal.send("\x1a");
    terminal.wait_for("the shell", |screen| !screen.alternate_screen() && screen.contents().contains("Stopped"));
    terminal.wait_for("the shell's prompt", is_at_the_prompt);
    terminal.look(|screen| assert!(!screen.bracketed_paste() && !screen.hide_cursor()));
    terminal.send("stty -g >after; cmp before after && echo same-modes-$((1 + 1))\r");
    terminal.wait_for_text("same-modes-2");
    terminal.send("fg\r");
    terminal
        .wait_for("the program", |screen| screen.alternate_screen() && screen.contents().contains("PassStateMachine"));
    start_the_pass_machine(&mut terminal);
    terminal.send("q");
    terminal.wait_for("the shell's prompt", is_at_the_prompt);
    terminal.send("stty -g >after; cmp before after && echo same-modes-$((2 + 1))\r");
    terminal.wait_for_text("same-modes-3");
}

#[test]
fn japanese_is_typed_pasted_and_the_cursor_stands_behind_it() {
    let mut terminal = Terminal::open(80, 24, &[("NO_COLOR", "1")]);
    launch(&mut terminal);
    terminal.send("\r");
    terminal.wait_for_text("Start PassStateMachine");
    terminal.send("\x1b[4~");
    terminal.send("\x7f\x7f\x1b[200~{\"注文\":\x1b[201~");
    terminal.wait_for_text("{\"注文\":");
    terminal.send("\"東京\"");
    terminal.wait_for("the cursor behind it", |screen| {
        let (row, column) = screen.cursor_position();
        let line = screen.rows(0, 80).nth(usize::from(row)).unwrap_or_default();
        let behind = line.split_once("\"東京\"").map(|(before, _)| width(before) + width("\"東京\""));
        behind == Some(usize::from(column))
    });
    terminal.look(|screen| assert!(!screen.hide_cursor(), "the real cursor is where input methods draw"));
    terminal.send("}\x13");
    terminal.wait_for_text("SUCCEEDED");
    terminal.send("\r");
    terminal.wait_for_text("\"注文\": \"東京\"");
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
}

#[test]
fn a_long_burst_of_typing_is_read_to_its_end() {
    let mut terminal = Terminal::open(100, 30, &[]);
    launch(&mut terminal);
    terminal.send("\r");
    terminal.wait_for_text("Start PassStateMachine");
    // Not as a paste: what terminals without bracketed paste send.
    terminal.send(&format!("\x01\x0b\"{}\"", "x".repeat(6_000)));
    terminal.wait_for_text("6002 / 262144 bytes");
    terminal.send("\x13");
    terminal.wait_for_text("SUCCEEDED");
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
}

#[test]
fn the_users_editor_changes_the_input() {
    let editor = "#!/bin/sh\nprintf '{\"edited\": true}\\n' >\"$1\"\n";
    let mut terminal = Terminal::open(110, 30, &[("VISUAL", "./editor.sh")]);
    terminal.write("editor.sh", editor);
    terminal.send("chmod +x editor.sh\r");
    launch(&mut terminal);
    terminal.send("\r");
    terminal.wait_for_text("Start PassStateMachine");
    terminal.send("\x0f");
    terminal.wait_for_text("{\"edited\": true}");
    terminal.send("\x13");
    terminal.wait_for_text("SUCCEEDED");
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
}

#[test]
fn a_faulty_configuration_is_shown_and_read_again() {
    let mut terminal = Terminal::open(100, 30, &[("STEPGATE_CONFIG", "c.toml")]);
    terminal.write("c.toml", "[endpoints.a]\nulr = \"https://example.com\"\n[ui]\ntheme = \"drak\"\n");
    let program = Terminal::program();
    terminal.send(&format!("{program}; echo code=$?\r"));
    terminal.wait_for_text("c.toml:2: endpoints.a.ulr: unknown key; did you mean `url`?");
    terminal.wait_for_text("c.toml:4: ui.theme");
    terminal.write("c.toml", "[endpoints.a]\nurl = \"https://example.com\"\n[ui]\ntheme = \"dark\"\n");
    terminal.send("r");
    terminal.wait_for_text("[machines.NAME]");
    terminal.send("q");
    terminal.wait_for_text("code=0");
}

#[test]
fn what_is_copied_is_on_its_way_to_the_terminals_clipboard() {
    let mut terminal = Terminal::open(120, 40, &[]);
    launch(&mut terminal);
    start_the_pass_machine(&mut terminal);
    terminal.send("yo");
    // `{}` in base64.
    terminal.wait_for_bytes(b"\x1b]52;c;e30=\x1b\\");
    terminal.wait_for_text("Copied the output (2 bytes) through the terminal (OSC 52).");
    // More than terminals take goes into a file, and nothing of it to the terminal.
    terminal.send("r\x01\x0b");
    terminal.wait_for_text("Start PassStateMachine");
    let written = terminal.bytes();
    terminal.send(&format!("\x1b[200~\"{}\"\x1b[201~\x13", "x".repeat(100_000)));
    terminal.wait_for_text("2 succeeded");
    terminal.send("yo");
    terminal.wait_for_text("saved to the file");
    assert!(terminal.bytes() - written < 100_000);
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
}

/// Opens a terminal on a desktop with X11 whose `xclip` is this shell script.
fn on_a_desktop(xclip: &str) -> Terminal {
    let mut terminal = Terminal::open(120, 40, &[("DISPLAY", ":0")]);
    terminal.write("xclip", &format!("#!/bin/sh\n{xclip}\n"));
    terminal.send("chmod +x xclip; PATH=\"$PWD:$PATH\"\r");
    launch(&mut terminal);
    start_the_pass_machine(&mut terminal);
    terminal.send("yo");
    terminal
}

#[test]
fn text_goes_to_the_clipboard_of_the_desktop_and_stays_there() {
    // As xclip does, a process stays behind to serve the clipboard.
    let mut terminal = on_a_desktop("cat > copied; echo \"$*\" > arguments; (sleep 2; touch served) & exit 0");
    terminal.wait_for_text("Copied the output (2 bytes) to the clipboard.");
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
    terminal.send("until [ -e served ]; do sleep 0.1; done; cat copied arguments; echo \r");
    terminal.wait_for_text("{}-selection clipboard");
}

#[test]
fn a_clipboard_program_that_fails_or_hangs_does_not_lose_the_text() {
    for (xclip, prefix) in [("exit 1", ""), ("sleep 60", "xclip did not respond within 2 s. ")] {
        let mut terminal = on_a_desktop(xclip);
        terminal.wait_for_bytes(b"\x1b]52;c;e30=\x1b\\");
        terminal.wait_for_text(&format!("{prefix}Copied the output (2 bytes) through the terminal (OSC 52)."));
        terminal.send("q");
        expect_the_shell_as_before(&mut terminal, "0");
    }
}

#[test]
fn an_unseen_end_is_notified_by_the_terminal() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let mut terminal = Terminal::open(120, 40, &[("STEPGATE_CONFIG", "c.toml")]);
    let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:WaitStateMachine";
    let url = served.url();
    terminal.write(
        "c.toml",
        &format!("[endpoints.e]\nurl = \"{url}\"\n[machines.m]\narn = \"{arn}\"\n[ui]\nnotify = \"desktop\"\n"),
    );
    terminal.send(&format!("{}\r", Terminal::program()));
    terminal.wait_for_text("No executions yet");
    for (name, seconds) in [("first", 2), ("second", 60)] {
        terminal.send("n");
        terminal.wait_for_text("Start m");
        terminal.send(&format!("\x01\x0b\x1b[200~{{\"seconds\": {seconds}}}\x1b[201~\t{name}\x13"));
        terminal.wait_for("the form to close", |screen| !screen.contents().contains("Start m"));
    }
    terminal.wait_for_bytes(b"\x1b]9;first SUCCEEDED\x07");
    // The window loses the focus: now the selected one is not looked at either.
    terminal.send("\x1b[Ox");
    terminal.wait_for_text("declares no route");
    terminal.send("q");
}

#[test]
fn the_size_may_change_while_an_output_is_read() {
    let mut terminal = Terminal::open(120, 40, &[]);
    launch(&mut terminal);
    terminal.send("\r");
    terminal.wait_for_text("Start PassStateMachine");
    let items: Vec<String> = (0..5_000).map(|number| format!("{{\"number\":{number}}}")).collect();
    terminal.send(&format!("\x01\x0b\x1b[200~[{}]\x1b[201~\x13", items.join(",")));
    terminal.wait_for_text("SUCCEEDED");
    terminal.send("\rf");
    terminal.wait_for_text("\"number\": 5");
    for (columns, rows) in [(60, 20), (200, 50), (40, 10), (121, 33), (80, 24)] {
        // Page by page down while the window's corner is dragged.
        terminal.send("    ");
        terminal.resize(columns, rows);
        terminal.send("    ");
    }
    terminal.send("G");
    terminal.wait_for("the last item on a screen of the last size", |screen| {
        let text = screen.contents();
        let lines: Vec<&str> = text.lines().collect();
        lines.len() == 24 && text.contains("▸]") && text.contains("\"number\": 4999") && lines[23].contains("q quit")
    });
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
}

#[test]
fn requests_go_through_the_systems_proxy() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let refusal = http("403 Forbidden", "", "{\"message\":\"Forbidden\"}");
    let (proxy, requests) = runtime.block_on(scripted(vec![refusal]));
    let mut terminal = Terminal::open(120, 30, &[("HTTP_PROXY", &proxy), ("STEPGATE_CONFIG", "c.toml")]);
    let arn = "arn:aws:states:us-east-1:111122223333:stateMachine:M";
    terminal.write(
        "c.toml",
        &format!("[endpoints.e]\nurl = \"http://gateway.invalid/dev\"\n[machines.m]\narn = \"{arn}\"\n"),
    );
    terminal.send(&format!("{}\r", Terminal::program()));
    terminal.wait_for_text("No executions yet");
    terminal.send("\r");
    terminal.wait_for_text("Start m");
    terminal.send("\x13");
    terminal.wait_for_text("the gateway forbids it");
    let requests = requests.lock().expect("the requests");
    assert!(requests[0].starts_with("POST http://gateway.invalid/dev/execution HTTP/1.1"), "{}", requests[0]);
}

#[test]
fn without_a_terminal_it_says_so() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_stepgate"))
        .stdin(std::process::Stdio::null())
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs a terminal"));
}

#[test]
fn a_command_that_waits_shows_what_runs_and_leaves_a_clean_terminal() {
    let mut terminal = Terminal::open(60, 12, &[]);
    let program = Terminal::program();
    terminal.send(&format!("stty -g >before; {program} --endpoint local start order --wait; echo code=$?; stty -g >after; cmp before after && echo same-modes\r"));
    terminal.wait_for("the line of what runs", |screen| {
        screen
            .contents()
            .lines()
            .any(|line| line.starts_with("RUNNING  0:01  ") && line.contains("-OrderStateMachine-"))
    });
    terminal.send("\x03");
    terminal.wait_for_text("to continue: `stepgate --endpoint local watch");
    terminal.wait_for_text("code=130");
    terminal.wait_for_text("same-modes");
    let text = terminal.text();
    assert!(!text.contains("RUNNING  0:"), "the live line is gone: {text}");
    terminal.send(&format!("clear; {program} --endpoint local start pass --wait --color never; echo code=$?\r"));
    terminal.wait_for_text("code=0");
    let text = terminal.text();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("PassStateMachine")).collect();
    let is_end = lines.len() == 1
        && lines[0].starts_with("SUCCEEDED  ")
        && lines[0].contains("-PassStateMachine-")
        && text.contains("  69 ms");
    assert!(is_end, "only its end is left: {text}");
}

#[test]
fn many_starts_are_seen_as_a_bar() {
    let mut terminal = Terminal::open(80, 24, &[]);
    let lines: String = (0..40).map(|_| "{\"seconds\": 1}\n").collect();
    terminal.write("lines.jsonl", &lines);
    terminal.send(&format!(
        "{} --endpoint local start wait --each lines.jsonl --wait; echo code=$?\r",
        Terminal::program()
    ));
    terminal.wait_for("the bar", |screen| {
        screen
            .contents()
            .lines()
            .any(|line| line.starts_with('█') && line.contains(" of 40 · ") && line.contains("running"))
    });
    terminal.wait_for_text("code=0");
    terminal.wait_for("the end", |screen| screen.contents().contains("stepgate: 40 of 40 · 40 succeeded"));
    assert!(!terminal.text().contains('█'), "the bar is gone: {}", terminal.text());
}

#[test]
fn config_init_prompts_on_a_terminal_and_rejects_wrong_input() {
    let mut terminal = Terminal::open(120, 24, &[]);
    terminal.send(&format!("{} config init; echo code=$?\r", Terminal::program()));
    terminal.wait_for_text("The gateway's URL, with its stage [http://127.0.0.1:8080/dev]:");
    terminal.send("ftp://wrong\r");
    terminal.wait_for_text("that begins with https://");
    terminal.send("https://api.example.com/dev\r");
    terminal.wait_for_text("A state machine's ARN:");
    terminal.send("arn:aws:states:ap-northeast-1:111122223333:stateMachine:Orders\r");
    terminal.wait_for_text("The environment variable with its API key");
    terminal.send("\r");
    terminal.wait_for_text("code=0");
    let file = terminal.folder().join(".config").join("stepgate").join("config.toml");
    let text = std::fs::read_to_string(file).expect("the file");
    assert!(text.contains("url = \"https://api.example.com/dev\"") && text.contains("[machines.Orders]"), "{text}");
    terminal.send(&format!("{} config check\r", Terminal::program()));
    terminal.wait_for_text("OK; 1 endpoint and 1 machine");
}
