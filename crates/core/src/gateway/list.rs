//! The route `list`: `ListExecutions`, a page at a time, newest first.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::route_path::PathValues;
use crate::domain::{ExecutionArn, Failure, ListQuery, ListedExecution, Paged, Route, StateMachineArn, Status};
use crate::gateway::client::{Client, body};
use crate::gateway::members::{Items, Members};
use crate::gateway::route_request::ActionRequest;
use crate::gateway::undecodable::undecodable;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListExecutionsInput<'a> {
    state_machine_arn: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_filter: Option<&'a str>,
    max_results: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<&'a str>,
}

/// Limit for the executions of a page. The service sends at most 1,000.
const MOST: usize = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListExecutionsOutput<'b> {
    #[serde(borrow)]
    executions: Items<'b, MOST>,
    next_token: Option<String>,
}

impl Client {
    /// Returns a page of a machine's executions, including those started by others.
    pub async fn list(&self, query: &ListQuery) -> Result<Paged<ListedExecution>, Failure> {
        let input = ListExecutionsInput {
            state_machine_arn: query.machine.as_str(),
            status_filter: query.status.as_ref().map(Status::as_str),
            max_results: query.page_size,
            next_token: query.token.as_deref(),
        };
        let (route, values) = (Route::List, PathValues::Machine(&query.machine));
        self.call(ActionRequest { route, values, json: body(&input)? }, read).await
    }
}

/// The members that `ListedExecution` has a field for, beside the name, which is in the ARN.
const READ: [&str; 8] =
    ["executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate", "redriveCount", "redriveDate"];

pub(super) fn read(body: &[u8]) -> Result<Paged<ListedExecution>, Failure> {
    let wire: ListExecutionsOutput<'_> = serde_json::from_slice(body).map_err(undecodable)?;
    let item = |item: &&RawValue| {
        let item: Members<'_> = serde_json::from_str(item.get()).map_err(undecodable)?;
        let text = |name| item.text(name).ok_or_else(|| undecodable(format!("an execution without `{name}`")));
        Ok(ListedExecution {
            arn: ExecutionArn::parse(&text("executionArn")?).map_err(undecodable)?,
            machine: StateMachineArn::parse(&text("stateMachineArn")?).map_err(undecodable)?,
            status: Status::from_wire(
                &item.keyword("status").ok_or_else(|| undecodable("an execution without `status`"))?,
            ),
            start_date: item.date("startDate").ok_or_else(|| undecodable("an execution without `startDate`"))?,
            stop_date: item.date("stopDate"),
            redrive_count: item.count("redriveCount"),
            redrive_date: item.date("redriveDate"),
            others: item.others(&READ),
        })
    };
    let items = wire.executions.0.iter().map(item).collect::<Result<_, Failure>>()?;
    Ok(Paged { items, next: wire.next_token })
}
