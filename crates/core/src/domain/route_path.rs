//! The placeholders in the path of a route, such as `/status/{executionArn}`: their values are percent-encoded, so that
//! none of them can change the path's segments or its query.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::domain::arn::{ExecutionArn, StateMachineArn};
use crate::domain::execution_name::ExecutionName;
use crate::domain::route::{Route, RouteSubject};

/// A placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// `{executionArn}`.
    ExecutionArn,
    /// `{stateMachineArn}`; for requests about an execution, of its machine.
    StateMachineArn,
    /// `{name}` of the execution.
    Name,
}

impl Placeholder {
    const ALL: [Self; 3] = [Self::ExecutionArn, Self::StateMachineArn, Self::Name];

    /// Returns the name between the braces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExecutionArn => "executionArn",
            Self::StateMachineArn => "stateMachineArn",
            Self::Name => "name",
        }
    }

    /// Returns the placeholders that requests of a route have values for. The ARN of an execution contains its name and
    /// its machine.
    pub fn of_route(route: Route) -> &'static [Self] {
        match route.subject() {
            RouteSubject::Start => &[Self::StateMachineArn, Self::Name],
            RouteSubject::Machine => &[Self::StateMachineArn],
            RouteSubject::Execution => &Self::ALL,
            RouteSubject::Account => &[],
        }
    }
}

/// Why a path cannot be a route's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A relative path.
    #[error("expected a path that begins with `/`, found `{0}`")]
    NotAbsolute(String),
    /// White space, a backslash or `#`: URLs change or drop them.
    #[error("a path cannot contain {0}; percent-encode it")]
    Character(String),
    /// Braces that belong to no placeholder.
    #[error("`{{` and `}}` only enclose placeholders such as `{{executionArn}}`; otherwise write `%7B` and `%7D`")]
    Braces,
    /// A placeholder without a value.
    #[error("`{{{found}}}` has no value here: this route has {}", if known.is_empty() { "no placeholders" } else { known })]
    Placeholder {
        /// The name between the braces.
        found: String,
        /// Those that have one.
        known: String,
    },
    /// A `.` or `..` as a segment, which URLs resolve.
    #[error("a path cannot contain `.` or `..` as a segment")]
    DotSegment,
}

/// A part of a path.
enum Part<'p> {
    Text(&'p str),
    /// The name between braces.
    Braces(&'p str),
}

/// Checks the path of a route.
pub fn check(path: &str, route: Route) -> Result<(), PathError> {
    if !path.starts_with('/') {
        return Err(PathError::NotAbsolute(path.to_owned()));
    }
    if let Some(found) = path.chars().find(|c| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '#')) {
        let named =
            if found.is_whitespace() || found.is_control() { "white space".into() } else { format!("`{found}`") };
        return Err(PathError::Character(named));
    }
    let known = Placeholder::of_route(route);
    for part in parts(path).ok_or(PathError::Braces)? {
        if let Part::Braces(found) = part
            && !known.iter().any(|placeholder| placeholder.as_str() == found)
        {
            let known: Vec<String> =
                known.iter().map(|placeholder| format!("`{{{}}}`", placeholder.as_str())).collect();
            return Err(PathError::Placeholder { found: found.to_owned(), known: known.join(", ") });
        }
    }
    if has_dot_segment(path) { Err(PathError::DotSegment) } else { Ok(()) }
}

/// Returns whether the path has a placeholder.
pub fn has(path: &str, placeholder: Placeholder) -> bool {
    let mut found = parts(path).into_iter().flatten();
    found.any(|part| matches!(part, Part::Braces(name) if name == placeholder.as_str()))
}

/// The values of placeholders.
#[derive(Debug, Clone, Copy)]
pub enum PathValues<'a> {
    /// Of a request about an execution.
    Execution(&'a ExecutionArn),
    /// Of a start.
    Start(&'a StateMachineArn, &'a ExecutionName),
    /// Of a request about a machine.
    Machine(&'a StateMachineArn),
    /// Of a request about the account.
    Account,
}

impl PathValues<'_> {
    fn value(&self, placeholder: Placeholder) -> Option<Cow<'_, str>> {
        use Placeholder as P;
        Some(match (self, placeholder) {
            (Self::Execution(arn), P::ExecutionArn) => arn.as_str().into(),
            (Self::Execution(arn), P::StateMachineArn) => arn.machine().as_str().to_owned().into(),
            (Self::Execution(arn), P::Name) => arn.name().into(),
            (Self::Start(machine, _) | Self::Machine(machine), P::StateMachineArn) => machine.as_str().into(),
            (Self::Start(_, name), P::Name) => name.as_str().into(),
            _ => return None,
        })
    }
}

