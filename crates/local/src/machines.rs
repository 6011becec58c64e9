//! The state machines of the local gateway: built-in ones, and those of the user.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::arn::StateMachineArn;
use crate::asl::{Definition, LoadError};
use crate::quotas::MAX_EXPRESS_SECONDS;

/// An existing region, and an account that does not exist.
const ARN_PREFIX: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:";

/// The type of a state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MachineType {
    /// Its executions can be described, stopped and redriven.
    Standard,
    /// Its executions run for up to five minutes; only their log can be read.
    Express,
}

impl MachineType {
    /// The word of the AWS API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::Express => "EXPRESS",
        }
    }
}

/// A built-in machine.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub machine_type: MachineType,
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
pub const BUILT_IN: [BuiltIn; 6] = [
    BuiltIn {
        name: "PassStateMachine",
        machine_type: MachineType::Standard,
        definition: include_str!("machines/pass.asl.json"),
        input: "{}",
        presets: &[],
    },
    BuiltIn {
        name: "OrderStateMachine",
        machine_type: MachineType::Standard,
        definition: include_str!("machines/order.asl.json"),
        input: "{\n  \"order\": 4711,\n  \"total\": 99.9\n}",
        presets: &[("large", "{\"order\": 4712, \"total\": 2500}"), ("refused", "{\"order\": 4713, \"total\": -1}")],
    },
    BuiltIn {
        name: "WaitStateMachine",
        machine_type: MachineType::Standard,
        definition: include_str!("machines/wait.asl.json"),
        input: "{\"seconds\": 10}",
        presets: &[("minute", "{\"seconds\": 60}")],
    },
    BuiltIn {
        name: "FailStateMachine",
        machine_type: MachineType::Standard,
        definition: include_str!("machines/fail.asl.json"),
        input: "{}",
        presets: &[],
    },
    BuiltIn {
        name: "TimeoutStateMachine",
        machine_type: MachineType::Standard,
        definition: include_str!("machines/timeout.asl.json"),
        input: "{}",
        presets: &[],
    },
    BuiltIn {
        name: "QuickStateMachine",
        machine_type: MachineType::Express,
        definition: include_str!("machines/quick.asl.json"),
        input: "{}",
        presets: &[
            ("fail", "{\"fail\": true}"),
            ("slow", "{\"seconds\": 5}"),
            ("past-deadline", "{\"seconds\": 40}"),
            ("timeout", "{\"seconds\": 400}"),
        ],
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

/// A machine: its type and definition.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Its type.
    pub machine_type: MachineType,
    /// Its definition.
    pub loaded: Arc<Loaded>,
}

impl Machine {
    fn load(machine_type: MachineType, definition: &str) -> Result<Self, LoadError> {
        let mut loaded = Loaded::load(definition)?;
        if machine_type == MachineType::Express {
            let own = loaded.definition.timeout_seconds.unwrap_or(u64::MAX);
            loaded.definition.timeout_seconds = Some(own.min(MAX_EXPRESS_SECONDS));
        }
        Ok(Self { machine_type, loaded: Arc::new(loaded) })
    }
}

/// Machines by name.
#[derive(Debug, Clone)]
pub struct Machines(BTreeMap<String, Machine>);

impl Machines {
    /// Returns the built-in machines.
    pub fn built_in() -> Self {
        let load = |machine: BuiltIn| {
            // Compiled in, and tested.
            Some((machine.name.to_owned(), Machine::load(machine.machine_type, machine.definition).ok()?))
        };
        Self(BUILT_IN.into_iter().filter_map(load).collect())
    }

    /// Adds or replaces a machine.
    pub fn add(&mut self, name: &str, machine_type: MachineType, definition: &str) -> Result<(), LoadError> {
        if StateMachineArn::parse(&format!("{ARN_PREFIX}{name}")).is_err() {
            return Err(LoadError::Machine(format!("invalid name of a state machine: `{name}`")));
        }
        self.0.insert(name.to_owned(), Machine::load(machine_type, definition)?);
        Ok(())
    }

    /// Returns the machine with this ARN.
    pub fn get(&self, arn: &StateMachineArn) -> Option<&Machine> {
        let name = arn.unqualified();
        self.0.get(name.as_str().strip_prefix(ARN_PREFIX)?)
    }

    /// Returns names, ARNs and types, ordered by name.
    pub fn list(&self) -> impl Iterator<Item = (&str, String, MachineType)> {
        self.0.iter().map(|(name, machine)| (name.as_str(), format!("{ARN_PREFIX}{name}"), machine.machine_type))
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
