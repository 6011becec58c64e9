//! Pages of the AWS console: printed, or opened by the desktop.
#![cfg(unix)]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::cli::{Home, MACHINE, Ran, ran};
use crate::support::gateway::Served;
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
