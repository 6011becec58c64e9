//! What the user chose in the UI at an earlier launch.

/// Choices by key; the feature that a choice belongs to defines its key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UiChoices(Vec<(String, String)>);

impl UiChoices {
    /// Returns the choice with this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }
}

impl From<Vec<(String, String)>> for UiChoices {
    fn from(choices: Vec<(String, String)>) -> Self {
        Self(choices)
    }
}
