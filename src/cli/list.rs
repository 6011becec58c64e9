//! `stepgate list`: lists executions from the store, or from Step Functions.

mod listed;
mod stored;

use clap::Args;

use crate::cli::console::{Console, Pipe, say};
use crate::cli::context::{LocalGateway, gateway_id, load_or_report, open_store};
use crate::cli::list::listed::{Listed, open_starts};
use crate::cli::list::stored::{ListError, StoredListing};
use crate::cli::report::{ListedState, Output, Report};
use crate::cli::{Common, Exit, duration, remote};
use crate::config::error::nearest;
use crate::output::Text;
use crate::runtime::{local_zone, now};
use stepgate_core::domain::{ExecutionRecord, ListFilter, Status, Timestamp, UnresolvedStart};

/// The values of `--status`.
const STATUSES: [&str; 6] = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"];

/// List executions in the history, newest first.
///
/// Reads only the local history; sends requests only with --remote.
#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Only executions of this machine: its name in the configuration, or the name or ARN of the state machine.
    #[arg(long, value_name = "MACHINE")]
    machine: Option<String>,
    /// Only executions with this status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or PENDING_REDRIVE; several
    /// separated by commas.
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = clap::builder::ValueParser::new(status))]
    status: Vec<Status>,
    /// Only executions started within this time (2h, 7d) or since a date (2026-11-20, 2026-11-20T14:00:00Z).
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Timestamp>,
    /// Maximum number of executions.
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
    /// List executions from Step Functions (ListExecutions), including those started by others; without inputs
    /// and outputs. Requires the route `list` of the endpoint.
    #[arg(long)]
    remote: bool,
}

fn status(text: &str) -> Result<Status, String> {
    let word = text.trim().to_uppercase().replace('-', "_");
    if STATUSES.contains(&&*word) {
        return Ok(Status::from_wire(&word));
    }
    let meant = nearest(&word, STATUSES).map(|word| format!("; did you mean {word}?")).unwrap_or_default();
    Err(format!("expected one of {}{meant}", STATUSES.join(", ")))
}

/// Parses a duration before now, a local date, or a date and time.
fn since(text: &str) -> Result<Timestamp, String> {
    if let Ok(span) = duration(text) {
        let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        return Ok(Timestamp::from_millis(now().as_millis().saturating_sub(span)));
    }
    let moment = text.parse::<jiff::Timestamp>().or_else(|_| {
        let date: jiff::civil::DateTime = text.parse()?;
        date.to_zoned(local_zone()).map(|zoned| zoned.timestamp())
    });
    let moment = moment.map_err(|_| "expected a duration such as 2h or 7d, or a date such as 2026-11-20")?;
    Ok(Timestamp::from_millis(moment.as_millisecond()))
}

