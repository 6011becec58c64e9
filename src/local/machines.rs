//! The state machines of the local gateway: a handful worth watching, and those that the user brings.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{
    Endpoint, EndpointName, Machine, MachineType, NameHandling, OptionalRoutes, Payload, Place, Preset, StateMachineArn,
};
use crate::local::asl::{Definition, LoadError};

/// Where all of them live: a region that AWS has and an account that nobody has.
const ARN_PREFIX: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:";

/// A built-in machine.
struct BuiltIn {
    name: &'static str,
    definition: &'static str,
    /// What its start form opens with.
    input: &'static str,
    /// Further inputs by name.
    presets: &'static [(&'static str, &'static str)],
}

const BUILT_IN: [BuiltIn; 5] = [
    BuiltIn { name: "PassStateMachine", definition: include_str!("machines/pass.asl.json"), input: "{}", presets: &[] },
    BuiltIn {
        name: "OrderStateMachine",
        definition: include_str!("machines/order.asl.json"),
        input: "{\n  \"order\": 4711,\n  \"total\": 99.9\n}",
        presets: &[("large", "{\"order\": 4712, \"total\": 2500}"), ("refused", "{\"order\": 4713, \"total\": -1}")],
    },
    BuiltIn {
        name: "WaitStateMachine",
        definition: include_str!("machines/wait.asl.json"),
        input: "{\"seconds\": 10}",
        presets: &[("minute", "{\"seconds\": 60}")],
    },
    BuiltIn { name: "FailStateMachine", definition: include_str!("machines/fail.asl.json"), input: "{}", presets: &[] },
    BuiltIn {
        name: "TimeoutStateMachine",
        definition: include_str!("machines/timeout.asl.json"),
        input: "{}",
        presets: &[],
    },
];

/// A definition, and the text that it was read from.
#[derive(Debug, PartialEq)]
pub struct Loaded {
    /// As it was given.
    pub text: String,
    /// As it is run.
    pub definition: Definition,
}

impl Loaded {
    /// Reads a definition.
    pub fn load(text: &str) -> Result<Self, LoadError> {
        Ok(Self { text: text.to_owned(), definition: Definition::load(text)? })
    }
}

/// Definitions by the name of their machine.
#[derive(Debug, Clone)]
pub struct Machines(BTreeMap<String, Arc<Loaded>>);

impl Machines {
    /// The built-in ones.
    pub fn built_in() -> Self {
        let load = |machine: BuiltIn| {
            // They are compiled in, and a test loads each of them.
            let loaded = Loaded::load(machine.definition).ok()?;
            Some((machine.name.to_owned(), Arc::new(loaded)))
        };
        Self(BUILT_IN.into_iter().filter_map(load).collect())
    }

    /// Adds one, or puts it in the place of another of that name.
    pub fn add(&mut self, name: &str, definition: &str) -> Result<(), LoadError> {
        if let Err(error) = StateMachineArn::parse_startable(&format!("{ARN_PREFIX}{name}")) {
            return Err(LoadError::Machine(error.to_string()));
        }
        self.0.insert(name.to_owned(), Arc::new(Loaded::load(definition)?));
        Ok(())
    }

    /// The definition of the machine with this ARN.
    pub fn get(&self, arn: &StateMachineArn) -> Option<&Arc<Loaded>> {
        let name = arn.unqualified();
        self.0.get(name.as_str().strip_prefix(ARN_PREFIX)?)
    }
}

/// The profiles with which the program opens on the local gateway when there is no configuration.
pub fn profiles(url: &str) -> (Endpoint, Vec<Machine>) {
    let endpoint = Endpoint {
        region: Some("us-east-1".into()),
        fixed_place: Some(Place::new("local")),
        optional_routes: OptionalRoutes::usual(),
        names: Some(NameHandling::PassedOn),
        ..Endpoint::plain("local", url)
    };
    let machines = BUILT_IN.into_iter().filter_map(|machine| {
        let preset = |(name, input): &(&str, &str)| Preset { name: (*name).into(), input: Payload::received(*input) };
        Some(Machine {
            name: machine.name.into(),
            endpoint: EndpointName::new("local"),
            arn: StateMachineArn::parse(&format!("{ARN_PREFIX}{}", machine.name)).ok()?,
            machine_type: MachineType::Standard,
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
    fn every_built_in_machine_loads_and_has_a_profile_with_good_inputs() {
        let machines = Machines::built_in();
        let (_, profiles) = profiles("http://127.0.0.1:1/dev");
        assert_eq!((machines.0.len(), profiles.len()), (BUILT_IN.len(), BUILT_IN.len()));
        for profile in profiles {
            assert!(machines.get(&profile.arn).is_some(), "{}", profile.name);
            for input in profile.presets.iter().map(|p| &p.input).chain([&profile.input]) {
                assert!(Payload::input(input.as_str()).is_ok(), "{}: {}", profile.name, input.as_str());
            }
        }
    }
}
