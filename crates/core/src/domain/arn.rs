//! Amazon Resource Names of state machines and executions.
//!
//! The shapes are those of the Service Authorization Reference, "Resource types defined by AWS Step
//! Functions". An ARN is split, never matched against `arn:aws:`: there are at least eight partitions.

mod parts;

use std::fmt;
use std::sync::Arc;

use crate::domain::execution_name::ExecutionName;

pub use parts::{ArnError, is_region};

use parts::{EXECUTION_SHAPE, MACHINE_SHAPE, is_name, split, split_label, visible};

/// The ARN of a state machine, of one of its versions, or of an alias.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StateMachineArn(Arc<str>);

impl StateMachineArn {
    /// Parses `arn:P:states:R:A:stateMachine:NAME`, optionally followed by `:VERSION`, `:ALIAS` or `/LABEL`.
    pub fn parse(text: &str) -> Result<Self, ArnError> {
        let parts = split(text, MACHINE_SHAPE)?;
        if parts.resource != "stateMachine" {
            return Err(ArnError::WrongResource {
                expected: MACHINE_SHAPE,
                found: parts.resource.into(),
                text: text.into(),
            });
        }
        let bad = |part| ArnError::BadPart { part, text: text.to_owned() };
        let (name, qualifier) = parts.rest.split_once(':').map_or((parts.rest, None), |(name, q)| (name, Some(q)));
        let (machine, label) = split_label(name);
        if !is_name(machine) {
            return Err(bad("state machine name"));
        }
        if label.is_some_and(|label| !is_name(label)) {
            return Err(bad("map label"));
        }
        if qualifier.is_some_and(|q| !is_name(q) || q.contains(':')) {
            return Err(bad("version or alias"));
        }
        Ok(Self(text.into()))
    }

    /// Parses a user's ARN, and rejects what `StartExecution` rejects: "a labelled state machine ARN".
    pub fn parse_startable(text: &str) -> Result<Self, ArnError> {
        visible(text)?;
        let arn = Self::parse(text)?;
        match split_label(arn.name_and_label()).1 {
            Some(label) => Err(ArnError::Labelled { label: label.into(), text: text.into() }),
            None => Ok(arn),
        }
    }

    /// Returns the whole ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the machine's name, without label, version or alias.
    pub fn name(&self) -> &str {
        split_label(self.name_and_label()).0
    }

    /// Returns the version number or alias.
    pub fn qualifier(&self) -> Option<&str> {
        self.part(6).split_once(':').map(|(_, qualifier)| qualifier)
    }

    /// Returns the AWS partition, such as `aws` or `aws-cn`.
    pub fn partition(&self) -> &str {
        self.part(1)
    }

    /// Returns the AWS region.
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// Returns the AWS account id.
    pub fn account(&self) -> &str {
        self.part(4)
    }

    /// Returns the ARN without version or alias: the `stateMachineArn` of `DescribeExecution`.
    #[must_use]
    pub fn unqualified(&self) -> Self {
        match self.qualifier() {
            Some(qualifier) => Self(self.0[..self.0.len() - qualifier.len() - 1].into()),
            None => self.clone(),
        }
    }

    /// Returns the ARN of a standard execution with this name. Versions and aliases are not part of it.
    pub fn execution(&self, name: &ExecutionName) -> ExecutionArn {
        let text = format!(
            "arn:{}:states:{}:{}:execution:{}:{name}",
            self.part(1),
            self.part(3),
            self.part(4),
            self.name_and_label(),
        );
        ExecutionArn { name_at: text.len() - name.as_str().len(), kind: ExecutionKind::Standard, text: text.into() }
    }

    /// Returns an ARN for an EXPRESS execution whose response did not name it: with `unknown` for the UUID.
    pub fn unnamed_express_execution(&self, name: &ExecutionName) -> ExecutionArn {
        let standard = self.execution(name);
        let text = format!("{}:unknown", standard.text.replacen(":execution:", ":express:", 1));
        let name_at = text.len() - name.as_str().len() - ":unknown".len();
        ExecutionArn { name_at, kind: ExecutionKind::Express, text: text.into() }
    }

    fn name_and_label(&self) -> &str {
        let rest = self.part(6);
        rest.split_once(':').map_or(rest, |(name, _)| name)
    }

    fn part(&self, index: usize) -> &str {
        self.0.splitn(7, ':').nth(index).unwrap_or_default()
    }
}

impl fmt::Display for StateMachineArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for StateMachineArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum ExecutionKind {
    Standard,
    Express,
    ExpressMapChild,
}

/// The ARN of an execution.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExecutionArn {
    text: Arc<str>,
    name_at: usize,
    kind: ExecutionKind,
}

impl ExecutionArn {
    /// Parses a user's ARN, which must not contain invisible characters.
    pub fn parse_given(text: &str) -> Result<Self, ArnError> {
        visible(text)?;
        Self::parse(text)
    }

    /// Parses `execution:MACHINE[/LABEL]:NAME` and `express:MACHINE[/LABEL]:NAME:UUID` ARNs.
    pub fn parse(text: &str) -> Result<Self, ArnError> {
        let parts = split(text, EXECUTION_SHAPE)?;
        debug_assert!(!parts.partition.is_empty() && !parts.region.is_empty() && !parts.account.is_empty());
        let bad = |part| ArnError::BadPart { part, text: text.to_owned() };
        let (machine, name) = parts.rest.split_once(':').ok_or_else(|| bad("execution name"))?;
        let (machine_name, label) = split_label(machine);
        if !is_name(machine_name) || label.is_some_and(|label| !is_name(label)) {
            return Err(bad("state machine name"));
        }
        let kind = match (parts.resource, label) {
            ("execution", _) => ExecutionKind::Standard,
            ("express", None) => ExecutionKind::Express,
            ("express", Some(_)) => ExecutionKind::ExpressMapChild,
            (other, _) => {
                return Err(ArnError::WrongResource {
                    expected: EXECUTION_SHAPE,
                    found: other.into(),
                    text: text.into(),
                });
            }
        };
        let colons = name.matches(':').count();
        let expected = usize::from(kind != ExecutionKind::Standard);
        if !is_name(name) || colons != expected {
            return Err(bad("execution name"));
        }
        Ok(Self { name_at: text.len() - name.len(), text: text.into(), kind })
    }

    /// Returns the whole ARN.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the execution's name; for EXPRESS executions without the UUID.
    pub fn name(&self) -> &str {
        let name = &self.text[self.name_at..];
        name.split_once(':').map_or(name, |(name, _)| name)
    }

    /// Returns the state machine's ARN, which lacks version and alias.
    pub fn machine(&self) -> StateMachineArn {
        let parts: Vec<&str> = self.text.splitn(8, ':').collect();
        // `parse` has checked that all parts exist.
        let part = |index: usize| parts.get(index).copied().unwrap_or_default();
        let (partition, region, account, machine) = (part(1), part(3), part(4), part(6));
        StateMachineArn(format!("arn:{partition}:states:{region}:{account}:stateMachine:{machine}").into())
    }

    /// Returns whether its workflow is EXPRESS.
    pub fn is_express(&self) -> bool {
        self.kind != ExecutionKind::Standard
    }

    /// Returns whether `DescribeExecution` supports it. EXPRESS executions cannot be described, except for children of
    /// a Map Run (API reference, `DescribeExecution`).
    pub fn is_describable(&self) -> bool {
        self.kind != ExecutionKind::Express
    }
}

impl fmt::Display for ExecutionArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ExecutionArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
