//! What commands print: one line for people, or one JSON object with the member names of the
//! `DescribeExecution` and `StartExecution` actions. Results go to standard output, all else to standard
//! error.

use std::io::{self, Write as _};

use clap::ValueEnum;
use serde_json::{Map, Value};

use crate::app::text::visible;
use crate::domain::{Record, Timestamp};

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Output {
    /// Writes what is known of an execution. An error when nobody reads it any more.
    pub(super) fn execution(self, record: &Record) -> io::Result<()> {
        let line = match self {
            Self::Text => text(record),
            Self::Json => Value::Object(members(record)).to_string(),
        };
        let mut out = io::stdout().lock();
        writeln!(out, "{line}")?;
        out.flush()
    }
}

fn text(record: &Record) -> String {
    let mut parts = vec![visible(record.arn.as_str()).into_owned()];
    if let Some(seen) = &record.seen {
        parts.push(visible(seen.status.word()).into_owned());
        if let Some(stop) = seen.stop_date {
            parts.push(format!("{:.3} s", stop.since(record.started).as_secs_f64()));
        }
        parts.extend(seen.error.as_deref().map(|error| visible(error).into_owned()));
    }
    parts.join(" ")
}

fn members(record: &Record) -> Map<String, Value> {
    let mut members = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    let text = |text: &str| Value::String(text.to_owned());
    let date = |date: Timestamp| Value::String(date.to_string());
    put("executionArn", Some(text(record.arn.as_str())));
    put("stateMachineArn", Some(text(record.machine.as_str())));
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
    members
}
