//! Members that several responses have.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::engine::End;
use crate::timestamp::Timestamp;

/// Returns `inputDetails` or `outputDetails`.
pub(super) fn data_details() -> Value {
    json!({ "__type": "com.amazonaws.swf.base.model#CloudWatchEventsExecutionDataDetails", "included": true })
}

/// Adds cause and error, if any.
pub(super) fn add_failure(body: &mut Value, end: &End) {
    if let End::Failed(error, cause) | End::Aborted(error, cause) = end {
        for (member, text) in [("cause", cause), ("error", error)] {
            if let Some(text) = text {
                body[member] = json!(text);
            }
        }
    }
}

/// Returns the status of an execution that has ended like this.
pub(super) fn final_status(end: &End) -> &'static str {
    match end {
        End::Succeeded(_) => "SUCCEEDED",
        End::Failed(..) => "FAILED",
        End::TimedOut => "TIMED_OUT",
        End::Aborted(..) => "ABORTED",
    }
}

/// Formats a date like the service: epoch seconds in Java's notation, `1.701837432549E9`.
pub(super) fn date(moment: Timestamp) -> Box<RawValue> {
    let digits = moment.as_millis().to_string();
    let exponent = digits.len().saturating_sub(4);
    let (first, rest) = digits.split_at(1);
    let rest = match rest.trim_end_matches('0') {
        "" => "0",
        rest => rest,
    };
    RawValue::from_string(format!("{first}.{rest}E{exponent}")).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_in_java_notation() {
        for (millis, text) in [
            (1_701_837_432_549, "1.701837432549E9"),
            (1_721_709_848_530, "1.72170984853E9"),
            (2_000_000_000_000, "2.0E9"),
        ] {
            assert_eq!(date(Timestamp::from_millis(millis)).get(), text);
        }
    }
}
