//! The readable names in a configuration: a file that is being edited may have errors.

use toml::de::{DeTable, DeValue};

/// The names in a configuration, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// Endpoints.
    pub endpoints: Vec<String>,
    /// Machines.
    pub machines: Vec<MachineNames>,
}

/// A machine's name on one endpoint, and what belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MachineNames {
    /// The name.
    pub name: String,
    /// The ARN, if it is a string.
    pub arn: Option<String>,
    /// The endpoint; the default one if there is none.
    pub endpoint: Option<String>,
    /// Names of the presets.
    pub presets: Vec<String>,
}

/// Returns the names in this text.
pub(crate) fn names(text: &str) -> Names {
    let (table, _) = DeTable::parse_recoverable(text);
    let table = table.get_ref();
    let chosen = string(table, "default-endpoint");
    let endpoints: Vec<String> = tables(table, "endpoints").map(|(name, _)| name.to_owned()).collect();
    let default = chosen.or_else(|| if let [only] = &endpoints[..] { Some(only.clone()) } else { None });
    let machine = |(name, machine): (&str, &DeTable<'_>)| {
        let on_endpoint = |arn: Option<String>, endpoint: Option<String>| MachineNames {
            name: name.to_owned(),
            arn,
            endpoint,
            presets: keys(machine, "presets"),
        };
        match value(machine, "arn").and_then(DeValue::as_table) {
            Some(arns) => {
                let arns = arns.iter().map(|(endpoint, arn)| (endpoint, arn.get_ref().as_str()));
                arns.map(|(endpoint, arn)| {
                    on_endpoint(arn.map(str::to_owned), Some(endpoint.get_ref().clone().into_owned()))
                })
                .collect()
            }
            None => {
                vec![on_endpoint(string(machine, "arn"), string(machine, "endpoint").or_else(|| default.clone()))]
            }
        }
    };
    let machines = tables(table, "machines").flat_map(machine).collect::<Vec<_>>();
    Names { endpoints, machines }
}

fn value<'t>(table: &'t DeTable<'_>, key: &str) -> Option<&'t DeValue<'t>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value.get_ref())
}

fn string(table: &DeTable<'_>, key: &str) -> Option<String> {
    value(table, key)?.as_str().map(str::to_owned)
}

/// Returns the tables below a key, with their names.
fn tables<'t>(table: &'t DeTable<'_>, key: &str) -> impl Iterator<Item = (&'t str, &'t DeTable<'t>)> {
    let inner = value(table, key).and_then(DeValue::as_table);
    let mut found: Vec<_> = inner.into_iter().flat_map(DeTable::iter).collect();
    // The parser sorts by name.
    found.sort_by_key(|(name, _)| name.span().start);
    found.into_iter().filter_map(|(name, value)| Some((name.get_ref().as_ref(), value.get_ref().as_table()?)))
}

fn keys(table: &DeTable<'_>, key: &str) -> Vec<String> {
    let inner = value(table, key).and_then(DeValue::as_table);
    inner.into_iter().flat_map(DeTable::iter).map(|(name, _)| name.get_ref().clone().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_a_file_with_errors() {
        let text = "default-endpoint = 3\n[endpoints.dev]\nurl = \"x\"\ncolour = 1\n[endpoints.\"prod.eu\"]\n\
                    [machines.order]\narn = \"a\"\nendpoint = \"dev\"\npresets = { big = \"{}\" }\n\
                    [machines.\"注文\"]\ninput = \"\n[machines.last]\n";
        let names = names(text);
        assert_eq!(names.endpoints, ["dev", "prod.eu"]);
        let order = &names.machines[0];
        assert_eq!((&*order.name, order.endpoint.as_deref()), ("order", Some("dev")));
        assert_eq!((order.arn.as_deref(), &order.presets[..]), (Some("a"), &["big".to_owned()][..]));
        assert_eq!(names.machines[1].name, "注文");
        let several =
            super::names("[machines.m]\narn = { dev = \"a\", prod = 3, \"x.y\" = \"b\" }\npresets = { p = \"1\" }");
        let all: Vec<_> = several.machines.iter().map(|m| (m.endpoint.as_deref(), m.arn.as_deref())).collect();
        assert_eq!(all, [(Some("dev"), Some("a")), (Some("prod"), None), (Some("x.y"), Some("b"))]);
        assert!(several.machines.iter().all(|m| m.name == "m" && m.presets == ["p"]));
        assert_eq!(super::names("["), Names::default());
        assert_eq!(super::names("endpoints = 1\nmachines = [1]"), Names::default());
    }
}
