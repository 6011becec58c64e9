//! Formats executions and starts: as a line of text, or as a JSON object with the member names of `DescribeExecution`
//! and `StartExecution`. Pure: the console prints the result.

use clap::ValueEnum;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::cli::report::color::Colorizer;
use crate::cli::report::columns::{Column, GAP, cell};
use crate::format::clock;
use crate::output::Text;
use stepgate_core::domain::{
    EndpointName, ExecutionRecord, Failure, Observation, OtherMembers, StartOrder, Status, StoredPayloads, Timestamp,
    elapsed,
};

/// Output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli) enum Output {
    /// Lines of text.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// The columns of executions and starts, in the order of every table and status line. Status lines have no ENDPOINT.
pub(in crate::cli) const COLUMNS: [Column; 7] = [
    Column::short("STATUS"),
    Column::name("NAME"),
    Column::name("MACHINE"),
    Column::name("ENDPOINT").if_different(),
    Column::short("STARTED"),
    Column::short("DURATION"),
    Column::name("ERROR"),
];
/// Width of the status in lines that are not part of a table: that of SUCCEEDED.
const STATUS_CELLS: usize = 9;

/// The state of a start without an execution: the JSON member `start`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum ListedState {
    Refused,
    Unresolved,
    NeverStarted,
}

impl ListedState {
    /// Returns the word in JSON, which scripts use.
    fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unresolved => "unresolved",
            Self::NeverStarted => "never-started",
        }
    }

    /// Returns the word for people, as in the terminal UI.
    fn text(self) -> &'static str {
        match self {
            Self::Refused => "REFUSED",
            Self::Unresolved => "UNRESOLVED",
            Self::NeverStarted => "NOT STARTED",
        }
    }
}

/// Formats results.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Report {
    pub(in crate::cli) output: Output,
    pub(in crate::cli) colorizer: Colorizer,
    pub(in crate::cli) zone: TimeZone,
    /// The current time, if times are shown relative to it.
    pub(in crate::cli) relative_to: Option<Timestamp>,
}

impl Report {
    /// Formats an execution, with its line in the file of `--each`; `lost` says why its outcome is unknown.
    pub(in crate::cli) fn execution(
        &self,
        record: &ExecutionRecord,
        line: Option<usize>,
        lost: Option<&Failure>,
    ) -> Text {
        match self.output {
            Output::Text => self.execution_text(record, lost),
            Output::Json => {
                let mut members = numbered(line);
                describe(&mut members, record);
                members
                    .extend(record.warning.as_ref().map(|warning| ("warning".to_owned(), warning.to_string().into())));
                add_failure(&mut members, lost);
                let others = record.seen.as_ref().map(|seen| &seen.others);
                object(members, &others.map_or(record.start_members.clone(), |others| others.or(&record.start_members)))
                    .into()
            }
        }
    }

    /// Formats a start without a known execution.
    pub(in crate::cli) fn start(
        &self,
        order: &StartOrder,
        line: Option<usize>,
        state: ListedState,
        reason: Option<&Failure>,
        now: Timestamp,
    ) -> Text {
        match self.output {
            Output::Text => status_line(self.start_row(order, state, reason, now)),
            Output::Json => {
                let mut members = numbered(line);
                members.insert("stateMachineArn".into(), order.machine.as_str().into());
                members.insert("name".into(), order.name.as_str().into());
                members.insert("input".into(), order.input.as_str().into());
                members.insert("start".into(), state.word().into());
                add_failure(&mut members, reason);
                Value::Object(members).to_string().into()
            }
        }
    }

    /// Returns the cells of a start without an execution.
    pub(in crate::cli) fn start_row(
        &self,
        order: &StartOrder,
        state: ListedState,
        reason: Option<&Failure>,
        at: Timestamp,
    ) -> Vec<Text> {
        vec![
            self.colorizer.error(state.text()),
            cell(order.name.as_str()),
            cell(&order.machine_name),
            self.time(at),
            cell(""),
            reason.map(|failure| failure.to_string().into()).unwrap_or_default(),
        ]
    }

    /// Returns the cells of an execution.
    pub(in crate::cli) fn row(&self, record: &ExecutionRecord, lost: Option<&Failure>) -> Vec<Text> {
        let seen = record.seen.as_ref();
        let status = match (seen, lost) {
            (_, Some(_)) => self.colorizer.error("UNKNOWN"),
            (Some(seen), None) => self.colorizer.status(&seen.status),
            (None, None) if record.arn.is_describable() => self.colorizer.status(&Status::Running),
            (None, None) => "STARTED".into(),
        };
        let stop = seen.and_then(|seen| seen.stop_date);
        let error = seen.and_then(|seen| seen.error.as_deref()).map(Text::from);
        let lost = lost.map(|failure| failure.to_string().into());
        let warning = record.warning.as_ref().map(|warning| self.colorizer.error(warning.short()));
        vec![
            status,
            cell(record.arn.name()),
            cell(&record.machine_name),
            self.time(record.started),
            cell(&stop.map(|stop| elapsed::finished(stop.since(record.started))).unwrap_or_default()),
            Text::joined([error, lost, warning].into_iter().flatten(), "; "),
        ]
    }

