//! The state machines of the local gateway: built-in ones, and those of the user.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::arn::StateMachineArn;
use crate::asl::{Definition, LoadError};

/// An existing region, and an account that does not exist.
const ARN_PREFIX: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:";

/// A built-in machine.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    definition: &'static str,
    /// The default input.
    pub input: &'static str,
    /// Further inputs by name.
    pub presets: &'static [(&'static str, &'static str)],
}

impl BuiltIn {
    /// The ARN of the state machine.
    pub fn arn(&self) -> String {
        format!("{ARN_PREFIX}{}", self.name)
    }
}

/// The built-in machines.
pub const BUILT_IN: [BuiltIn; 5] = [
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

/// A definition and its source.
#[derive(Debug, PartialEq)]
pub struct Loaded {
    /// The source.
    pub text: String,
    /// The parsed definition.
    pub definition: Definition,
}

impl Loaded {
    /// Parses a definition.
    pub fn load(text: &str) -> Result<Self, LoadError> {
        Ok(Self { text: text.to_owned(), definition: Definition::load(text)? })
    }
}

/// Definitions by the name of their machine.
#[derive(Debug, Clone)]
pub struct Machines(BTreeMap<String, Arc<Loaded>>);

impl Machines {
    /// Returns the built-in machines.
    pub fn built_in() -> Self {
        let load = |machine: BuiltIn| {
            // Compiled in, and tested.
            let loaded = Loaded::load(machine.definition).ok()?;
            Some((machine.name.to_owned(), Arc::new(loaded)))
        };
        Self(BUILT_IN.into_iter().filter_map(load).collect())
    }

    /// Adds or replaces a machine.
    pub fn add(&mut self, name: &str, definition: &str) -> Result<(), LoadError> {
        if StateMachineArn::parse(&format!("{ARN_PREFIX}{name}")).is_err() {
            return Err(LoadError::Machine(format!("invalid name of a state machine: `{name}`")));
        }
        self.0.insert(name.to_owned(), Arc::new(Loaded::load(definition)?));
        Ok(())
    }

    /// Returns the definition of the machine with this ARN.
    pub fn get(&self, arn: &StateMachineArn) -> Option<&Arc<Loaded>> {
        let name = arn.unqualified();
        self.0.get(name.as_str().strip_prefix(ARN_PREFIX)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_machine_loads_and_has_valid_inputs() {
        let machines = Machines::built_in();
        for machine in BUILT_IN {
            assert!(
                machines.get(&StateMachineArn::parse(&machine.arn()).expect("an ARN")).is_some(),
                "{}",
                machine.name
            );
            for input in machine.presets.iter().map(|(_, input)| *input).chain([machine.input]) {
                assert!(serde_json::from_str::<serde_json::Value>(input).is_ok(), "{}: {input}", machine.name);
            }
        }
    }
}
