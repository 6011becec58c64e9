//! What the model begins with: the configuration as far as the screen needs it.

use jiff::tz::TimeZone;
use ratatui::layout::Size;

use crate::app::input::keymap::Keymap;
use stepgate_core::domain::{Endpoint, EndpointName, GatewayId, Machine, Timestamp};

/// An endpoint, as far as the screen shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointInfo {
    /// Its name.
    pub name: EndpointName,
    /// Where it is.
    pub gateway: GatewayId,
    /// `region · auth`, as far as there is such.
    pub summary: String,
    /// Its budget in requests a second.
    pub budget: f64,
    /// What the configuration says of it.
    pub endpoint: Endpoint,
    /// The words of a command line that begins with this program and asks this endpoint.
    pub command: Vec<String>,
}

impl From<&Endpoint> for EndpointInfo {
    fn from(endpoint: &Endpoint) -> Self {
        let parts = [endpoint.region.clone(), Some(endpoint.auth.word().to_owned()).filter(|word| word != "none")];
        Self {
            name: endpoint.name.clone(),
            gateway: endpoint.gateway(),
            summary: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            budget: endpoint.watch.requests_per_second,
            endpoint: endpoint.clone(),
            command: [vec!["stepgate".to_owned()], option("--endpoint", endpoint.name.as_str())].concat(),
        }
    }
}

/// The words of an option with its value: one where the value looks like an option itself.
pub fn option(name: &str, value: &str) -> Vec<String> {
    if value.starts_with('-') { vec![format!("{name}={value}")] } else { vec![name.to_owned(), value.to_owned()] }
}

/// Who gets clicks and turns of the wheel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MouseOwner {
    /// The terminal, to select text.
    #[default]
    Terminal,
    /// This program.
    Program,
}

/// What the model begins with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The machines of the configuration.
    pub machines: Vec<Machine>,
    /// The endpoints of the configuration.
    pub endpoints: Vec<EndpointInfo>,
    /// Whether nothing may be started.
    pub read_only: bool,
    /// Whose the mouse is.
    pub mouse: MouseOwner,
    /// The keys.
    pub keymap: Keymap,
    /// What every generated name ends with; different for every launch of the program.
    pub name_suffix: String,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// The time at the beginning.
    pub now: Timestamp,
    /// The terminal's size.
    pub size: Size,
    /// Something to say at once.
    pub greeting: Option<String>,
    /// Why nothing is kept, if that is so from the beginning.
    pub not_kept: Option<String>,
    /// What is wrong in the configuration; shown instead of everything else.
    pub faults: Vec<String>,
}
