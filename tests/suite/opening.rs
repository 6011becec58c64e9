//! Pages of the AWS console: printed, or opened by the desktop.
#![cfg(unix)]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use crate::support::cli::{Home, MACHINE, Ran, config, ran};
use crate::support::gateway::Served;
use crate::support::scene::{answered, at_work, press, seen};
use crate::support::terminal::Terminal;
use stepgate::app::{Effect, Model, Msg, update};
use stepgate_core::domain::{Observation, OtherMembers, Status, Verdict};
use stepgate_local::Options;
use tokio::runtime::Runtime;

const CONSOLE: &str = "https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/";

fn served() -> (Runtime, Served, Home) {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let home = Home::at(&served.url());
    (runtime, served, home)
}

fn page(name: &str) -> String {
    let id = "arn%3Aaws%3Astates%3Aus-east-1%3A000000000000%3Aexecution%3APassStateMachine%3A";
    format!("{CONSOLE}v2/executions/details/{id}{name}")
}

/// Opens with a program of this name that does this, and no other.
fn with_opener(home: &Home, name: &str, script: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let folder = home.path().join("programs");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a program");
    std::fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("it can be run");
    let ran = ran(home.command(arguments).env("PATH", &folder).envs(environment.iter().copied()));
    std::fs::remove_file(path).expect("removed");
    ran
}

fn opened(home: &Home) -> String {
    std::fs::read_to_string(home.path().join("opened")).unwrap_or_default()
}

#[test]
fn the_url_is_printed_without_requests() {
    let (_runtime, served, home) = served();
    home.run(&["start", "pass", "--name", "one", "--wait"]).expect(0);
    let asked = served.gateway.requests();
    let print = |target: &str| home.run(&["open", target, "--print"]).expect(0).out;
    let one = format!("{}PassStateMachine:one", MACHINE.replace("stateMachine:", "execution:"));
    for target in ["one", "@last", &one] {
        assert_eq!(print(target), format!("{}\n", page("one")), "{target}");
    }
    let machine =
        format!("{CONSOLE}statemachines/view/arn%3Aaws%3Astates%3Aus-east-1%3A000000000000%3AstateMachine%3A");
    assert_eq!(print("pass"), format!("{machine}PassStateMachine\n"));
    assert_eq!(print(&format!("{MACHINE}Other:live")), format!("{machine}Other\n"));
    let china = print("arn:aws-cn:states:cn-north-1:111122223333:execution:Order:o-1");
    assert!(china.starts_with("https://cn-north-1.console.amazonaws.cn/states/home?region=cn-north-1#/"), "{china}");
    let express = print("arn:aws:states:us-east-1:111122223333:express:Order:o-1:uuid");
    assert!(express.contains("#/express-executions/details/arn%3Aaws%3A") && express.contains("?startDate=1"));
    let json = home.run(&["open", "one", "--print", "--output", "json"]).expect(0).object();
    assert_eq!(json["url"], page("one"));
    for (target, said) in [
        ("nobody", "use its ARN"),
        ("arn:aws-new:states:mars-1:111122223333:execution:Order:o-1", "partition `aws-new` is not known"),
        ("arn:aws:s3:::bucket", "not an ARN"),
    ] {
        let refused = home.run(&["open", target, "--print"]).expect(2);
        assert!(refused.err.contains(said) && refused.out.is_empty(), "{target}: {refused:?}");
    }
    // A name of both is the execution.
    home.run(&["start", "pass", "--name", "pass", "--wait"]).expect(0);
    assert_eq!(home.run(&["open", "pass", "--print"]).expect(0).out, format!("{}\n", page("pass")));
    assert_eq!(served.gateway.requests(), asked + 2, "only the start and its status");
    assert_eq!(home.run(&["list", "--output", "json"]).expect(0).objects().len(), 2, "printing adds nothing");
}

#[test]
fn the_desktop_opens_it_and_an_execution_of_others_is_added() {
    let (_runtime, served, home) = served();
    let colleague = Home::at(&served.url());
    colleague.run(&["start", "pass", "--name", "theirs", "--wait"]).expect(0);
    let theirs = format!("{}PassStateMachine:theirs", MACHINE.replace("stateMachine:", "execution:"));
    let script = format!("printf '%s' \"$*\" > '{}'", Path::new(home.path()).join("opened").display());
    let ran = with_opener(&home, "xdg-open", &script, &["open", &theirs], &[]).expect(0);
    assert_eq!((opened(&home), ran.out.as_str()), (page("theirs"), ""), "{ran:?}");
    assert_eq!(home.run(&["list", "--output", "json"]).expect(0).object()["name"], "theirs");
    with_opener(&home, "mine", &script, &["open", "theirs"], &[("BROWSER", "mine --new %s")]).expect(0);
    assert_eq!(opened(&home), format!("--new {}", page("theirs")));
    with_opener(&home, "wslview", &script, &["open", "pass"], &[("WSL_DISTRO_NAME", "Debian")]).expect(0);
    assert!(opened(&home).contains("#/statemachines/view/"), "{}", opened(&home));
}

#[test]
fn without_an_opener_the_url_is_in_the_message() {
    let (_runtime, _served, home) = served();
    home.run(&["start", "pass", "--name", "one", "--wait"]).expect(0);
    let none = with_opener(&home, "other", "exit 0", &["open", "one"], &[]).expect(2);
    let said = format!("tried `xdg-open`); set BROWSER. Open it yourself: {}", page("one"));
    assert!(none.err.contains(&said) && none.out.is_empty(), "{none:?}");
    let failed = with_opener(&home, "xdg-open", "exit 3", &["open", "one"], &[]).expect(2);
    assert!(failed.err.contains("`xdg-open` could not open it (exit status: 3)"), "{failed:?}");
    let trace = home.run(&["open", "one", "--trace", "--print"]).expect(2);
    assert!(trace.err.contains("no trace header is known for one"), "{trace:?}");
}

