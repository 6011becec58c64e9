//! The machine and the input of a start request.

use std::path::Path;
use std::sync::Arc;

use crate::cli::context::CommandContext;
use crate::cli::target::machine_lookup;
use crate::config::error::nearest;
use stepgate_core::bounded::{self, Limits, STANDARD_INPUT};
use stepgate_core::domain::{
    Endpoint, EndpointName, ExecutionName, Machine, MachineType, NameOrigin, Payload, StartOrder, StateMachineArn,
};

/// A state machine and its endpoint.
pub(in crate::cli) struct Startable<'a> {
    /// Its entry in the configuration, if any.
    configured: Option<&'a Machine>,
    name: Arc<str>,
    arn: StateMachineArn,
    machine_type: MachineType,
    endpoint: &'a Endpoint,
}

impl<'a> Startable<'a> {
    /// Finds a machine by name or ARN.
    pub(in crate::cli) fn find(
        text: &str,
        context: &'a CommandContext,
        endpoint: Option<&str>,
    ) -> Result<Self, String> {
        let settings = &context.settings;
        if settings.read_only {
            return Err("the configuration sets read-only = true".into());
        }
        let machines = &settings.machines;
        let configured = machine_lookup::only(text, settings)?.or_else(|| find_local(text, context));
        let (name, arn, machine_type) = match configured {
            Some(machine) => (machine.name.clone(), machine.arn.clone(), machine.machine_type),
            None if text.starts_with("arn:") => {
                let arn = StateMachineArn::parse_startable(text).map_err(|error| error.to_string())?;
                (arn.name().into(), arn, MachineType::Unknown)
            }
            None => {
                // A machine on several endpoints has several entries.
                let mut names: Vec<&str> = Vec::new();
                for machine in machines {
                    if !names.contains(&&*machine.name) {
                        names.push(&machine.name);
                    }
                }
                let hint = hint(text, names.into_iter());
                return Err(format!("no machine `{text}` in the configuration{hint}"));
            }
        };
        let of_machine = configured.map(|machine| machine.endpoint.as_str());
        let chosen = of_machine.or(endpoint).or(settings.default_endpoint.as_ref().map(EndpointName::as_str));
        let chosen = chosen.ok_or("no endpoint for this machine; set --endpoint")?;
        let endpoint = settings.endpoints.iter().find(|endpoint| endpoint.name.as_str() == chosen);
        let endpoint = endpoint.ok_or("no endpoint for this machine; set --endpoint")?;
        Ok(Self { configured, name, arn, machine_type, endpoint })
    }

    /// Returns the machine's name, for generated names of executions.
    pub(in crate::cli) fn name(&self) -> &str {
        &self.name
    }

    pub(in crate::cli) fn endpoint(&self) -> &Endpoint {
        self.endpoint
    }

    pub(in crate::cli) fn default_input(&self) -> Payload {
        self.configured.map_or_else(Payload::empty_object, |machine| machine.input.clone())
    }

    pub(in crate::cli) fn preset(&self, name: &str) -> Result<Payload, String> {
        let presets = self.configured.map(|machine| &machine.presets[..]).unwrap_or_default();
        let found = presets.iter().find(|preset| &*preset.name == name).map(|preset| preset.input.clone());
        let hint = || hint(name, presets.iter().map(|preset| &*preset.name));
        found.ok_or_else(|| format!("no preset `{name}` for machine `{}`{}", self.name, hint()))
    }

    pub(in crate::cli) fn order(&self, name: ExecutionName, origin: NameOrigin, input: Payload) -> StartOrder {
        StartOrder {
            endpoint: self.endpoint.name.clone(),
            gateway: self.endpoint.gateway(),
            machine_name: self.name.clone(),
            machine: self.arn.clone(),
            machine_type: self.machine_type,
            name,
            origin,
            input,
        }
    }
}

/// On the local gateway, `pass` names `PassStateMachine`.
fn find_local<'a>(text: &str, context: &'a CommandContext) -> Option<&'a Machine> {
    let machines = context.uses_local_gateway().then_some(&context.settings.machines)?;
    let long = format!("{text}StateMachine");
    machines.iter().find(|machine| machine.name.eq_ignore_ascii_case(&long))
}

/// Suggests the nearest name, or lists the names.
fn hint<'a>(text: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    if let Some(name) = nearest(text, names.clone()) {
        return format!("; did you mean `{name}`?");
    }
    let all: Vec<&str> = names.take(10).collect();
    if all.is_empty() { String::new() } else { format!("; known: {}", all.join(", ")) }
}

/// Checks an input, which is sent byte for byte.
pub(in crate::cli) fn parse_input(text: &str) -> Result<Payload, String> {
    Payload::input(text).map_err(|error| format!("the input: {error}"))
}

/// Reads an input from a file or from standard input.
pub(in crate::cli) async fn read_input(path: &Path) -> Result<Payload, String> {
    let (name, path) = match path.to_str() {
        Some("-") => ("standard input".to_owned(), Path::new(STANDARD_INPUT)),
        _ => (path.display().to_string(), path),
    };
    let text = bounded::text_file_async(path, Limits::INPUT).await;
    let text = text.map_err(|error| format!("{name} cannot be read: {error}"))?;
    Payload::input(&text).map_err(|error| format!("{name}: {error}"))
}
