//! Completions, the manual page, and the texts of `--help` that follow the arguments. `tests/suite/examples.rs` runs every
//! example.

use std::io::{self, Write as _};

use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::Exit;
use crate::cli::console::print;

pub(super) const OVERVIEW: &str = "\
Examples:
  stepgate start pass --wait
  stepgate start pass --input '{\"order\": 4711}' --wait --output json
  stepgate watch --timeout 1h
  stepgate list --since 24h

Exit codes:
  0    success; with --wait or watch: every execution SUCCEEDED
  1    an execution ended FAILED, TIMED_OUT or ABORTED
  2    usage or configuration error; nothing was sent
  3    the gateway or Step Functions refused the request permanently
  4    outcome unknown: unreachable, retries exhausted, or unreadable responses
  5    --timeout expired while still running
  130  interrupted

--output json prints one object per line for each result, with the member names of
DescribeExecution. input and output are strings, byte for byte as received; control characters are
written as JSON escapes. Results go to standard output, everything else to standard error.

A flag takes precedence over its environment variable, the variable over the configuration file, and
the file over the default.";

pub(super) const START: &str = "\
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

pub(super) const STATUS: &str = "\
Examples:
  stepgate status @last
  stepgate status order-4711 --output json";

pub(super) const WATCH: &str = "\
Examples:
  stepgate watch
  stepgate watch @last
  stepgate watch order-4711 --timeout 30m --output json

Temporary failures are retried at growing intervals until --timeout. Only a permanent error ends the
command.";

pub(super) const LIST: &str = "\
Examples:
  stepgate list
  stepgate list --machine pass --status FAILED,TIMED_OUT --since 7d
  stepgate list --limit 1 --output json
  stepgate list --remote --machine pass --status RUNNING";

pub(super) const STOP: &str = "\
Examples:
  stepgate stop order-4711
  stepgate stop @last --error Cancelled --cause 'ordered twice' --output json";

pub(super) const REDRIVE: &str = "\
Examples:
  stepgate redrive order-4712
  stepgate watch order-4712";

pub(super) const HISTORY: &str = "\
Examples:
  stepgate history @last
  stepgate history order-4711 --reverse --limit 10
  stepgate history order-4711 --data --output json";

pub(super) const TIMELINE: &str = "\
Examples:
  stepgate timeline @last
  stepgate timeline order-4711 --output json

In JSON, each step has `path` (names from the outside in; a branch is named after its first state,
an iteration `[index]`), `type`, `status` (RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED: cancelled
because something else failed, CAUGHT: failed and handled by a Catch), `attempts`, `startDate`, and
if present `stopDate`, `error` and `cause`. A step with several attempts has the status of the last.";

pub(super) const DOCTOR: &str = "\
Examples:
  stepgate doctor
  stepgate doctor --output json

In JSON, each finding has `check` (config, dns, tcp, proxy, tls, auth, clock, stage, route, machine
or store), `subject`, `verdict` (ok, warning, skipped or failed), `finding` (a word such as
wrong-stage), `message` and `advice`.";

pub(super) const TEMPLATE: &str = "\
Examples:
  stepgate template > gateway.yaml
  stepgate template --check-config
  stepgate template --check-config --kms-key-arns arn:aws:kms:eu-west-1:123456789012:key/ID

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

pub(super) const LOCAL: &str = "\
Examples:
  stepgate local --listen 127.0.0.1:8080
  stepgate local --listen 127.0.0.1:0 --latency 200ms --fail-rate 0.1

It is for trials and tests; your real executions run on AWS Step Functions.";

pub(super) const COMPLETIONS: &str = "\
Examples:
  stepgate completions bash > stepgate.bash
  stepgate completions zsh > _stepgate
  stepgate completions fish > stepgate.fish

bash: source the file in ~/.bashrc. zsh: save it in a folder of $fpath. fish: save it in
~/.config/fish/completions.";

pub(super) const MAN: &str = "\
Examples:
  stepgate man > stepgate.1";

pub(super) const INIT: &str = "\
Examples:
  stepgate config init --config new.toml
  stepgate config init --config dev.toml --url https://api.example.com/dev

On a terminal, it asks for missing values. Elsewhere, missing values are those of the local gateway
at 127.0.0.1:8080. An existing file is never overwritten.";

pub(super) const CHECK: &str = "\
Examples:
  stepgate config check";

pub(super) const PATH: &str = "\
Examples:
  stepgate config path";

/// Print completions for a shell.
#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell.
    shell: Shell,
}

pub(super) fn completions(arguments: &CompletionsArguments, mut command: Command) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, env!("CARGO_PKG_NAME"), &mut text);
    print(&text)?;
    Ok(Exit::Done)
}

/// Prints the manual page: the program, and a section for each command.
pub(super) fn man(command: &Command) -> anyhow::Result<Exit> {
    let mut command = command.clone();
    command.build();
    let mut page = Vec::new();
    let whole = Man::new(command.clone());
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_synopsis_section(&mut page)?;
    whole.render_description_section(&mut page)?;
    whole.render_options_section(&mut page)?;
    extra(&command, &mut page)?;
    parts(&command, &mut page)?;
    whole.render_version_section(&mut page)?;
    print(&page)?;
    Ok(Exit::Done)
}

/// Writes a section for each visible command and its subcommands.
fn parts(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help") {
        // Global options are listed once, at the beginning of the page.
        let own = inner.clone().mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
        let name = inner.get_bin_name().unwrap_or(inner.get_name()).to_uppercase();
        writeln!(page, ".SH \"{name}\"")?;
        let man = Man::new(own);
        let mut part = Vec::new();
        man.render_synopsis_section(&mut part)?;
        man.render_description_section(&mut part)?;
        if inner.get_arguments().any(|arg| !arg.is_global_set() && !arg.is_hide_set()) {
            man.render_options_section(&mut part)?;
        }
        // The sections of a command are subsections of the page.
        page.extend(String::from_utf8_lossy(&part).replace(".SH ", ".SS ").into_bytes());
        extra(inner, page)?;
        parts(inner, page)?;
    }
    Ok(())
}

/// Writes the text that follows the options, line by line.
fn extra(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let Some(text) = command.get_after_long_help() else { return Ok(()) };
    writeln!(page, ".PP\n.nf")?;
    for line in text.to_string().lines() {
        let line = line.replace('\\', "\\\\").replace('-', "\\-").replace('\'', "\\(aq");
        let dot = if line.starts_with('.') { "\\&" } else { "" };
        writeln!(page, "{dot}{line}")?;
    }
    writeln!(page, ".fi")
}

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

    #[test]
    fn every_command_and_argument_has_a_description() {
        let mut found = Vec::new();
        undescribed(&Arguments::command(), "", &mut found);
        // clap describes these two when it builds the whole command.
        found.retain(|name| !name.ends_with(" help") && !name.ends_with(" version"));
        assert_eq!(found, Vec::<String>::new());
    }
}
