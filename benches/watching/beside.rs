//! Two hundred executions, watched by stepgate and by the usual alternatives.

use std::process::Command;
use std::time::Duration;

use stepgate_local::Faults;

use crate::setup::{Setup, Started, follow};

/// Asks about each that still runs, waits a second, and begins again.
const CURL_LOOP: &str = r#"
    left=("${@:2}")
    while [ ${#left[@]} -gt 0 ]; do
        running=()
        for arn in "${left[@]}"; do
            case $(curl -s -X POST "$1/execution/status" -d "{\"executionArn\": \"$arn\"}") in
                *'"status":"RUNNING"'*) running+=("$arn") ;;
                *) echo "\"$arn\"" ;;
            esac
        done
        left=("${running[@]}")
        sleep 1
    done"#;

/// Eight threads, each with a share of the executions, which it polls every second.
const PYTHON_POLLER: &str = r#"
import http.client, json, sys, threading, time, urllib.parse
url, arns = urllib.parse.urlparse(sys.argv[1]), sys.argv[2:]

def follow(left):
    connection = http.client.HTTPConnection(url.netloc)
    while left:
        began = time.monotonic()
        for arn in list(left):
            body = json.dumps({"executionArn": arn})
            connection.request("POST", url.path + "/execution/status", body, {"content-type": "application/json"})
            if json.loads(connection.getresponse().read())["status"] != "RUNNING":
                left.remove(arn)
                print('"%s"' % arn, flush=True)
        time.sleep(max(0, began + 1 - time.monotonic()))

threads = [threading.Thread(target=follow, args=(arns[part::8],)) for part in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"#;

pub fn run() {
    let curl: Build = |setup, started| script(Command::new("bash").args(["-c", CURL_LOOP, "bash"]), setup, started);
    let python: Build = |setup, started| script(Command::new("python3").args(["-c", PYTHON_POLLER]), setup, started);
    let stepgate: Build = |setup, _| setup.stepgate(&["watch", "--output", "json"]);
    let routes = "[endpoints.e.routes]\nlist = \"/executions\"";
    let ways = [
        ("shell loop of curl", "", curl),
        ("Python, 8 threads, 1 s", "", python),
        ("stepgate, budget 10", "", stepgate),
        ("stepgate, budget 10, with the list route", routes, stepgate),
    ];
    for (name, routes, build) in ways {
        let setup = Setup::new(Faults { latency: Duration::from_millis(20), ..Faults::default() }, routes);
        let started = setup.start((0..200).map(|index| 10 + index * 7_919 % 80));
        let before = setup.served.gateway.requests();
        let measured = follow(&mut build(&setup, &started), &started);
        let gateway = &setup.served.gateway;
        println!("{}", measured.line(name, gateway.requests() - before, gateway.peak_polls_per_second()));
    }
}

type Build = fn(&Setup, &[Started]) -> Command;

fn script(command: &mut Command, setup: &Setup, started: &[Started]) -> Command {
    let mut whole = Command::new(command.get_program());
    whole.args(command.get_args()).arg(setup.served.url()).args(started.iter().map(|one| &one.arn));
    whole
}
