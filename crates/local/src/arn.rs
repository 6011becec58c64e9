//! ARNs as the service checks them. Not shared with the client: a shared mistake would escape every test.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use crate::name::ExecutionName;

/// The `arn` members of the API model have at most this many characters.
const MAX_CHARS: usize = 256;

/// Why a text is not the ARN of the resource that an action needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArnError {
    /// It does not have the seven parts of an ARN.
    #[error("Invalid ARN prefix")]
    Prefix,
    /// It names another service or type of resource.
    #[error("Resource type not valid in this context: {0}")]
    Resource(String),
    /// The region, account, name, version or alias is malformed.
    #[error("malformed ARN")]
    Malformed,
    /// It has the label of a Distributed Map, whose state machine cannot be started.
    #[error("a labeled state machine ARN")]
    Labeled,
}

/// The partition, region and account, the type of the resource, and everything after it.
fn split(text: &str) -> Result<[&str; 5], ArnError> {
    let parts: Vec<&str> = text.splitn(7, ':').collect();
    let ["arn", partition, service, region, account, resource, rest] = parts[..] else { return Err(ArnError::Prefix) };
    if !partition.starts_with("aws") {
        return Err(ArnError::Prefix);
    }
    if service != "states" {
        return Err(ArnError::Resource(service.to_owned()));
    }
    let has_region = !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let has_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    if !has_region || !has_account || text.chars().count() > MAX_CHARS {
        return Err(ArnError::Malformed);
    }
    Ok([partition, region, account, resource, rest])
}

fn check_name(name: &str) -> Result<(), ArnError> {
    let is_name = !name.is_empty() && !name.contains(|c: char| c == ':' || c.is_whitespace() || c.is_control());
    if is_name { Ok(()) } else { Err(ArnError::Malformed) }
}

/// The ARN of a state machine, of one of its versions, or of an alias.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StateMachineArn(Arc<str>);

impl StateMachineArn {
    /// Parses `arn:PARTITION:states:REGION:ACCOUNT:stateMachine:NAME`, which `:VERSION` or `:ALIAS` may follow.
    pub fn parse(text: &str) -> Result<Self, ArnError> {
        let [_, _, _, resource, rest] = split(text)?;
        if resource != "stateMachine" {
            return Err(ArnError::Resource(resource.to_owned()));
        }
        let (name, qualifier) = rest.split_once(':').map_or((rest, None), |(name, qualifier)| (name, Some(qualifier)));
        check_name(name)?;
        qualifier.map_or(Ok(()), check_name)?;
        if name.contains('/') {
            return Err(ArnError::Labeled);
        }
        Ok(Self(text.into()))
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The machine's name, without version or alias.
    pub fn name(&self) -> &str {
        let rest = self.part(6);
        rest.split_once(':').map_or(rest, |(name, _)| name)
    }

    /// The ARN without version or alias.
    #[must_use]
    pub fn unqualified(&self) -> Self {
        Self(self.sibling("stateMachine", self.name()))
    }

    /// The ARN of the execution with this name. Versions and aliases do not appear in it.
    pub(crate) fn execution(&self, name: &ExecutionName) -> ExecutionArn {
        ExecutionArn(self.sibling("execution", &format!("{}:{}", self.name(), name.as_str())))
    }

    /// The ARN of an EXPRESS execution. Its name need not be unique, so it has an id.
    pub(crate) fn express_execution(&self, name: &ExecutionName, id: Uuid) -> ExpressExecutionArn {
        ExpressExecutionArn(self.sibling("express", &format!("{}:{}:{id}", self.name(), name.as_str())))
    }

    /// The ARN of another resource in the same account and region.
    fn sibling(&self, resource: &str, rest: &str) -> Arc<str> {
        let (partition, region, account) = (self.part(1), self.part(3), self.part(4));
        format!("arn:{partition}:states:{region}:{account}:{resource}:{rest}").into()
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

/// The ARN of an execution of a STANDARD state machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExecutionArn(Arc<str>);

impl ExecutionArn {
    /// Parses `arn:PARTITION:states:REGION:ACCOUNT:execution:MACHINE:NAME`, where `MACHINE` may be `MACHINE/LABEL`.
    pub fn parse(text: &str) -> Result<Self, ArnError> {
        let [_, _, _, resource, rest] = split(text)?;
        if resource != "execution" {
            return Err(ArnError::Resource(resource.to_owned()));
        }
        let (machine, name) = rest.split_once(':').ok_or(ArnError::Malformed)?;
        machine.split('/').try_for_each(check_name)?;
        check_name(name)?;
        Ok(Self(text.into()))
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the execution.
    pub fn name(&self) -> &str {
        self.0.rsplit_once(':').map_or("", |(_, name)| name)
    }
}

impl fmt::Display for ExecutionArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The ARN of an execution of an EXPRESS state machine: `arn:..:express:MACHINE:NAME:UUID`. No action accepts it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExpressExecutionArn(Arc<str>);

impl ExpressExecutionArn {
    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: &str = "arn:aws:states:ap-northeast-1:111122223333";

    #[test]
    fn a_version_or_alias_is_not_part_of_the_execution() {
        let name = ExecutionName::parse("run-1").expect("a name");
        for qualifier in ["", ":7", ":PROD"] {
            let machine = StateMachineArn::parse(&format!("{PREFIX}:stateMachine:Order{qualifier}")).expect("an ARN");
            assert_eq!(machine.unqualified().as_str(), format!("{PREFIX}:stateMachine:Order"));
            let execution = machine.execution(&name);
            assert_eq!((execution.as_str(), execution.name()), (&*format!("{PREFIX}:execution:Order:run-1"), "run-1"));
            assert_eq!(ExecutionArn::parse(execution.as_str()), Ok(execution));
        }
    }

    #[test]
    fn errors_are_those_of_the_service() {
        let resource = |found: &str| Err(ArnError::Resource(found.to_owned()));
        for (text, expected) in [
            ("Order".to_owned(), Err(ArnError::Prefix)),
            (format!("{PREFIX}:execution:Order:run-1"), resource("execution")),
            ("arn:aws:lambda:ap-northeast-1:111122223333:function:f".to_owned(), resource("lambda")),
            ("arn:aws:states::111122223333:stateMachine:a".to_owned(), Err(ArnError::Malformed)),
            (format!("{PREFIX}:stateMachine:"), Err(ArnError::Malformed)),
            (format!("{PREFIX}:stateMachine:a:1:2"), Err(ArnError::Malformed)),
            (format!("{PREFIX}:stateMachine:{}", "x".repeat(256)), Err(ArnError::Malformed)),
            (format!("{PREFIX}:stateMachine:Order/Each"), Err(ArnError::Labeled)),
        ] {
            assert_eq!(StateMachineArn::parse(&text).map(|arn| arn.to_string()), expected, "{text}");
        }
        let express = format!("{PREFIX}:express:Order:run-1:9f2e");
        assert_eq!(ExecutionArn::parse(&express), Err(ArnError::Resource("express".into())));
        assert_eq!(ExecutionArn::parse(&format!("{PREFIX}:execution:Order")), Err(ArnError::Malformed));
        assert!(ExecutionArn::parse(&format!("{PREFIX}:execution:Order/Each:c")).is_ok());
    }
}
