//! Applies the `answer` filter of a route to its responses, and names the filter if its result cannot be read.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use crate::domain::{Failure, FailureKind, Route};
use crate::gateway::client::Client;
use crate::gateway::filters::FilterKey;
use crate::gateway::members::{Members, excerpt};
use crate::gateway::redact::Redactor;
use crate::gateway::response::{self, Head};
use crate::gateway::route_request::RouteRequest;
use crate::jq::worker::Reply;

impl Client {
    /// Returns the result of the route's `answer` filter; `None` if it has none, for errors, and for a page that is not the
    /// gateway's (`is_page`): no filter may take it for an output.
    pub(super) async fn answered(
        &self,
        request: &RouteRequest,
        head: &Head,
        body: &[u8],
        (redactor, is_page): (&Redactor, impl FnOnce() -> bool),
    ) -> Result<Option<Vec<u8>>, Failure> {
        let Some(filter) = request.answer.filter(|_| response::is_success(head, body)) else { return Ok(None) };
        let is_json = std::str::from_utf8(body).is_ok() && serde_json::from_slice::<IgnoredAny>(body).is_ok();
        if !is_json && is_page() {
            return Ok(None);
        }
        let text = || serde_json::json!(String::from_utf8_lossy(body)).to_string().into_bytes();
        let json = if is_json { Cow::Borrowed(body) } else { text().into() };
        let why = match self.filters.apply(filter, &json).await {
            // A filter can move a text out of an input or output, which are not redacted.
            Ok(Reply::Json(result)) => return Ok(Some(redactor.body(result))),
            Ok(Reply::Text(result)) => {
                let result = serde_json::json!(String::from_utf8_lossy(&result)).to_string();
                return Ok(Some(redactor.body(result.into_bytes())));
            }
            Err(error) => error.message,
            Ok(Reply::Failed(message) | Reply::Stopped(message)) => message,
        };
        Err(self.unreadable(filter, &why, body, redactor))
    }

    /// Explains a failure to read the result of an `answer` filter. Returns other failures unchanged.
    pub(super) fn of_result(
        &self,
        filter: FilterKey,
        failure: Failure,
        (result, body): (&[u8], &[u8]),
        redactor: &Redactor,
    ) -> Failure {
        if !matches!(failure.kind, FailureKind::Undecodable | FailureKind::Unreadable) {
            return failure;
        }
        let what = lacking(filter.route, result).unwrap_or(failure.message);
        let why = match Members::parse(result) {
            // The message quotes the result.
            None => what,
            Some(_) => format!("{what} in its result {}", clean_excerpt(result, redactor)),
        };
        self.unreadable(filter, &why, body, redactor)
    }

    /// Describes the response to a start, or its filter's result, that has no readable `executionArn`.
    pub(in crate::gateway) fn lacks_arn(&self, request: &RouteRequest, result: &[u8], body: &[u8]) -> String {
        let redactor = self.redactor.of_request(request.action(), []);
        let result_excerpt = clean_excerpt(result, &redactor);
        let Some(filter) = request.answer else { return result_excerpt };
        let what = lacking(filter.route, result).unwrap_or_else(|| "`executionArn` is not an ARN".to_owned());
        self.unreadable(filter, &format!("{what} in its result {result_excerpt}"), body, &redactor).message
    }

    fn unreadable(&self, filter: FilterKey, why: &str, body: &[u8], redactor: &Redactor) -> Failure {
        let received = match body {
            [] => "an empty body".to_owned(),
            body => clean_excerpt(body, redactor),
        };
        self.filters.error(filter, format!("{why}; received {received}")).unreadable()
    }
}

/// Returns what a route's response needs and this result lacks.
fn lacking(route: Route, result: &[u8]) -> Option<String> {
    let member = match route {
        Route::Start | Route::Sync => "executionArn",
        Route::Status => "status",
        _ => return None,
    };
    Members::parse(result)?.lacking(member)
}

/// Returns the beginning of a body, redacted as text: in a body, inputs and outputs are not redacted, and a filter may have
/// moved one.
fn clean_excerpt(body: &[u8], redactor: &Redactor) -> String {
    excerpt(redactor.text(&String::from_utf8_lossy(body)).as_bytes())
}
