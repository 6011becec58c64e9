//! The route `machines`: `ListStateMachines`, a page at a time.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::route_path::PathValues;
use crate::domain::{Failure, ListedMachine, MachineType, Paged, Route, StateMachineArn};
use crate::gateway::client::{Client, body};
use crate::gateway::members::{Items, Members};
use crate::gateway::probe::envelope;
use crate::gateway::route_request::ActionRequest;
use crate::gateway::undecodable::undecodable;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListStateMachinesInput<'a> {
    max_results: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<&'a str>,
}

/// Limit for the machines of a page. The service sends at most 1,000.
const MOST: usize = 10_000;
/// Limit for the pages of a list, which may never end.
const MOST_PAGES: usize = 5;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListStateMachinesOutput<'b> {
    #[serde(borrow)]
    state_machines: Items<'b, MOST>,
    next_token: Option<String>,
}

impl Client {
    /// Returns a page of the account's machines.
    pub async fn machines(&self, page_size: usize, token: Option<&str>) -> Result<Paged<ListedMachine>, Failure> {
        self.page(page_size, token, read).await
    }

    /// Returns the first machines of the account, and whether there are more.
    pub async fn first_machines(&self, most: usize) -> Result<(Vec<ListedMachine>, bool), Failure> {
        self.first(most, read).await
    }

    /// Like `first_machines`, from responses that are wrapped in `{"statusCode", "body"}` and that no filter unwraps yet.
    pub async fn first_enveloped_machines(&self, most: usize) -> Result<(Vec<ListedMachine>, bool), Failure> {
        self.first(most, |body| read(&envelope::content(body)?)).await
    }

    async fn page(
        &self,
        page_size: usize,
        token: Option<&str>,
        read: impl Fn(&[u8]) -> Result<Paged<ListedMachine>, Failure>,
    ) -> Result<Paged<ListedMachine>, Failure> {
        let input = ListStateMachinesInput { max_results: page_size, next_token: token };
        let (route, values) = (Route::Machines, PathValues::Account);
        self.call(ActionRequest { route, values, json: body(&input)? }, read).await
    }

    async fn first(
        &self,
        most: usize,
        read: impl Fn(&[u8]) -> Result<Paged<ListedMachine>, Failure>,
    ) -> Result<(Vec<ListedMachine>, bool), Failure> {
        let (mut machines, mut token): (Vec<ListedMachine>, Option<String>) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let page = self.page(most.min(1_000), token.as_deref(), &read).await?;
            machines.extend(page.items);
            // With GET, a gateway may return the first page again.
            let has_more = page.next.is_some() && page.next != token;
            if machines.len() > most || !has_more {
                let is_cut = machines.len() > most;
                machines.truncate(most);
                return Ok((machines, is_cut || has_more));
            }
            token = page.next;
        }
        Ok((machines, true))
    }
}

pub(super) fn read(body: &[u8]) -> Result<Paged<ListedMachine>, Failure> {
    let wire: ListStateMachinesOutput<'_> = serde_json::from_slice(body).map_err(undecodable)?;
    let item = |item: &&RawValue| {
        let item: Members<'_> = serde_json::from_str(item.get()).map_err(undecodable)?;
        let arn = item.text("stateMachineArn");
        let arn = arn.ok_or_else(|| undecodable("a state machine without `stateMachineArn`"))?;
        let machine_type = match item.keyword("type").as_deref() {
            Some("STANDARD") => MachineType::Standard,
            Some("EXPRESS") => MachineType::Express,
            _ => MachineType::Unknown,
        };
        Ok(ListedMachine { arn: StateMachineArn::parse_startable(&arn).map_err(undecodable)?, machine_type })
    };
    let items = wire.state_machines.0.iter().map(item).collect::<Result<_, Failure>>()?;
    Ok(Paged { items, next: wire.next_token })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:states:eu-west-1:111122223333:stateMachine:";

    #[test]
    fn only_the_arn_of_a_machine_is_required() {
        let body = format!(
            r#"{{"stateMachines": [
                {{"stateMachineArn": "{ARN}注文", "name": "注文", "type": "STANDARD", "creationDate": 1.7e9}},
                {{"stateMachineArn": "{ARN}b", "type": "EXPRESS", "creationDate": "2026-01-01T00:00:00Z"}},
                {{"stateMachineArn": "{ARN}c"}}, {{"stateMachineArn": "{ARN}d", "type": "NEW"}}
            ], "nextToken": "t", "x": 1}}"#
        );
        let (standard, express, unknown) = (MachineType::Standard, MachineType::Express, MachineType::Unknown);
        let page = read(body.as_bytes()).expect("a page");
        let types: Vec<_> = page.items.iter().map(|machine| (machine.arn.name(), machine.machine_type)).collect();
        assert_eq!(types, [("注文", standard), ("b", express), ("c", unknown), ("d", unknown)]);
        assert_eq!(page.next.as_deref(), Some("t"));
        let empty = read(br#"{"stateMachines": []}"#).expect("a page");
        assert_eq!((empty.items.len(), empty.next), (0, None));
    }

    #[test]
    fn what_is_no_list_of_machines_is_unreadable() {
        for body in [
            "{}",
            r#"{"stateMachines": {}}"#,
            r#"{"stateMachines": [1]}"#,
            r#"{"stateMachines": [{}]}"#,
            r#"{"stateMachines": [{"stateMachineArn": "x"}]}"#,
            r#"{"stateMachines": [{"stateMachineArn": "arn:aws:states:eu-west-1:111122223333:stateMachine:a\u200bb"}]}"#,
        ] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
    }
}
