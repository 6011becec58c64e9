//! The texts of `--help` that follow the arguments. `tests/suite/examples.rs` runs every example.

/// The table of exit codes, as a literal for `concat!`.
macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0    success; with --wait or watch: every execution SUCCEEDED
  1    an execution ended FAILED, TIMED_OUT or ABORTED
  2    usage or configuration error; nothing was sent
  3    the gateway or Step Functions refused the request permanently
  4    outcome unknown: unreachable, retries exhausted, or unreadable responses
  5    --timeout expired while still running
  130  interrupted

"
    };
}

/// The exit codes.
pub(in crate::cli) const EXIT_CODES: &str = exit_codes!();

pub(in crate::cli) const OVERVIEW: &str = concat!(
    "\
Examples:
  stepgate start pass --wait
  stepgate start pass --input '{\"order\": 4711}' --wait --output json
  stepgate watch --timeout 1h
  stepgate list --since 24h

",
    exit_codes!(),
    "\
--output json prints one object per line for each result, with the member names of
DescribeExecution. input and output are strings, byte for byte as received; control characters are
written as JSON escapes. Results go to standard output, everything else to standard error.

A flag takes precedence over its environment variable, the variable over the configuration file, and
the file over the default."
);

pub(in crate::cli) const START: &str = "\
Examples:
  stepgate start pass
  stepgate start pass --wait --timeout 10m
  stepgate start pass --input '{\"order\": 4711}' --name order-4711 --wait
  stepgate start pass --input-file order.json --wait --output json
  echo '{\"order\": 4712}' | stepgate start pass --input-file - --wait
  stepgate start pass --preset order --wait
  stepgate start pass --each orders.jsonl --wait --output json
  stepgate start pass --each orders.jsonl --wait --resume

Ctrl-C stops waiting, never an execution. --resume continues a run of --each that was stopped or
killed; no line is started twice. In JSON, a line of --each without an execution has `start`
(refused, unresolved or never-started) and `message`.";

pub(in crate::cli) const STATUS: &str = "\
Examples:
  stepgate status @last
  stepgate status order-4711 --output json";

pub(in crate::cli) const WATCH: &str = "\
Examples:
  stepgate watch
  stepgate watch @last
  stepgate watch order-4711 --timeout 30m --output json

Temporary failures are retried at growing intervals until --timeout. Only a permanent error ends the
command.";

pub(in crate::cli) const LIST: &str = "\
Examples:
  stepgate list
  stepgate list --machine pass --status FAILED,TIMED_OUT --since 7d
  stepgate list --limit 1 --output json
  stepgate list --remote --machine pass --status RUNNING
  stepgate list --no-headers --time relative

Columns are at least two spaces apart, and only the last one may be empty or contain two spaces. For
scripts, --output json is the stable form.";

pub(in crate::cli) const MACHINES: &str = "\
Examples:
  stepgate machines
  stepgate machines --output json

A machine on several endpoints has a line for each. In JSON, a line has `name`, `endpoint`,
`stateMachineArn`, `type` (STANDARD or EXPRESS, if the configuration sets it), `input` and `presets`
(their names).";

pub(in crate::cli) const FORGET: &str = "\
Examples:
  stepgate forget order-4711
  stepgate forget --local --yes

Removed executions stay removed, even if another stepgate still watches them; `status`, `watch` and
`open` with their ARN add them again. In JSON, each removed execution has `executionArn` and `name`.";

pub(in crate::cli) const OPEN: &str = "\
Examples:
  stepgate open order-4711 --print
  stepgate open pass --print
  stepgate open @last --print --output json

BROWSER names the browser; without it, the desktop's is used.";

pub(in crate::cli) const STOP: &str = "\
Examples:
  stepgate stop order-4711
  stepgate stop @last --error Cancelled --cause 'ordered twice' --output json";

pub(in crate::cli) const REDRIVE: &str = "\
Examples:
  stepgate redrive order-4712
  stepgate watch order-4712";

pub(in crate::cli) const HISTORY: &str = "\
Examples:
  stepgate history @last
  stepgate history order-4711 --reverse --limit 10
  stepgate history order-4711 --data --output json";

pub(in crate::cli) const TIMELINE: &str = "\
Examples:
  stepgate timeline @last
  stepgate timeline order-4711 --output json

In JSON, each step has `path` (names from the outside in; a branch is named after its first state,
an iteration `[index]`), `type`, `status` (RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED: cancelled
because something else failed, CAUGHT: failed and handled by a Catch), `attempts`, `startDate`, and
if present `stopDate`, `error` and `cause`. A step with several attempts has the status of the last.";

pub(in crate::cli) const DOCTOR: &str = "\
Examples:
  stepgate doctor
  stepgate doctor --output json

In JSON, each finding has `check` (config, dns, tcp, proxy, tls, auth, clock, stage, route, machine
or store), `subject`, `verdict` (ok, warning, skipped or failed), `finding` (a word such as
wrong-stage), `message` and `advice`.";

