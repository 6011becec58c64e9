//! The nouns of the program: what Step Functions and its gateway speak of. No IO, no clock.

pub mod access;
pub mod arn;
pub mod batch;
pub mod durations;
pub mod endpoint;
pub mod execution;
pub mod failure;
pub mod history;
pub mod machine;
pub mod name;
pub mod payload;
pub mod record;
pub mod route;
pub mod start;
pub mod status;
pub mod timestamp;
pub mod watch;

pub use access::{Auth, Bearer, ClientCertificate, HeaderValue, Proxy, SecretSource};
pub use arn::{ArnError, ExecutionArn, StateMachineArn};
pub use batch::{BatchId, BatchLeft, BatchLine, InputLine, LineOrder, LineStanding};
pub use endpoint::{Endpoint, EndpointName, Place, StartLimits, WatchLimits};
pub use execution::{ExecutionId, Observation, Redrive, Started};
pub use failure::{Failure, FailureKind, Retry, Unreachable};
pub use history::{HistoryEvent, HistoryQuery, ListQuery, Listed, MAX_HISTORY_EVENTS, Paged};
pub use machine::{Machine, MachineType, Preset};
pub use name::{ExecutionName, NameError};
pub use payload::{InputError, MAX_INPUT_BYTES, Payload};
pub use record::{Cursor, EarlierInput, KeptPayloads, Listing, Page, Record, Remembered, Totals};
pub use route::{OptionalRoutes, Route};
pub use start::{Doubt, NameOrigin, RecordId, Settled, StartId, StartOrder};
pub use status::{Outcome, Status};
pub use timestamp::Timestamp;
pub use watch::{GRACE, StatusAnswer, Verdict, Watched};
