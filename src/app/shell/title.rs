//! The title of the terminal's window.

use crate::app::model::Model;
use crate::format::text::visible;

impl Model {
    /// Returns the title: `stepgate · 3 running, 1 failed · dev`, with the endpoint if one is shown.
    pub fn window_title(&self) -> String {
        let counts = self.list().executions().counts();
        let counts = [(counts.running, "running"), (counts.failed, "failed")];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
        let counts = counts.collect::<Vec<_>>().join(", ");
        let endpoint = self.shell().endpoints().shown().map(|endpoint| visible(endpoint.name.as_str()).into_owned());
        let parts = ["stepgate".to_owned(), counts, endpoint.unwrap_or_default()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }
}