pub(in crate::cli) const TEMPLATE: &str = "\
Examples:
  stepgate template > gateway.yaml
  stepgate template --check-config
  stepgate template --check-config --kms-key-arns arn:aws:kms:eu-west-1:123456789012:key/ID
  stepgate template --check-config --log-group-arns arn:aws:logs:eu-west-1:123456789012:log-group:NAME

Deploy it with the AWS CLI:
  aws cloudformation deploy --template-file gateway.yaml --stack-name stepgate \\
    --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \\
    --parameter-overrides StateMachineArns=ARN,ARN Auth=API_KEY StopRoute=true HistoryRoute=true
  aws cloudformation describe-stacks --stack-name stepgate --output text \\
    --query \"Stacks[0].Outputs[?OutputKey=='EndpointConfig'].OutputValue\"

The second command prints the [endpoints.NAME] block for the configuration. In JSON, --check-config
prints one object for each route (`route`, `path`, `action`, `deployed`, `parameter`), stack
(`stack`, `region`, `account`, `stateMachineArns`, `policyBytes`, `parameterBytes`, `parameters`)
and problem (`problem`, `message`).";

pub(in crate::cli) const LOCAL: &str = "\
Examples:
  stepgate local --listen 127.0.0.1:8080
  stepgate local --listen 127.0.0.1:0 --latency 200ms --fail-rate 0.1

It is for trials and tests; your real executions run on AWS Step Functions.";

pub(in crate::cli) const COMPLETIONS: &str = "\
Examples:
  stepgate completions bash > stepgate.bash
  stepgate completions zsh > _stepgate
  stepgate completions fish > stepgate.fish

bash: source the file in ~/.bashrc. zsh: save it in a folder of $fpath. fish: save it in
~/.config/fish/completions. The script asks stepgate for machines, endpoints, presets and
executions; it reads the configuration and the store, and sends nothing.";

pub(in crate::cli) const MAN: &str = "\
Examples:
  stepgate man > stepgate.1";

pub(in crate::cli) const INIT: &str = "\
Examples:
  stepgate config init https://api.example.com/dev
  stepgate config init https://api.example.com/dev --api-key-env STEPGATE_API_KEY --write
  stepgate config init --config new.toml
  stepgate config init --config dev.toml --url https://api.example.com/dev

With URL, it requests what the gateway offers: routes, machines, type of the API, how errors arrive.
It prints the configuration with comments on what it found out and what remains uncertain, and with
--write writes it. At most 25 requests are sent, within 90 s, and none to a route that starts
something. Secrets are never printed. If the gateway refuses or does not respond, the message says
what to try, and nothing is printed or written.

At the end of an existing file, --write adds the endpoint if its name is free and the file stays
valid. Nothing else in the file changes.

Without URL, nothing is sent. On a terminal, it asks for missing values. Elsewhere, missing values
are those of the local gateway at 127.0.0.1:8080. An existing file is never overwritten.

In JSON, URL prints one object: `endpoint`, `url`, `region`, `api` (rest, http), `errorsAre200`,
`routes` (for each its `path`, `method` and the filter `answer`), `machines` (`name`,
`stateMachineArn`, `type`), `config` (the text), `file` and `written`.";

pub(in crate::cli) const CHECK: &str = "\
Examples:
  stepgate config check";

pub(in crate::cli) const PATH: &str = "\
Examples:
  stepgate config path";

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory as _};

    use crate::cli::Arguments;

    /// The commands and arguments that `--help` lists without a description.
    fn undescribed(command: &Command, path: &str, found: &mut Vec<String>) {
        let path = format!("{path} {}", command.get_name());
        if command.get_about().is_none() {
            found.push(path.clone());
        }
        let arguments = command.get_arguments().filter(|argument| argument.get_help().is_none());
        found.extend(arguments.map(|argument| format!("{path} {}", argument.get_id())));
        for inner in command.get_subcommands() {
            undescribed(inner, &path, found);
        }
    }

    /// The texts below the arguments, of a command and those in it.
    fn long_texts(command: &Command, found: &mut Vec<String>) {
        found.extend(command.get_after_long_help().map(ToString::to_string));
        command.get_subcommands().for_each(|inner| long_texts(inner, found));
    }

    #[test]
    fn no_line_is_wider_than_the_help() {
        let mut texts = Vec::new();
        long_texts(&Arguments::command(), &mut texts);
        assert!(texts.len() > 15, "{}", texts.len());
        let long: Vec<&str> = texts.iter().flat_map(|text| text.lines()).filter(|line| line.len() > 100).collect();
        assert_eq!(long, Vec::<&str>::new());
    }

    #[test]
    fn every_command_and_argument_has_a_description() {
        let mut found = Vec::new();
        undescribed(&Arguments::command(), "", &mut found);
        // clap describes these two when it builds the whole command.
        found.retain(|name| !name.ends_with(" help") && !name.ends_with(" version"));
        assert_eq!(found, Vec::<String>::new());
    }
}
