//! `stepgate list`: the executions in the history, or those that Step Functions tells of.

use clap::Args;

use crate::app::text::{column, width};
use crate::cli::console::{Console, Reader, say};
use crate::cli::opened::{Gate, open_or_say, open_store, place_of};
use crate::cli::report::{Output, Report, with_payloads};
use crate::cli::{Common, Exit, remote, span};
use crate::config::fault::nearest;
use crate::domain::{Listing, Record, Status, Timestamp};
use crate::runtime::now;

/// The words that `--status` takes.
const STATUSES: [&str; 6] = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"];

/// List executions in the history, newest first.
///
/// Only what is kept on this machine is read, and no request is made, unless it is told to ask (--remote).
#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Only of this machine: its name in the configuration, or the name or ARN of the state machine.
    #[arg(long, value_name = "MACHINE")]
    machine: Option<String>,
    /// Only with this status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED; several with commas.
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = clap::builder::ValueParser::new(status))]
    status: Vec<Status>,
    /// Only those that began so long ago at most (2h, 7d), or since a date (2026-11-20, 2026-11-20T14:00:00Z).
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Timestamp>,
    /// So many at most.
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
    /// Ask Step Functions (ListExecutions) where the endpoint declares the route `list`: executions that others
    /// have started are among them, inputs and outputs are not.
    #[arg(long)]
    remote: bool,
}

fn status(text: &str) -> Result<Status, String> {
    let word = text.trim().to_uppercase().replace('-', "_");
    if STATUSES.contains(&&*word) {
        return Ok(Status::from_wire(&word));
    }
    let meant = nearest(&word, STATUSES).map(|word| format!("; did you mean {word}?")).unwrap_or_default();
    Err(format!("it is one of {}{meant}", STATUSES.join(", ")))
}

/// A moment: so long ago, a date here, or a date and time.
fn since(text: &str) -> Result<Timestamp, String> {
    if let Ok(span) = span(text) {
        let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        return Ok(Timestamp::from_millis(now().as_millis().saturating_sub(span)));
    }
    let here = jiff::tz::TimeZone::system();
    let moment = text.parse::<jiff::Timestamp>().or_else(|_| {
        let date: jiff::civil::DateTime = text.parse()?;
        date.to_zoned(here).map(|zoned| zoned.timestamp())
    });
    let moment = moment.map_err(|_| "a span such as 2h or 7d, or a date such as 2026-11-20, is wanted")?;
    Ok(Timestamp::from_millis(moment.as_millisecond()))
}

/// Lists.
pub(super) async fn run(arguments: ListArguments, common: &Common) -> anyhow::Result<Exit> {
    let gate = if arguments.remote { Gate::Served } else { Gate::Shut };
    let Some(opened) = open_or_say(common, gate).await? else { return Ok(Exit::Usage) };
    let place = common.endpoint.as_deref().and_then(|name| place_of(&opened.settings, name));
    // A profile's name stands for its state machine, whatever it was called when it was started.
    let machine = arguments.machine.map(|text| {
        let profile = opened.settings.machines.iter().find(|machine| &*machine.name == text.as_str());
        profile.map_or(text, |machine| machine.arn.unqualified().as_str().to_owned())
    });
    let listing =
        Listing { machine, statuses: arguments.status, since: arguments.since, place, limit: arguments.limit };
    if arguments.remote {
        return match remote::list(&listing, &opened, common).await {
            Ok(records) => print(records, common).map(|_| Exit::Done),
            Err(exit) => Ok(exit),
        };
    }
    let (store, remembered) = match open_store(&opened.settings) {
        Ok(kept) => kept,
        Err(why) => {
            say(&format!("there is no history to list: {why}"));
            return Ok(Exit::Usage);
        }
    };
    let listed = match store.list(listing).await {
        Ok(listed) => listed,
        Err(error) => {
            say(&error.to_string());
            return Ok(Exit::Unknown);
        }
    };
    let records = listed.into_iter().map(|(record, payloads)| with_payloads(record, payloads)).collect();
    if print(records, common)? == Reader::Gone {
        return Ok(Exit::Done);
    }
    let doubts = remembered.unresolved.len();
    if doubts > 0 {
        say(&format!("{doubts} more may or may not be running; `stepgate watch` finds out"));
    }
    Ok(Exit::Done)
}

fn print(records: Vec<Record>, common: &Common) -> anyhow::Result<Reader> {
    let mut console = Console::plain(common);
    let columns = Columns::of(records.iter());
    for record in records {
        let line = match common.output {
            Output::Text => columns.line(&console.report, &record),
            Output::Json => console.report.execution(&record, None, record.given_up.as_ref()),
        };
        if console.result(&line)? == Reader::Gone {
            return Ok(Reader::Gone);
        }
    }
    Ok(Reader::There)
}

/// How wide the machines and names of a list are.
struct Columns {
    profile: usize,
    name: usize,
}

impl Columns {
    fn of<'a>(records: impl Iterator<Item = &'a Record>) -> Self {
        let wider = |so_far: Self, record: &Record| Self {
            profile: so_far.profile.max(width(&record.profile)),
            name: so_far.name.max(width(record.arn.name())),
        };
        records.fold(Self { profile: 0, name: 0 }, wider)
    }

    /// With the time at which it began, which is what the list is sorted by.
    fn line(&self, report: &Report, record: &Record) -> String {
        let mut parts = report.parts(record, record.given_up.as_ref());
        parts[0] = report.moment(record.started);
        for (part, cells) in parts[1..].iter_mut().zip([self.profile, self.name]) {
            *part = column(part, cells);
        }
        parts.join("  ")
    }
}