/// A terminal UI on this gateway with one finished execution.
fn ui(served: &Served, variables: &[(&str, &str)]) -> Terminal {
    let variables = [&[("STEPGATE_CONFIG", "c.toml")][..], variables].concat();
    let mut terminal = Terminal::open(140, 40, &variables);
    terminal.write("c.toml", &config(&served.url()));
    terminal.write("browser", "#!/bin/sh\nprintf '%s' \"$1\" >opened.new && mv opened.new opened\n");
    terminal.send(&format!("chmod +x browser; {}\r", Terminal::program()));
    terminal.wait_for_text("No executions yet");
    terminal.send("\r");
    terminal.wait_for_text("Start pass");
    terminal.send("\tone\x13");
    terminal.wait_for_text("SUCCEEDED");
    terminal
}

#[test]
fn the_terminal_ui_opens_the_page_of_the_execution_and_of_the_machine() {
    let (_runtime, served, _home) = served();
    let mut terminal = ui(&served, &[("BROWSER", "./browser")]);
    let opened = |terminal: &mut Terminal| {
        let path = terminal.folder().join("opened");
        terminal.wait_for_text("Opened");
        let url = std::fs::read_to_string(&path).expect("the browser was started");
        std::fs::remove_file(path).expect("removed");
        url
    };
    terminal.send("o");
    assert_eq!(opened(&mut terminal), page("one"));
    // The message goes, so that the next one is seen.
    terminal.send("\x1b");
    terminal.wait_for("the message to go", |screen| !screen.contents().contains("Opened"));
    terminal.send("\x1b[Z");
    terminal.send("o");
    assert!(opened(&mut terminal).contains("#/statemachines/view/"));
    terminal.send("q");
}

#[test]
fn without_a_desktop_the_url_is_copied() {
    for (variables, reason) in [
        (&[][..], "The page cannot be opened: there is no desktop. Copied its URL"),
        (&[("SSH_TTY", "/dev/pts/1")], "The page cannot be opened: this is a session over SSH. Copied its URL"),
    ] {
        let (_runtime, served, _home) = served();
        let mut terminal = ui(&served, variables);
        terminal.send("o");
        terminal.wait_for_text(reason);
        let written = terminal.written();
        assert!(written.windows(7).any(|bytes| bytes == b"\x1b]52;c;"), "through the terminal");
        terminal.send("m");
        terminal.wait_for_text("https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions");
        terminal.send("\x1bq");
    }
}

#[test]
fn the_arn_is_a_link_in_terminals_that_show_them() {
    let (_runtime, served, _home) = self::served();
    let link = format!("\x1b]8;id=stepgate;{}\x1b\\", page("one"));
    let mut terminal = ui(&served, &[("TERM", "xterm-kitty")]);
    terminal.wait_for_bytes(link.as_bytes());
    let (_runtime, served, _home) = self::served();
    let mut plain = ui(&served, &[]);
    plain.wait_for_text("arn:aws:states:");
    assert!(!plain.written().windows(4).any(|bytes| bytes == b"\x1b]8;"), "no link");
    terminal.send("q");
    plain.send("q");
}

/// The text that the keys copy from the selected execution.
fn copied(model: &mut Model, keys: &str) -> Option<String> {
    let effects = press(model, keys);
    effects.iter().find_map(|effect| if let Effect::Copy(item) = effect { Some(item.text.to_string()) } else { None })
}

#[test]
fn the_copy_menu_has_the_urls_of_execution_machine_and_trace() {
    let mut model = at_work(120, 40);
    let console = "https://ap-northeast-1.console.aws.amazon.com/";
    let arn = model.selected().expect("selected").arn.clone();
    let execution = copied(&mut model, "y u").expect("its page");
    assert!(
        execution.starts_with(&format!("{console}states/home?region=ap-northeast-1#/v2/executions/details/arn%3A"))
    );
    assert!(execution.ends_with(arn.name()), "{execution:?}");
    let machine = copied(&mut model, "y m").expect("its page");
    assert!(machine.contains("#/statemachines/view/arn%3Aaws%3Astates%3A"), "{machine:?}");
    assert_eq!(copied(&mut model, "y x"), None, "no response has had a trace header");
    let id = model.selected().expect("selected").id;
    for (header, expected) in [
        (
            "\"Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1\"",
            Some("#xray:traces/1-5759e988-bd862e3fe1be46a994272793"),
        ),
        ("\"Root=1-5759e988-bd862e3fe1be46a994272793\\u001b]52;c;x\"", None),
        ("\"Root=https://example.com\"", None),
        ("{\"Root\": 1}", None),
    ] {
        let running = seen(&model, id, Status::Running, Duration::ZERO);
        let others = OtherMembers::received([("traceHeader", header)]);
        answered(&mut model, id, Ok(Observation { others, ..running }), Verdict::Watching(Duration::from_secs(1)));
        let trace = copied(&mut model, "y x");
        assert_eq!(
            trace,
            expected.map(|page| format!("{console}cloudwatch/home?region=ap-northeast-1{page}")),
            "{header}"
        );
    }
    // The keys that open follow the focus.
    let [Effect::OpenUrl(url)] = &press(&mut model, "o")[..] else { panic!("no page") };
    assert_eq!(*url, execution);
    let effects = update(&mut model, Msg::UrlOpened(url.clone(), Err("no desktop".into())));
    let [Effect::Copy(item)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((&*item.text, item.reason.as_deref()), (&**url, Some("The page cannot be opened: no desktop.")));
}