/// Returns the path with the values of its placeholders. Fails if a value would become a `.` or `..` segment.
pub fn expand<'p>(path: &'p str, values: PathValues<'_>) -> Result<Cow<'p, str>, PathError> {
    if !path.contains('{') {
        return Ok(path.into());
    }
    let mut expanded = String::with_capacity(path.len());
    for part in parts(path).ok_or(PathError::Braces)? {
        match part {
            Part::Text(text) => expanded.push_str(text),
            Part::Braces(name) => {
                let placeholder = Placeholder::ALL.into_iter().find(|placeholder| placeholder.as_str() == name);
                let value = placeholder.and_then(|placeholder| values.value(placeholder));
                let unknown = || PathError::Placeholder { found: name.to_owned(), known: "none".into() };
                encode(&value.ok_or_else(unknown)?, &mut expanded);
            }
        }
    }
    if has_dot_segment(&expanded) { Err(PathError::DotSegment) } else { Ok(expanded.into()) }
}

/// Splits a path at its braces; `None` if they are not in pairs.
fn parts(path: &str) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        if before.contains('}') || name.contains('{') {
            return None;
        }
        parts.extend([Part::Text(before), Part::Braces(name)]);
        rest = behind;
    }
    parts.push(Part::Text(rest));
    (!rest.contains('}')).then_some(parts)
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
fn encode(value: &str, encoded: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string never fails.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
}

/// Whether a URL would resolve a segment of the path, also a percent-encoded one.
fn has_dot_segment(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').any(|segment| matches!(&*segment.to_ascii_lowercase().replace("%2e", "."), "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:注文";

    #[test]
    fn only_placeholders_with_a_value_are_accepted() {
        let check = |path: &str, route| check(path, route).map_err(|error| error.to_string());
        for (path, route) in [
            ("/status/{executionArn}", Route::Status),
            ("/status?arn={executionArn}&x=%20", Route::Stop),
            ("/{stateMachineArn}/jobs/{name}", Route::Definition),
            ("/jobs/{name}", Route::Start),
            ("/list/{stateMachineArn}", Route::List),
            ("/段階/..a/a..", Route::Start),
            ("/a?b=../..", Route::Start),
        ] {
            assert_eq!(check(path, route), Ok(()), "{path}");
        }
        for (path, route, expected) in [
            (
                "/x/{executionArn}",
                Route::Start,
                "`{executionArn}` has no value here: this route has `{stateMachineArn}`",
            ),
            ("/x/{name}", Route::List, "`{name}` has no value here"),
            ("/x/{arn}", Route::Status, "`{arn}` has no value here: this route has `{executionArn}`, `{st"),
            ("/x/{}", Route::Status, "`{}` has no value here"),
            ("/x/{name", Route::Status, "only enclose placeholders"),
            ("/x/name}", Route::Status, "only enclose placeholders"),
            ("/x/{{name}}", Route::Status, "only enclose placeholders"),
            ("x", Route::Start, "begins with `/`, found `x`"),
            ("/a b", Route::Start, "white space"),
            ("/a\r\nHost: x", Route::Start, "white space"),
            ("/a\u{7}", Route::Start, "white space"),
            ("/a#b", Route::Start, "`#`"),
            ("/a\\b", Route::Start, "`\\`"),
            ("/a/../b", Route::Start, "`..` as a segment"),
            ("/a/%2E%2e", Route::Start, "`..` as a segment"),
            ("/./b?c", Route::Start, "`..` as a segment"),
        ] {
            let message = check(path, route).expect_err(path);
            assert!(message.contains(expected), "{path}: {message}");
        }
    }

    #[test]
    fn values_are_percent_encoded() {
        let machine = StateMachineArn::parse(MACHINE).expect("an ARN");
        let start = |path: &str, name: &str| {
            let name = ExecutionName::parse(name).expect("a name");
            expand(path, PathValues::Start(&machine, &name)).map(Cow::into_owned)
        };
        assert_eq!(
            start("/jobs/{name}?q={name}", "a-b_c.dé+(1)").as_deref(),
            Ok("/jobs/a-b_c.d%C3%A9%2B%281%29?q=a-b_c.d%C3%A9%2B%281%29")
        );
        assert_eq!(start("/plain", "a").as_deref(), Ok("/plain"));
        assert_eq!(start("/jobs/{name}", ".."), Err(PathError::DotSegment));
        assert_eq!(start("/jobs/{name}.", "."), Err(PathError::DotSegment));
        assert_eq!(start("/jobs?n={name}", "..").as_deref(), Ok("/jobs?n=.."));
        let child = "arn:aws:states:us-east-1:123456789012:execution:Order/Map:run-1";
        let child = ExecutionArn::parse(child).expect("an ARN");
        let expanded = expand("/{executionArn}/{name}", PathValues::Execution(&child)).expect("a path");
        assert_eq!(expanded, "/arn%3Aaws%3Astates%3Aus-east-1%3A123456789012%3Aexecution%3AOrder%2FMap%3Arun-1/run-1");
        assert!(expand("/{executionArn}", PathValues::Machine(&machine)).is_err());
        assert!(has("/{name}", Placeholder::Name) && !has("/name", Placeholder::Name));
    }
}
