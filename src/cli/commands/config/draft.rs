//! What is known about a gateway: from the arguments, and then from its responses.

use crate::doctor::{RouteState, Survey};
use stepgate_core::domain::{
    Endpoint, ListedMachine, MachineType, Route, RouteSettings, RouteSubject, StateMachineArn,
};

/// Unwraps the responses of a Lambda function.
const UNWRAPPED: &str = ".body | fromjson";

/// What the user has said about a gateway.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// The name of the endpoint.
    pub(super) name: String,
    pub(super) url: String,
    /// Given, or needed because the host name does not contain it.
    pub(super) region: Option<String>,
    /// The value of `auth`, as TOML.
    pub(super) auth: Option<String>,
    pub(super) ca_file: Option<String>,
    /// Routes other than the usual ones.
    pub(super) routes: Vec<(Route, RouteSettings)>,
    /// The machine that was given.
    pub(super) machine: Option<NamedMachine>,
    /// Machines that the gateway lists.
    pub(super) listed: Vec<NamedMachine>,
}

/// A machine with its name in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedMachine {
    pub(super) name: String,
    pub(super) arn: StateMachineArn,
    pub(super) machine_type: MachineType,
}

impl Draft {
    /// Returns method, path and filter of a route.
    pub(super) fn settings(&self, route: Route, state: Option<&RouteState>) -> RouteSettings {
        let given = self.routes.iter().rev().find(|(known, _)| *known == route);
        let settings = given.map_or_else(|| route.default_path().into(), |(_, settings)| settings.clone());
        let is_enveloped = state == Some(&RouteState::Enveloped);
        RouteSettings { answer: is_enveloped.then(|| UNWRAPPED.into()), ..settings }
    }

    /// Returns whether the configuration declares an optional route.
    pub(super) fn declares(&self, route: Route, state: &RouteState) -> bool {
        match state {
            RouteState::Works | RouteState::Enveloped => true,
            // The role may allow a route for the endpoint's machines only; `machines` is not about one of them.
            RouteState::Restricted => self.machine.is_none() && route.subject() != RouteSubject::Account,
            RouteState::Absent | RouteState::Unusable(_) | RouteState::NotAsked(_) => false,
        }
    }

    /// Returns its machines.
    pub(super) fn machines(&self) -> impl Iterator<Item = &NamedMachine> {
        self.machine.iter().chain(&self.listed)
    }

    /// Adds what the gateway has shown. `is_used` says which names of machines are taken.
    pub(super) fn apply(&mut self, survey: &Survey, endpoint: &Endpoint, is_used: impl Fn(&str) -> bool) {
        self.routes.push((Route::Status, survey.status_route.clone()));
        for ListedMachine { arn, machine_type } in &survey.machines {
            if let Some(given) = self.machine.as_mut().filter(|given| given.arn == *arn) {
                given.machine_type = *machine_type;
            } else if !self.listed.iter().any(|known| known.arn == *arn) {
                let named = self.named(arn.clone(), *machine_type, &is_used);
                self.listed.push(named);
            }
        }
        let is_elsewhere = |region: &String| self.machines().any(|machine| machine.arn.region() != region);
        if let Some(region) = endpoint.region.clone().filter(is_elsewhere) {
            // Only with `region` may machines be in another region than the gateway.
            self.region = Some(region);
        }
    }

    /// Names a machine, after itself if that name is free.
    pub(super) fn named(
        &self,
        arn: StateMachineArn,
        machine_type: MachineType,
        is_used: impl Fn(&str) -> bool,
    ) -> NamedMachine {
        let plain = arn.name().to_owned();
        let with_endpoint = format!("{plain}-{}", self.name);
        let numbered = (2..).map(|number| format!("{with_endpoint}-{number}"));
        let mut names = [plain, with_endpoint.clone()].into_iter().chain(numbered);
        let is_free = |name: &String| !is_used(name) && !self.machines().any(|known| known.name == *name);
        let name = names.find(is_free).unwrap_or(with_endpoint);
        NamedMachine { name, arn, machine_type }
    }
}
