//! `[store]`.

use std::time::Duration;

use crate::config::section::Section;

/// `[store]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreSettings {
    /// Whether inputs and outputs are stored.
    pub payloads: bool,
    /// How long ended executions are stored.
    pub retain: Duration,
}

impl Default for StoreSettings {
    /// 90 days, as in Step Functions.
    fn default() -> Self {
        Self { payloads: true, retain: Duration::from_secs(90 * 24 * 60 * 60) }
    }
}

pub(super) fn read(section: &Section<'_>) -> StoreSettings {
    let defaults = StoreSettings::default();
    let settings = StoreSettings {
        payloads: section.boolean("payloads").unwrap_or(defaults.payloads),
        retain: section.duration("retain").unwrap_or(defaults.retain),
    };
    section.finish();
    settings
}
