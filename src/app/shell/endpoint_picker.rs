//! The endpoint picker: all endpoints together, and each.

use crate::app::keys::editor::{Editor, Lines};
use crate::app::shell::endpoints::Endpoints;
use stepgate_core::domain::EndpointName;

/// The picker. An entry is an endpoint, or `None` for all.
#[derive(Debug, Clone)]
pub struct EndpointPicker {
    /// The search field.
    pub field: Editor,
    found: Vec<Option<EndpointName>>,
    selected: usize,
}

impl EndpointPicker {
    /// Returns a picker with the endpoint that is shown selected.
    pub(super) fn new(endpoints: &Endpoints) -> Self {
        let mut picker = Self { field: Editor::new("", Lines::One), found: Vec::new(), selected: 0 };
        picker.search(endpoints);
        picker.selected = picker.found.iter().position(|name| name.as_ref() == endpoints.selected()).unwrap_or(0);
        picker
    }

    /// Finds the endpoints whose name or region contains the typed text, and first the one with the typed number.
    pub(in crate::app) fn search(&mut self, endpoints: &Endpoints) {
        let needle = self.field.text().trim().to_lowercase();
        let all = (ALL.contains(&needle) || needle == "0").then_some(None);
        let has = |text: &str| text.to_lowercase().contains(&needle);
        let numbered = needle.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let has_number = |index: usize| numbered == Some(index);
        let found =
            endpoints.list().iter().enumerate().filter(|(index, endpoint)| {
                has_number(*index) || has(endpoint.name.as_str()) || has(&endpoint.summary)
            });
        let mut named: Vec<_> = found.map(|(index, endpoint)| (index, Some(endpoint.name.clone()))).collect();
        named.sort_by_key(|(index, _)| !has_number(*index));
        self.found = all.into_iter().chain(named.into_iter().map(|(_, name)| name)).collect();
        self.selected = 0;
    }

    /// Returns the matches.
    pub fn found(&self) -> &[Option<EndpointName>] {
        &self.found
    }

    /// Returns the index of the selected match.
    pub fn selected_place(&self) -> usize {
        self.selected
    }

    /// Returns the selected match.
    pub(super) fn selected(&self) -> Option<&Option<EndpointName>> {
        self.found.get(self.selected)
    }

    /// Moves the selection down, or up if negative.
    pub(super) fn step(&mut self, by: isize) {
        self.selected = self.selected.saturating_add_signed(by).min(self.found.len().saturating_sub(1));
    }
}

/// What the entry for all endpoints is called.
pub(crate) const ALL: &str = "all endpoints";
