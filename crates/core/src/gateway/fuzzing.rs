//! Reads responses without a request, for fuzz targets: through the same functions as the client.

use crate::domain::{
    Failure, HistoryEvent, ListedExecution, LogEvent, Observation, Paged, Payload, StartResponse, StateMachineArn,
    Timestamp,
};
use crate::gateway::response::{Head, classify};
use crate::gateway::{definition, history, list, logs, redrive, start, status, stop};

/// The parts of a response's head that decide what its body means.
#[derive(Debug, Clone, Default)]
pub struct ResponseHead {
    /// The HTTP status.
    pub status: u16,
    /// The header `x-amzn-errortype`.
    pub error_type: Option<String>,
    /// The header `location`.
    pub location: Option<String>,
}

impl ResponseHead {
    /// Reads `StartExecution`.
    pub fn start(&self, body: &[u8]) -> Result<StartResponse, Failure> {
        self.read(body, start::read)
    }

    /// Reads `DescribeExecution`.
    pub fn status(&self, body: &[u8]) -> Result<Observation, Failure> {
        self.read(body, status::read)
    }

    /// Reads a page of `ListExecutions`.
    pub fn list(&self, body: &[u8]) -> Result<Paged<ListedExecution>, Failure> {
        self.read(body, list::read)
    }

    /// Reads a page of `GetExecutionHistory`.
    pub fn history(&self, body: &[u8]) -> Result<Paged<HistoryEvent>, Failure> {
        self.read(body, history::read)
    }

    /// Reads a page of `FilterLogEvents`, for the events of a machine.
    pub fn logs(&self, machine: &StateMachineArn, body: &[u8]) -> Result<Paged<LogEvent>, Failure> {
        self.read(body, |body| logs::read(body, machine, None))
    }

    /// Reads `DescribeStateMachineForExecution`.
    pub fn definition(&self, body: &[u8]) -> Result<Payload, Failure> {
        self.read(body, definition::read)
    }

    /// Reads `StopExecution`.
    pub fn stop(&self, body: &[u8]) -> Result<Option<Timestamp>, Failure> {
        self.read(body, stop::read)
    }

    /// Reads `RedriveExecution`.
    pub fn redrive(&self, body: &[u8]) -> Result<Option<Timestamp>, Failure> {
        self.read(body, redrive::read)
    }

    fn read<T>(&self, body: &[u8], read: impl Fn(&[u8]) -> Result<T, Failure>) -> Result<T, Failure> {
        let head = Head {
            status: self.status,
            error_type: self.error_type.clone(),
            location: self.location.clone(),
            ..Head::default()
        };
        classify(&head, body).and_then(|()| read(body)).map_err(|failure| head.annotate(failure))
    }
}
