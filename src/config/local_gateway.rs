//! The endpoint and the machines of the local gateway, used without a configuration.

use stepgate_core::domain::{
    Endpoint, EndpointName, GatewayId, Machine, MachineType, NameHandling, OptionalRoutes, Payload, Preset,
    StateMachineArn,
};
use stepgate_local::machines::{self, BUILT_IN};

/// Returns the endpoint of a local gateway at `url`, and its built-in machines.
pub fn endpoint_and_machines(url: &str) -> (Endpoint, Vec<Machine>) {
    let endpoint = Endpoint {
        region: Some("us-east-1".into()),
        fixed_gateway: Some(GatewayId::new("local")),
        optional_routes: OptionalRoutes::with_default_paths(),
        names: Some(NameHandling::PassedOn),
        ..Endpoint::plain("local", url)
    };
    let machines = BUILT_IN.into_iter().filter_map(|machine| {
        let preset = |(name, input): &(&str, &str)| Preset { name: (*name).into(), input: Payload::received(*input) };
        Some(Machine {
            name: machine.name.into(),
            endpoint: EndpointName::new("local"),
            arn: StateMachineArn::parse(&machine.arn()).ok()?,
            machine_type: match machine.machine_type {
                machines::MachineType::Standard => MachineType::Standard,
                machines::MachineType::Express => MachineType::Express,
            },
            input: Payload::received(machine.input),
            presets: machine.presets.iter().map(preset).collect(),
        })
    });
    (endpoint, machines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_machine_has_valid_inputs() {
        let (_, machines) = endpoint_and_machines("http://127.0.0.1:1/dev");
        assert_eq!(machines.len(), BUILT_IN.len());
        for machine in machines {
            for input in machine.presets.iter().map(|preset| &preset.input).chain([&machine.input]) {
                assert!(Payload::input(input.as_str()).is_ok(), "{}: {}", machine.name, input.as_str());
            }
        }
    }
}