    /// Formats a time as the command line asks for it.
    pub(in crate::cli) fn time(&self, at: Timestamp) -> Text {
        match self.relative_to {
            Some(now) => clock::relative(at, now),
            None => self.local_time(at),
        }
        .into()
    }

    /// Formats a local date and time.
    pub(in crate::cli) fn local_time(&self, at: Timestamp) -> String {
        at.to_jiff().to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Formats a status line. The ARN of a new execution takes the place of an error.
    fn execution_text(&self, record: &ExecutionRecord, lost: Option<&Failure>) -> Text {
        let mut row = self.row(record, lost);
        if let (None, None, Some(last)) = (&record.seen, lost, row.last_mut()) {
            *last = record.arn.as_str().into();
        }
        status_line(row)
    }
}

/// Returns the cells of a table with the endpoint.
pub(in crate::cli) fn with_endpoint(mut row: Vec<Text>, endpoint: &EndpointName) -> Vec<Text> {
    let place = COLUMNS.iter().position(|column| column.title == "ENDPOINT").unwrap_or(0);
    row.insert(place.min(row.len()), cell(endpoint.as_str()));
    row
}

/// Joins the cells of a status line, which has no table to be aligned with.
fn status_line(mut row: Vec<Text>) -> Text {
    if let Some(status) = row.first_mut()
        && status.width() < STATUS_CELLS
    {
        *status = std::mem::take(status).column(STATUS_CELLS);
    }
    if row.last().is_some_and(|last| last.width() == 0) {
        row.pop();
    }
    Text::joined(row, GAP)
}

/// Returns the record with its stored payloads.
pub(in crate::cli) fn with_payloads(record: ExecutionRecord, payloads: StoredPayloads) -> ExecutionRecord {
    let seen = record.seen.unwrap_or_else(|| Observation::new(Status::Running, record.started));
    let StoredPayloads { input, output, cause, others, .. } = payloads;
    let seen = Observation { input, output, cause, others: seen.others.or(&others), ..seen };
    ExecutionRecord { seen: Some(seen), ..record }
}

fn numbered(line: Option<usize>) -> Map<String, Value> {
    line.map(|line| ("line".to_owned(), line.into())).into_iter().collect()
}

/// Adds the members of a failure.
fn add_failure(members: &mut Map<String, Value>, failure: Option<&Failure>) {
    let Some(failure) = failure else { return };
    members.insert("message".into(), failure.to_string().into());
    members.extend(failure.http_status.map(|status| ("httpStatus".to_owned(), status.into())));
    members.extend(failure.request_id.as_deref().map(|id| ("requestId".to_owned(), id.into())));
}

/// Formats an object with these members, followed by the other members exactly as received.
fn object(members: Map<String, Value>, others: &OtherMembers) -> String {
    // Parsing would change numbers, so the received text is appended.
    let names = members.keys().cloned().collect::<Vec<_>>();
    let mut line = Value::Object(members).to_string();
    for (name, value) in others.iter().filter(|(name, _)| !names.iter().any(|known| known == name)) {
        line.truncate(line.len() - 1);
        let comma = if line.len() > 1 { "," } else { "" };
        line.extend([comma, &Value::from(name).to_string(), ":", value, "}"]);
    }
    line
}

/// Returns the state machine's ARN as received, or else derived from the execution's ARN.
pub(in crate::cli) fn machine(record: &ExecutionRecord) -> String {
    let received = record.seen.as_ref().and_then(|seen| seen.subject.machine_arn.clone());
    received.unwrap_or_else(|| record.arn.machine().to_string())
}

fn describe(members: &mut Map<String, Value>, record: &ExecutionRecord) {
    let mut insert = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    let text = |text: &str| Value::String(text.to_owned());
    let date = |date: Timestamp| Value::String(date.to_string());
    insert("executionArn", Some(text(record.arn.as_str())));
    insert("stateMachineArn", Some(text(&machine(record))));
    insert("name", Some(text(record.arn.name())));
    let seen = record.seen.as_ref();
    insert("status", seen.map(|seen| text(seen.status.as_str())));
    insert("startDate", Some(date(record.started)));
    insert("stopDate", seen.and_then(|seen| seen.stop_date).map(date));
    insert("input", seen.and_then(|seen| seen.input.as_ref()).map(|input| text(input.as_str())));
    insert("output", seen.and_then(|seen| seen.output.as_ref()).map(|output| text(output.as_str())));
    insert("error", seen.and_then(|seen| seen.error.as_deref()).map(text));
    insert("cause", seen.and_then(|seen| seen.cause.as_deref()).map(text));
    insert("redriveCount", seen.and_then(|seen| seen.redrive.count).map(Value::from));
    insert("redriveDate", seen.and_then(|seen| seen.redrive.date).map(date));
    insert("redriveStatus", seen.and_then(|seen| seen.redrive.status.as_deref()).map(text));
    insert("redriveStatusReason", seen.and_then(|seen| seen.redrive.status_reason.as_deref()).map(text));
}
