//! Resolves an argument to an execution: an ARN, a name, or `@last`.

use crate::cli::context::{OpenedStore, gateway_id};
use crate::cli::follow::Item;
use crate::cli::target::machine_lookup;
use crate::config::Settings;
use crate::runtime::now;
use stepgate_core::domain::{
    EndpointName, ExecutionArn, ExecutionName, ExecutionRecord, GatewayId, Machine, UnresolvedStart,
};
use stepgate_core::gateway::Clients;

/// Finds executions by argument.
pub(in crate::cli) struct Resolver<'a> {
    pub(in crate::cli) settings: &'a Settings,
    pub(in crate::cli) clients: &'a Clients,
    pub(in crate::cli) kept: &'a OpenedStore,
    /// The value of `--endpoint`.
    pub(in crate::cli) endpoint: Option<&'a str>,
}

impl Resolver<'_> {
    /// Returns the execution and its endpoint, or why there is none.
    pub(in crate::cli) async fn find(&self, text: &str) -> Result<(Item, EndpointName), String> {
        let item = self.item(text).await?;
        let endpoint = self.endpoint_of(&item)?;
        Ok((item, endpoint))
    }

    /// Returns the execution, even if its gateway is not in the configuration.
    pub(in crate::cli) async fn item(&self, text: &str) -> Result<Item, String> {
        match text {
            "@last" => self.last().await,
            _ => self.named(text).await,
        }
    }

    pub(in crate::cli) fn endpoint_of(&self, item: &Item) -> Result<EndpointName, String> {
        let endpoint = match item {
            Item::Execution(record) | Item::External(record) => &record.endpoint,
            Item::UnresolvedStart(unresolved) => &unresolved.order.endpoint,
        };
        let gateway = item.gateway();
        let gone = || format!("{} belongs to {gateway}, which is not in the configuration", item.names().1);
        self.clients.name_at(gateway, endpoint).cloned().ok_or_else(gone)
    }

    /// Returns the gateway of `--endpoint`.
    pub(in crate::cli) fn gateway(&self) -> Option<GatewayId> {
        self.endpoint.and_then(|name| gateway_id(self.settings, name))
    }

    /// Returns the latest start.
    async fn last(&self) -> Result<Item, String> {
        let (store, remembered) = self.kept.as_ref().map_err(|why| format!("@last needs the store: {why}"))?;
        let gateway = self.gateway();
        let execution = store.last_started(gateway.clone()).await.map_err(|error| error.to_string())?;
        let is_here = |at: &GatewayId| gateway.as_ref().is_none_or(|gateway| gateway == at);
        let unresolved_starts = remembered.unresolved.iter().filter(|unresolved| is_here(&unresolved.order.gateway));
        let unresolved = unresolved_starts.max_by_key(|unresolved| unresolved.sent).cloned();
        match (execution, unresolved) {
            (Some(record), Some(unresolved)) if unresolved.sent > record.started => {
                Ok(Item::UnresolvedStart(unresolved))
            }
            (Some(record), _) => Ok(Item::Execution(record)),
            (None, Some(unresolved)) => Ok(Item::UnresolvedStart(unresolved)),
            (None, None) => Err("nothing has been started yet, so there is no @last".into()),
        }
    }

    /// Finds an ARN or a name in the store; otherwise the execution was started elsewhere.
    async fn named(&self, text: &str) -> Result<Item, String> {
        let arn = if text.starts_with("arn:") {
            Some(ExecutionArn::parse_given(text).map_err(|error| error.to_string())?)
        } else {
            ExecutionName::chosen(text).map_err(|error| format!("`{text}` is neither an ARN nor a name: {error}"))?;
            None
        };
        let mut found = self.stored(text).await?;
        match (found.len(), arn) {
            (0, Some(arn)) => self.external(arn),
            (0, None) => self.of_only_machine(text),
            (1, _) => found.pop().ok_or_else(String::new),
            _ => Err(ambiguous(text, &found)),
        }
    }

    /// Returns the executions and unresolved starts in the store with this ARN or name.
    pub(in crate::cli) async fn stored(&self, text: &str) -> Result<Vec<Item>, String> {
        let mut found = Vec::new();
        if let Ok((store, remembered)) = self.kept {
            let records = store.named(text.to_owned()).await.map_err(|error| error.to_string())?;
            found.extend(records.into_iter().map(|record| {
                // Named by the user from now on.
                let is_external = record.is_others;
                let record = ExecutionRecord { is_others: false, ..record };
                if is_external { Item::External(record) } else { Item::Execution(record) }
            }));
            let matches = |name: &str, arn: &str| name == text || arn == text;
            let unresolved_starts = remembered
                .unresolved
                .iter()
                .filter(|unresolved| matches(unresolved.order.name.as_str(), expected_arn(unresolved).as_str()));
            // The same name may have been sent several times; the last one counts.
            for unresolved in unresolved_starts {
                let is_same =
                    |item: &Item| *item.gateway() == unresolved.order.gateway && item.arn() == expected_arn(unresolved);
                match found.iter_mut().find(|item| is_same(item)) {
                    Some(Item::UnresolvedStart(other)) if other.sent < unresolved.sent => *other = unresolved.clone(),
                    Some(_) => {}
                    None => found.push(Item::UnresolvedStart(unresolved.clone())),
                }
            }
        }
        if let Some(gateway) = self.gateway() {
            found.retain(|item| *item.gateway() == gateway);
        }
        Ok(found)
    }

    /// Returns an execution that was started elsewhere, at its machine's endpoint or the default one.
    fn external(&self, arn: ExecutionArn) -> Result<Item, String> {
        let machine_arn = arn.machine();
        let mut machines = self.settings.machines.iter().filter(|machine| machine.arn.unqualified() == machine_arn);
        // Every gateway of the state machine knows the execution.
        let is_default = |machine: &&Machine| Some(&machine.endpoint) == self.settings.default_endpoint.as_ref();
        let machine = machines.clone().find(is_default).or_else(|| machines.next());
        let endpoint = self
            .endpoint
            .map(EndpointName::new)
            .or_else(|| machine.map(|machine| machine.endpoint.clone()))
            .or_else(|| self.settings.default_endpoint.clone())
            .ok_or("no endpoint for this execution; set --endpoint")?;
        let gateway =
            gateway_id(self.settings, endpoint.as_str()).ok_or("no endpoint for this execution; set --endpoint")?;
        let machine_name = machine.map_or_else(|| machine_arn.name().into(), |machine| machine.name.clone());
        Ok(Item::External(ExecutionRecord::unanswered(gateway, endpoint, machine_name, arn, now())))
    }

    /// Resolves a name that is not in the store: with a single configured machine, it is unambiguous.
    fn of_only_machine(&self, text: &str) -> Result<Item, String> {
        let name = ExecutionName::parse(text).map_err(|error| error.to_string())?;
        match &self.settings.machines[..] {
            [Machine { arn, .. }] => self.external(arn.execution(&name)),
            machines => {
                let all: Vec<&Machine> = machines.iter().collect();
                let endpoints = machine_lookup::endpoints(&all).join(", ");
                let is_one_machine = all.first().is_some_and(|first| all.iter().all(|other| other.name == first.name));
                let or =
                    if is_one_machine { format!(", or --endpoint with one of {endpoints}") } else { String::new() };
                Err(format!("no execution named `{text}` in the store; use its ARN{or}"))
            }
        }
    }
}

fn expected_arn(unresolved: &UnresolvedStart) -> ExecutionArn {
    unresolved.order.machine.execution(&unresolved.order.name)
}

fn ambiguous(text: &str, found: &[Item]) -> String {
    let all: Vec<String> = found.iter().map(|item| format!("{} at {}", item.arn(), item.gateway())).collect();
    format!("several executions are named `{text}`; use an ARN and --endpoint: {}", all.join(", "))
}
