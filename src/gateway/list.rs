//! `POST {url}{list}`: `ListExecutions`, a page at a time, newest first.

use serde::{Deserialize, Serialize};

use crate::domain::{ExecutionArn, Failure, ListQuery, Listed, Paged, Route, StateMachineArn, Status};
use crate::gateway::answer::undecodable;
use crate::gateway::client::{Client, body};
use crate::gateway::members::WireDate;

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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListExecutionsOutput {
    executions: Vec<ExecutionListItem>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecutionListItem {
    execution_arn: String,
    state_machine_arn: String,
    status: String,
    start_date: WireDate,
    stop_date: Option<WireDate>,
    redrive_count: Option<u32>,
}

impl Client {
    /// A page of a machine's executions, whoever has started them.
    pub async fn list(&self, query: &ListQuery) -> Result<Paged<Listed>, Failure> {
        let route = self.declared(Route::List)?;
        let input = ListExecutionsInput {
            state_machine_arn: query.machine.as_str(),
            status_filter: query.status.as_ref().map(Status::word),
            max_results: query.page,
            next_token: query.token.as_deref(),
        };
        self.post(route, body(&input)?, read).await
    }
}

pub(super) fn read(answer: &[u8]) -> Result<Paged<Listed>, Failure> {
    let wire: ListExecutionsOutput = serde_json::from_slice(answer).map_err(undecodable)?;
    let item = |item: ExecutionListItem| {
        Ok(Listed {
            arn: ExecutionArn::parse(&item.execution_arn).map_err(undecodable)?,
            machine: StateMachineArn::parse(&item.state_machine_arn).map_err(undecodable)?,
            status: Status::from_wire(&item.status),
            start_date: item.start_date.0,
            stop_date: item.stop_date.map(|date| date.0),
            redrive_count: item.redrive_count,
        })
    };
    let items = wire.executions.into_iter().map(item).collect::<Result<_, Failure>>()?;
    Ok(Paged { items, next: wire.next_token })
}
