//! What is to be started: the machine that is named on the command line, and the input.

use std::path::Path;
use std::sync::Arc;

use crate::cli::context::{CommandContext, gateway_of};
use crate::config::fault::nearest;
use stepgate_core::bounded::{self, Limits, STANDARD_INPUT};
use stepgate_core::domain::{
    EndpointName, ExecutionName, GatewayId, Machine, MachineType, NameOrigin, Payload, StartOrder, StateMachineArn,
};

/// A state machine with the endpoint that starts it.
pub(super) struct Startable<'a> {
    /// Its profile, if the configuration has one.
    machine_name: Option<&'a Machine>,
    name: Arc<str>,
    arn: StateMachineArn,
    machine_type: MachineType,
    endpoint: EndpointName,
    gateway: GatewayId,
}

impl<'a> Startable<'a> {
    /// Finds what a text on the command line names.
    pub(super) fn find(text: &str, opened: &'a CommandContext, endpoint: Option<&str>) -> Result<Self, String> {
        let settings = &opened.settings;
        if settings.read_only {
            return Err("the configuration says read-only = true".into());
        }
        let machines = &settings.machines;
        let machine_name = machines.iter().find(|machine| &*machine.name == text || machine.arn.as_str() == text);
        let machine_name = machine_name.or_else(|| try_out(text, opened));
        let (name, arn, machine_type) = match machine_name {
            Some(machine) => (machine.name.clone(), machine.arn.clone(), machine.machine_type),
            None if text.starts_with("arn:") => {
                let arn = StateMachineArn::parse_startable(text).map_err(|error| error.to_string())?;
                (arn.name().into(), arn, MachineType::Unknown)
            }
            None => {
                let meant = maybe(text, machines.iter().map(|machine| &*machine.name));
                return Err(format!("no machine `{text}` in the configuration{meant}"));
            }
        };
        let of_profile = machine_name.map(|machine| machine.endpoint.as_str());
        let chosen = of_profile.or(endpoint).or(settings.default_endpoint.as_ref().map(EndpointName::as_str));
        let chosen = chosen.ok_or("no endpoint for this machine; set --endpoint")?;
        let gateway = gateway_of(settings, chosen).ok_or("no endpoint for this machine; set --endpoint")?;
        Ok(Self { machine_name, name, arn, machine_type, endpoint: EndpointName::new(chosen), gateway })
    }

    /// The input that the profile has for it.
    pub(super) fn default_input(&self) -> Payload {
        self.machine_name.map_or_else(Payload::empty_object, |machine| machine.input.clone())
    }

    /// One of the profile's presets.
    pub(super) fn preset(&self, name: &str) -> Result<Payload, String> {
        let presets = self.machine_name.map(|machine| &machine.presets[..]).unwrap_or_default();
        let found = presets.iter().find(|preset| &*preset.name == name).map(|preset| preset.input.clone());
        let meant = || maybe(name, presets.iter().map(|preset| &*preset.name));
        found.ok_or_else(|| format!("there is no preset `{name}` of `{}`{}", self.name, meant()))
    }

    /// The order to start it with this input.
    pub(super) fn order(&self, name: ExecutionName, origin: NameOrigin, input: Payload) -> StartOrder {
        StartOrder {
            endpoint: self.endpoint.clone(),
            gateway: self.gateway.clone(),
            machine_name: self.name.clone(),
            machine: self.arn.clone(),
            machine_type: self.machine_type,
            name,
            origin,
            input,
        }
    }
}

/// Without a configuration `pass` is the local gateway's `PassStateMachine`.
fn try_out<'a>(text: &str, opened: &'a CommandContext) -> Option<&'a Machine> {
    let machines = opened.is_trying_out().then_some(&opened.settings.machines)?;
    let long = format!("{text}StateMachine");
    machines.iter().find(|machine| machine.name.eq_ignore_ascii_case(&long))
}

/// What was perhaps meant, or else what there is.
fn maybe<'a>(text: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    if let Some(name) = nearest(text, names.clone()) {
        return format!("; did you mean `{name}`?");
    }
    let all: Vec<&str> = names.take(10).collect();
    if all.is_empty() { String::new() } else { format!("; there is {}", all.join(", ")) }
}

/// An input as somebody gave it, byte for byte.
pub(super) fn checked(text: &str) -> Result<Payload, String> {
    Payload::input(text).map_err(|error| format!("the input: {error}"))
}

/// An input from a file, or from standard input.
pub(super) async fn read(path: &Path) -> Result<Payload, String> {
    let (name, path) = match path.to_str() {
        Some("-") => ("standard input".to_owned(), Path::new(STANDARD_INPUT)),
        _ => (path.display().to_string(), path),
    };
    let text = bounded::text_file_async(path, Limits::INPUT).await;
    let text = text.map_err(|error| format!("{name} cannot be read: {error}"))?;
    Payload::input(&text).map_err(|error| format!("{name}: {error}"))
}
