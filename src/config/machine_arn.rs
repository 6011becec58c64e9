//! `arn` of a machine: an ARN on one endpoint, or a table with the ARN on each of several endpoints.

use crate::config::endpoint;
use crate::config::section::{Located, Section};
use stepgate_core::domain::{Endpoint, EndpointName, StateMachineArn, toml_header};

/// The endpoints that a machine may name.
pub(super) struct Endpoints<'e> {
    /// The endpoint of machines that name none.
    pub(super) default: Option<&'e EndpointName>,
    /// All, each with the region in its URL.
    pub(super) all: &'e [(&'e Endpoint, Option<String>)],
}

impl Endpoints<'_> {
    fn names(&self) -> Vec<&str> {
        self.all.iter().map(|(endpoint, _)| endpoint.name.as_str()).collect()
    }

    /// Returns the endpoint's name and the region in its URL.
    fn region(&self, name: &str) -> Option<(&str, &str)> {
        let (endpoint, region) = self.all.iter().find(|(endpoint, _)| endpoint.name.as_str() == name)?;
        Some((endpoint.name.as_str(), region.as_deref()?))
    }

    fn have_same_gateway(&self, one: &EndpointName, other: &EndpointName) -> bool {
        let gateway = |name: &EndpointName| {
            self.all.iter().find(|(endpoint, _)| endpoint.name == *name).map(|(endpoint, _)| endpoint.gateway())
        };
        gateway(one) == gateway(other)
    }
}

/// Returns the endpoints of a machine, each with the ARN there.
pub(super) fn read(section: &Section<'_>, endpoints: &Endpoints<'_>) -> Vec<(EndpointName, StateMachineArn)> {
    if section.is_table("arn") {
        return on_several(section, endpoints);
    }
    let endpoint = endpoint::for_machine(section, endpoints.default, &endpoints.names());
    if !section.has("arn") {
        section.table_error("arn", "missing: the state machine's ARN");
    }
    let region = endpoint.as_ref().and_then(|endpoint| endpoints.region(endpoint.as_str()));
    let arn = arn(section, "arn", region);
    endpoint.zip(arn.map(|arn| arn.value)).into_iter().collect()
}

/// Reads `arn = { dev = "arn:..", prod = "arn:.." }`.
fn on_several(section: &Section<'_>, endpoints: &Endpoints<'_>) -> Vec<(EndpointName, StateMachineArn)> {
    let Some(table) = section.table("arn") else { return Vec::new() };
    if section.has("endpoint") {
        section.error_at_key("endpoint", "`arn` already names the endpoints; remove this key");
    }
    let names = endpoints.names();
    let keys = table.keys();
    if keys.is_empty() {
        section
            .error_at_key("arn", "expected an ARN for each endpoint, such as { dev = \"arn:..\", prod = \"arn:..\" }");
    }
    let mut found: Vec<(EndpointName, Located<StateMachineArn>)> = Vec::new();
    for key in keys {
        let chosen = Located { value: key.clone(), line: table.line_of(&key) };
        let exists = endpoint::must_exist(&table, &key, &chosen, &names);
        let Some(arn) = arn(&table, &key, endpoints.region(&key)).filter(|_| exists) else { continue };
        let name = EndpointName::new(&key);
        let is_same = |(other, first): &&(EndpointName, Located<StateMachineArn>)| {
            first.value == arn.value && endpoints.have_same_gateway(other, &name)
        };
        if let Some((other, first)) = found.iter().find(is_same) {
            let message =
                format!("the same state machine as `{other}` on line {}: both endpoints have the same url", first.line);
            table.error(&key, arn.line, message, None);
        }
        found.push((name, arn));
    }
    found.into_iter().map(|(endpoint, arn)| (endpoint, arn.value)).collect()
}

/// Returns the ARN of a key. `region` is the endpoint's name and the region in its URL.
fn arn(section: &Section<'_>, key: &str, region: Option<(&str, &str)>) -> Option<Located<StateMachineArn>> {
    // `parse_startable` reports invisible characters.
    let text = section.payload(key)?;
    let arn = StateMachineArn::parse_startable(&text.value)
        .map_err(|error| section.error(key, text.line, error.to_string(), None))
        .ok()?;
    if let Some((name, region)) = region.filter(|(_, region)| *region != arn.region()) {
        let message = format!(
            "this state machine is in `{}`, and the url of its endpoint in `{region}`; if that gateway calls another \
             region, set region = \"{region}\" in {}",
            arn.region(),
            toml_header(&["endpoints", name])
        );
        section.error(key, text.line, message, None);
    }
    Some(Located { value: arn, line: text.line })
}
