//! `stepgate list`: lists executions from the store, or from Step Functions.

mod listed;
mod remote;
mod stored;

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use crate::cli::commands::list::listed::{Listed, open_starts};
use crate::cli::commands::list::stored::{ListError, StoredListing};
use crate::cli::complete::candidates::{self, STATUSES};
use crate::cli::context::{LocalGateway, gateway_id, load_or_report, open_store};
use crate::cli::report::console::{Pipe, say};
use crate::cli::report::execution::{COLUMNS, ListedState, Output, Report, with_endpoint};
use crate::cli::report::table::{Table, TableArguments, TimeArguments};
use crate::cli::target::machine_lookup;
use crate::cli::{Common, Exit, count, duration};
use crate::config::error::nearest;
use crate::output::Text;
use crate::runtime::{local_zone, now};
use stepgate_core::domain::{EndpointName, GatewayId, ListFilter, Status, Timestamp};

/// List stored executions, newest first.
///
/// Reads only the local store; sends requests only with --remote.
#[derive(Debug, Args)]
pub(in crate::cli) struct ListArguments {
    /// Only executions of this machine: its name in the configuration, or the name or ARN of the state machine.
    #[arg(long, value_name = "MACHINE", add = ArgValueCompleter::new(candidates::machines))]
    machine: Option<String>,
    /// Only executions with this status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or PENDING_REDRIVE; several
    /// separated by commas.
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = clap::builder::ValueParser::new(status),
        add = ArgValueCompleter::new(candidates::statuses))]
    status: Vec<Status>,
    /// Only executions started within this time (2h, 7d) or since a date (2026-11-20, 2026-11-20T14:00:00Z).
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Timestamp>,
    /// Maximum number of executions.
    #[arg(long, value_name = "COUNT", default_value_t = 100, value_parser = count)]
    limit: usize,
    /// List executions from Step Functions (ListExecutions), including those started by others; without inputs
    /// and outputs. Requires the route `list` of the endpoint.
    #[arg(long)]
    remote: bool,
    #[command(flatten)]
    table: TableArguments,
    #[command(flatten)]
    time: TimeArguments,
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

pub(in crate::cli) async fn run(arguments: ListArguments, common: &Common) -> anyhow::Result<Exit> {
    let local = if arguments.remote { LocalGateway::OnRequest } else { LocalGateway::Skip };
    let Some(context) = load_or_report(common, local).await? else { return Ok(Exit::Usage) };
    let gateway = common.endpoint.as_deref().and_then(|name| gateway_id(&context.settings, name));
    // The configured name stands for the state machine, even if it had another name at the time of the start.
    let machines = arguments.machine.map(|text| {
        let named = machine_lookup::named(&text, &context.settings);
        let arns: Vec<_> = named.iter().map(|machine| machine.arn.unqualified().as_str().to_owned()).collect();
        if arns.is_empty() { vec![text] } else { arns }
    });
    let listing = ListFilter {
        machines: machines.unwrap_or_default(),
        statuses: arguments.status,
        since: arguments.since,
        gateway,
        limit: arguments.limit,
    };
    let table = Table::new(&COLUMNS, arguments.table, common).with_time(arguments.time);
    let endpoints = context.settings.endpoints.iter();
    let endpoints = endpoints.map(|endpoint| (endpoint.gateway(), endpoint.name.clone())).collect();
    let mut lines = Lines { table, endpoints };
    if arguments.remote {
        let records = match remote::list(&listing, &context, common).await {
            Ok(records) => records,
            Err(exit) => return Ok(exit),
        };
        let all: Vec<_> = records.into_iter().map(|record| Listed::Execution(Box::new(record))).collect();
        for listed in &all {
            lines.widen(listed);
        }
        for listed in &all {
            if lines.write(listed)? == Pipe::Closed {
                break;
            }
        }
        lines.report_empty();
        return Ok(Exit::Done);
    }
    let (store, remembered) = match open_store(&context.settings).await {
        Ok(kept) => kept,
        Err(why) => {
            say(&format!("the store cannot be used: {why}"));
            return Ok(Exit::Usage);
        }
    };
    let open = open_starts(&listing, remembered);
    let stored = StoredListing { store, listing, open };
    let listed = async {
        if common.output == Output::Text {
            // The first pass finds the widths of the columns.
            stored
                .each(false, |listed| {
                    lines.widen(listed);
                    Ok(Pipe::Open)
                })
                .await?;
        }
        let mut unresolved = 0;
        let pipe = stored.each(common.output == Output::Json, |listed| {
            unresolved += usize::from(matches!(listed, Listed::Start(_, ListedState::Unresolved)));
            lines.write(listed)
        });
        Ok::<_, ListError>((pipe.await?, unresolved))
    }
    .await;
    match listed {
        Ok((Pipe::Open, unresolved @ 1..)) => {
            say(&format!("{unresolved} unresolved; run `stepgate watch` to resolve them where possible"));
        }
        Ok((Pipe::Open, 0)) => lines.report_empty(),
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
    table: Table,
    endpoints: Vec<(GatewayId, EndpointName)>,
}

impl Lines {
    fn widen(&mut self, listed: &Listed) {
        let row = self.row(listed);
        self.table.widen(&row);
    }

    fn write(&mut self, listed: &Listed) -> anyhow::Result<Pipe> {
        let report = &self.table.console.report;
        let object = match (listed, report.output) {
            (_, Output::Text) => {
                let row = self.row(listed);
                return self.table.print(row);
            }
            (Listed::Execution(record), Output::Json) => report.execution(record, None, record.given_up.as_ref()),
            (Listed::Start(start, state), Output::Json) => {
                report.start(&start.order, None, *state, start.reason.as_ref(), start.first_sent)
            }
        };
        self.table.console.result(object)
    }

    /// Returns the cells of an entry.
    fn row(&self, listed: &Listed) -> Vec<Text> {
        let report: &Report = &self.table.console.report;
        let (row, gateway, endpoint) = match listed {
            Listed::Execution(record) => {
                (report.row(record, record.given_up.as_ref()), &record.gateway, &record.endpoint)
            }
            Listed::Start(start, state) => {
                let row = report.start_row(&start.order, *state, start.reason.as_ref(), start.first_sent);
                (row, &start.order.gateway, &start.order.endpoint)
            }
        };
        // The endpoint may have been renamed since.
        let mut names = self.endpoints.iter().filter(|(at, _)| at == gateway).map(|(_, name)| name);
        let name = names.clone().find(|name| *name == endpoint).or_else(|| names.next());
        with_endpoint(row, name.unwrap_or(endpoint))
    }

    /// Explains why there is no output.
    fn report_empty(&self) {
        if self.table.is_empty() && self.table.console.report.output == Output::Text {
            say("no executions found");
        }
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
