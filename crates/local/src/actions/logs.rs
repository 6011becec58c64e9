//! `FilterLogEvents` on the log group of the EXPRESS machines.

use serde::Deserialize;

use crate::actions::checks::read;
use crate::express::{FilterPattern, LogQuery, Position};
use crate::gateway::Gateway;
use crate::responses::{self, ServiceError};
use crate::timestamp::Timestamp;

/// The service's limit and default.
const MAX_EVENTS: usize = 10_000;

/// There is only one log group, so members that choose another one are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FilterLogEventsInput {
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    limit: Option<usize>,
    next_token: Option<String>,
}

/// `FilterLogEvents`.
pub(super) fn filter_log_events(gateway: &Gateway, body: &[u8], now: Timestamp) -> Result<String, ServiceError> {
    let wire: FilterLogEventsInput = read(body)?;
    let limit = wire.limit.unwrap_or(MAX_EVENTS);
    if !(1..=MAX_EVENTS).contains(&limit) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value \
             between 1 and {MAX_EVENTS}"
        )));
    }
    let after = wire.next_token.map(|token| {
        let position: Option<Position> = Position::parse(&token);
        position.ok_or_else(|| invalid("The specified nextToken is invalid.".to_owned()))
    });
    let query = LogQuery {
        from: wire.start_time.map_or(Timestamp::default(), Timestamp::from_millis),
        until: wire.end_time.map_or(now, |end| now.min(Timestamp::from_millis(end))),
        pattern: FilterPattern::parse(&wire.filter_pattern.unwrap_or_default()).map_err(invalid)?,
        limit,
        after: after.transpose()?,
    };
    Ok(responses::log_page(&gateway.express().log(&query)))
}

/// CloudWatch Logs, unlike Step Functions, names its errors without a namespace.
fn invalid(message: String) -> ServiceError {
    ServiceError::new("InvalidParameterException", message)
}