pub(super) async fn run(arguments: ListArguments, common: &Common) -> anyhow::Result<Exit> {
    let local = if arguments.remote { LocalGateway::OnRequest } else { LocalGateway::Skip };
    let Some(context) = load_or_report(common, local).await? else { return Ok(Exit::Usage) };
    let gateway = common.endpoint.as_deref().and_then(|name| gateway_id(&context.settings, name));
    // The configured name stands for the state machine, even if it had another name at the time of the start.
    let machine = arguments.machine.map(|text| {
        let machine = context.settings.machines.iter().find(|machine| &*machine.name == text.as_str());
        machine.map_or(text, |machine| machine.arn.unqualified().as_str().to_owned())
    });
    let listing =
        ListFilter { machine, statuses: arguments.status, since: arguments.since, gateway, limit: arguments.limit };
    if arguments.remote {
        return match remote::list(&listing, &context, common).await {
            Ok(records) => {
                let mut columns = Columns::default();
                let all: Vec<_> = records.into_iter().map(|record| Listed::Execution(Box::new(record))).collect();
                for listed in &all {
                    columns.widen(listed);
                }
                let mut lines = Lines::new(common, columns);
                for listed in &all {
                    if lines.write(listed)? == Pipe::Closed {
                        break;
                    }
                }
                Ok(Exit::Done)
            }
            Err(exit) => Ok(exit),
        };
    }
    let (store, remembered) = match open_store(&context.settings).await {
        Ok(kept) => kept,
        Err(why) => {
            say(&format!("no history to list: {why}"));
            return Ok(Exit::Usage);
        }
    };
    let open = open_starts(&listing, remembered);
    let stored = StoredListing { store, listing, open };
    let listed = async {
        let mut columns = Columns::default();
        if common.output == Output::Text {
            // The first pass finds the widths of the columns.
            stored
                .each(false, |listed| {
                    columns.widen(listed);
                    Ok(Pipe::Open)
                })
                .await?;
        }
        let (mut lines, mut unresolved) = (Lines::new(common, columns), 0);
        let pipe = stored.each(common.output == Output::Json, |listed| {
            unresolved += usize::from(matches!(listed, Listed::Start(_, ListedState::Unresolved)));
            lines.write(listed)
        });
        Ok::<_, ListError>((pipe.await?, unresolved))
    };
    match listed.await {
        Ok((Pipe::Open, unresolved @ 1..)) => {
            say(&format!("{unresolved} unresolved; run `stepgate watch` to resolve them where possible"));
        }
        Ok(_) => {}
        Err(ListError::Store(error)) => {
            say(&error.to_string());
            return Ok(Exit::Unknown);
        }
        Err(ListError::Output(error)) => return Err(error),
    }
    Ok(Exit::Done)
}

/// Prints the lines of a list.
struct Lines {
    console: Console,
    columns: Columns,
}

impl Lines {
    fn new(common: &Common, columns: Columns) -> Self {
        Self { console: Console::plain(common), columns }
    }

    fn write(&mut self, listed: &Listed) -> anyhow::Result<Pipe> {
        let (report, columns) = (&self.console.report, &self.columns);
        let line = match (listed, report.output) {
            (Listed::Execution(record), Output::Text) => columns.line(report, record),
            (Listed::Execution(record), Output::Json) => report.execution(record, None, record.given_up.as_ref()),
            (Listed::Start(start, state), Output::Text) => columns.start(report, start, *state),
            (Listed::Start(start, state), Output::Json) => {
                report.start(&start.order, None, *state, start.reason.as_ref(), start.first_sent)
            }
        };
        self.console.result(line)
    }
}

/// Widths of the columns, in cells.
#[derive(Default)]
struct Columns {
    machine_name: usize,
    name: usize,
}

impl Columns {
    fn widen(&mut self, listed: &Listed) {
        let (machine_name, name) = listed.names();
        self.machine_name = self.machine_name.max(Text::from(machine_name).width());
        self.name = self.name.max(Text::from(name).width());
    }

    /// Joins the parts of a line, with machine and name aligned.
    fn aligned(&self, mut parts: Vec<Text>) -> Text {
        for (part, cells) in parts.iter_mut().skip(1).zip([self.machine_name, self.name]) {
            *part = std::mem::take(part).column(cells);
        }
        Text::joined(parts, "  ")
    }

    /// Formats a start without an execution.
    fn start(&self, report: &Report, start: &UnresolvedStart, state: ListedState) -> Text {
        let parts = report.start_parts(&start.order, state, start.reason.as_ref(), start.first_sent);
        self.aligned(parts)
    }

    /// Formats an execution with its start time, by which the list is sorted.
    fn line(&self, report: &Report, record: &ExecutionRecord) -> Text {
        let mut parts = report.parts(record, record.given_up.as_ref());
        if let Some(moment) = parts.first_mut() {
            *moment = report.local_time(record.started).into();
        }
        self.aligned(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_lists_every_status_that_is_accepted() {
        let command = ListArguments::augment_args(clap::Command::new("list"));
        let argument = command.get_arguments().find(|argument| argument.get_id() == "status").expect("--status");
        let help = argument.get_help().expect("its help").to_string();
        let missing: Vec<&str> = STATUSES.into_iter().filter(|status| !help.contains(status)).collect();
        assert_eq!(missing, Vec::<&str>::new(), "{help}");
    }
}
