//! What commands print of executions and starts: a line for people, or a JSON object with the member names
//! of `DescribeExecution` and `StartExecution`. Pure: the console writes it.

use clap::ValueEnum;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::cli::color::Paint;
use crate::format::clock;
use crate::output::Text;
use stepgate_core::domain::{
    ExecutionRecord, Failure, Observation, OtherMembers, StartOrder, Status, StoredPayloads, Timestamp,
};

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Why there is no execution, or why nobody can tell, as `start` in a JSON object says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListedState {
    Refused,
    Unresolved,
    NeverStarted,
}

impl ListedState {
    fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unresolved => "unresolved",
            Self::NeverStarted => "never-started",
        }
    }
}

/// Makes the lines.
#[derive(Debug, Clone)]
pub(super) struct Report {
    pub(super) output: Output,
    pub(super) paint: Paint,
    pub(super) zone: TimeZone,
}

impl Report {
    /// What is known of an execution, with the line of the file that it came from; `lost` says why nobody
    /// can tell more.
    pub(super) fn execution(&self, record: &ExecutionRecord, line: Option<usize>, lost: Option<&Failure>) -> Text {
        match self.output {
            Output::Text => self.execution_text(record, lost),
            Output::Json => {
                let mut members = numbered(line);
                describe(&mut members, record);
                members
                    .extend(record.warning.as_ref().map(|warning| ("warning".to_owned(), warning.to_string().into())));
                explain(&mut members, lost);
                let others = record.seen.as_ref().map(|seen| &seen.others);
                whole(members, &others.map_or(record.start_members.clone(), |others| others.or(&record.start_members)))
                    .into()
            }
        }
    }

    /// A start of which there is no execution, or nobody knows of one.
    pub(super) fn start(
        &self,
        order: &StartOrder,
        line: Option<usize>,
        standing: ListedState,
        reason: Option<&Failure>,
        now: Timestamp,
    ) -> Text {
        match self.output {
            Output::Text => Text::joined(self.start_parts(order, standing, reason, now), "  "),
            Output::Json => {
                let mut members = numbered(line);
                members.insert("stateMachineArn".into(), order.machine.as_str().into());
                members.insert("name".into(), order.name.as_str().into());
                members.insert("input".into(), order.input.as_str().into());
                members.insert("start".into(), standing.word().into());
                explain(&mut members, reason);
                Value::Object(members).to_string().into()
            }
        }
    }

    /// The parts of a line about a start: time, machine, name, word, reason.
    pub(super) fn start_parts(
        &self,
        order: &StartOrder,
        standing: ListedState,
        reason: Option<&Failure>,
        moment: Timestamp,
    ) -> Vec<Text> {
        let word = standing.word().to_uppercase();
        let mut parts = vec![
            self.moment(moment).into(),
            order.machine_name.to_string().into(),
            order.name.to_string().into(),
            self.paint.bad(&word),
        ];
        parts.extend(reason.map(|failure| failure.to_string().into()));
        parts
    }

