//! Applies the `answer` filter of a route to its responses.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use crate::domain::Failure;
use crate::gateway::client::Client;
use crate::gateway::redact::Redactor;
use crate::gateway::response::{self, Head};
use crate::gateway::route_request::RouteRequest;
use crate::gateway::undecodable::undecodable;
use crate::jq::worker::Reply;

impl Client {
    /// Returns the result of the route's `answer` filter; `None` if it has none, and for errors.
    pub(super) async fn answered(
        &self,
        request: &RouteRequest,
        head: &Head,
        body: &[u8],
        redactor: &Redactor,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let Some(filter) = request.answer.filter(|_| response::is_success(head, body)) else { return Ok(None) };
        let is_json = std::str::from_utf8(body).is_ok() && serde_json::from_slice::<IgnoredAny>(body).is_ok();
        let text = || serde_json::json!(String::from_utf8_lossy(body)).to_string().into_bytes();
        let json = if is_json { Cow::Borrowed(body) } else { text().into() };
        match self.filters.apply(filter, &json).await {
            // A filter can move a text out of an input or output, which are not redacted.
            Ok(Reply::Json(result)) => Ok(Some(redactor.body(result))),
            Ok(Reply::Text(result)) => {
                let result = serde_json::json!(String::from_utf8_lossy(&result)).to_string();
                Ok(Some(redactor.body(result.into_bytes())))
            }
            // Such as a login page.
            Err(_) if !is_json => Ok(None),
            Err(error) => Err(error.unreadable()),
            Ok(Reply::Failed(message) | Reply::Stopped(message)) => Err(undecodable(message)),
        }
    }
}
