//! The guard of an endpoint: with `confirm = "name"`, starts, stops and redrives need its name to be typed first. Every
//! function that sends one takes a [`Permit`], which only [`Guard::permit`] grants.

use crate::domain::endpoint::{Confirmation, Endpoint, EndpointName};

/// Permission to start, stop or redrive: each endpoint with a guard was named, or there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit(());

/// The names that must be typed before a request to some endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    names: Vec<EndpointName>,
}

impl Guard {
    /// Returns the guard of a request to these endpoints.
    pub fn of<'e>(endpoints: impl IntoIterator<Item = &'e Endpoint>) -> Self {
        let mut names: Vec<EndpointName> = Vec::new();
        for endpoint in endpoints.into_iter().filter(|endpoint| endpoint.confirm == Some(Confirmation::Name)) {
            if !names.contains(&endpoint.name) {
                names.push(endpoint.name.clone());
            }
        }
        Self { names }
    }

    /// Returns whether nothing has to be typed.
    pub fn is_open(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns the names to type.
    pub fn names(&self) -> &[EndpointName] {
        &self.names
    }

    /// Returns the text to type: the name, or several names separated by commas.
    pub fn text(&self) -> String {
        self.names.iter().map(EndpointName::as_str).collect::<Vec<_>>().join(", ")
    }

    /// Grants the permission if the text is the one to type, in any order of names, or if nothing has to be typed.
    pub fn permit(&self, typed: &str) -> Option<Permit> {
        let sorted = |text: &str| {
            let mut names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
            names.sort();
            names
        };
        // An empty name would be typed by typing nothing.
        let is_typed = || !typed.trim().is_empty() && sorted(typed) == sorted(&self.text());
        (self.is_open() || is_typed()).then_some(Permit(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(name: &str, confirm: Option<Confirmation>) -> Endpoint {
        Endpoint { confirm, ..Endpoint::plain(name, "http://localhost") }
    }

    #[test]
    fn every_guarded_endpoint_must_be_named_exactly() {
        let (dev, prod, other, blank) = (
            endpoint("dev", None),
            endpoint("prod", Some(Confirmation::Name)),
            endpoint("prod eu", Some(Confirmation::Name)),
            endpoint(" ", Some(Confirmation::Name)),
        );
        for (endpoints, typed, expected) in [
            (&[][..], "", true),
            (&[&dev], "", true),
            (&[&dev], "anything", true),
            (&[&prod], "", false),
            (&[&prod], "y", false),
            (&[&prod], "dev", false),
            (&[&prod], "Prod", false),
            (&[&prod], "prod", true),
            (&[&prod], " prod ", true),
            (&[&dev, &prod, &prod], "prod", true),
            (&[&prod, &other], "prod", false),
            (&[&prod, &other], "prod eu", false),
            (&[&prod, &other], "prod, prod", false),
            (&[&prod, &other], "prod, prod eu", true),
            (&[&prod, &other], "prod eu,prod", true),
            (&[&blank], "", false),
            (&[&blank], " ", false),
        ] {
            let guard = Guard::of(endpoints.iter().copied());
            assert_eq!(guard.permit(typed).is_some(), expected, "{endpoints:?} {typed}");
        }
        assert_eq!(Guard::of([&prod, &dev, &other]).text(), "prod, prod eu");
    }
}