    /// The date and time here.
    pub(super) fn moment(&self, moment: Timestamp) -> String {
        moment.to_jiff().to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    fn execution_text(&self, record: &ExecutionRecord, lost: Option<&Failure>) -> Text {
        Text::joined(self.parts(record, lost), "  ")
    }

    /// The parts of a line: time, machine, name, status, and then the ARN at the beginning, the duration at
    /// the end.
    pub(super) fn parts(&self, record: &ExecutionRecord, lost: Option<&Failure>) -> Vec<Text> {
        let seen = record.seen.as_ref();
        let stop = seen.and_then(|seen| seen.stop_date);
        let mut parts = vec![
            self.moment(stop.unwrap_or(record.started)).into(),
            record.machine_name.to_string().into(),
            record.arn.name().into(),
        ];
        parts.push(match (seen, lost) {
            (_, Some(_)) => self.paint.bad("UNKNOWN"),
            (Some(seen), None) => self.paint.status(&seen.status),
            (None, None) if record.arn.is_describable() => self.paint.status(&Status::Running),
            (None, None) => "STARTED".into(),
        });
        match (seen, stop) {
            (None, _) => parts.push(record.arn.as_str().into()),
            (Some(_), Some(stop)) => parts.push(clock::finished(stop.since(record.started)).into()),
            (Some(_), None) => {}
        }
        parts.extend(seen.and_then(|seen| seen.error.as_deref()).map(Text::from));
        parts.extend(lost.map(|failure| failure.to_string().into()));
        parts.extend(record.warning.as_ref().map(|warning| self.paint.bad(warning.short())));
        parts
    }
}

/// The record as it is with what is kept of its payloads.
pub(super) fn with_payloads(record: ExecutionRecord, kept: StoredPayloads) -> ExecutionRecord {
    let seen = record.seen.unwrap_or_else(|| Observation::new(Status::Running, record.started));
    let StoredPayloads { input, output, cause, others, .. } = kept;
    let seen = Observation { input, output, cause, others: seen.others.or(&others), ..seen };
    ExecutionRecord { seen: Some(seen), ..record }
}

fn numbered(line: Option<usize>) -> Map<String, Value> {
    line.map(|line| ("line".to_owned(), line.into())).into_iter().collect()
}

/// Why there is nothing better to tell.
fn explain(members: &mut Map<String, Value>, failure: Option<&Failure>) {
    let Some(failure) = failure else { return };
    members.insert("message".into(), failure.to_string().into());
    members.extend(failure.http_status.map(|status| ("httpStatus".to_owned(), status.into())));
    members.extend(failure.request_id.as_deref().map(|id| ("requestId".to_owned(), id.into())));
}

/// One line with these members, and those that are printed as they were received.
fn whole(members: Map<String, Value>, others: &OtherMembers) -> String {
    // Numbers would change as values, so their texts are put where the object ends.
    let ours = members.keys().cloned().collect::<Vec<_>>();
    let mut line = Value::Object(members).to_string();
    for (name, value) in others.iter().filter(|(name, _)| !ours.iter().any(|known| known == name)) {
        line.truncate(line.len() - 1);
        let comma = if line.len() > 1 { "," } else { "" };
        line.extend([comma, &Value::from(name).to_string(), ":", value, "}"]);
    }
    line
}

/// The state machine as a response names it: without the version or alias that was asked for.
pub(super) fn machine(record: &ExecutionRecord) -> String {
    let received = record.seen.as_ref().and_then(|seen| seen.subject.machine_arn.clone());
    received.unwrap_or_else(|| record.arn.machine().to_string())
}

fn describe(members: &mut Map<String, Value>, record: &ExecutionRecord) {
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    let text = |text: &str| Value::String(text.to_owned());
    let date = |date: Timestamp| Value::String(date.to_string());
    put("executionArn", Some(text(record.arn.as_str())));
    put("stateMachineArn", Some(text(&machine(record))));
    put("name", Some(text(record.arn.name())));
    let seen = record.seen.as_ref();
    put("status", seen.map(|seen| text(seen.status.word())));
    put("startDate", Some(date(record.started)));
    put("stopDate", seen.and_then(|seen| seen.stop_date).map(date));
    put("input", seen.and_then(|seen| seen.input.as_ref()).map(|input| text(input.as_str())));
    put("output", seen.and_then(|seen| seen.output.as_ref()).map(|output| text(output.as_str())));
    put("error", seen.and_then(|seen| seen.error.as_deref()).map(text));
    put("cause", seen.and_then(|seen| seen.cause.as_deref()).map(text));
    put("redriveCount", seen.and_then(|seen| seen.redrive.count).map(Value::from));
    put("redriveDate", seen.and_then(|seen| seen.redrive.date).map(date));
    put("redriveStatus", seen.and_then(|seen| seen.redrive.status.as_deref()).map(text));
    put("redriveStatusReason", seen.and_then(|seen| seen.redrive.status_reason.as_deref()).map(text));
}
