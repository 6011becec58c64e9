//! The initial state: the part of the configuration that the screen needs.

use jiff::tz::TimeZone;
use ratatui::layout::Size;
use ratatui::style::Color;

use crate::app::keys::keymap::Keymap;
use stepgate_core::domain::{Confirmation, Endpoint, EndpointName, GatewayId, Machine, Timestamp};

/// An endpoint and its display data.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointInfo {
    /// The name in the configuration.
    pub name: EndpointName,
    /// Its gateway.
    pub gateway: GatewayId,
    /// `region · auth`, without absent parts.
    pub summary: String,
    /// The rate limit in requests per second.
    pub budget: f64,
    /// Its configuration.
    pub endpoint: Endpoint,
    /// The colour that marks it; red if its name must be typed and no other is set.
    pub color: Option<Color>,
    /// The arguments that begin a command line for this endpoint.
    pub command: Vec<String>,
}

impl From<&Endpoint> for EndpointInfo {
    fn from(endpoint: &Endpoint) -> Self {
        let parts = [endpoint.region.clone(), Some(endpoint.auth.as_str().to_owned()).filter(|word| word != "none")];
        Self {
            name: endpoint.name.clone(),
            gateway: endpoint.gateway(),
            summary: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            budget: endpoint.watch.requests_per_second,
            endpoint: endpoint.clone(),
            color: endpoint.confirm.map(|Confirmation::Name| Color::Red),
            command: [vec!["stepgate".to_owned()], option("--endpoint", endpoint.name.as_str())].concat(),
        }
    }
}

/// Returns the arguments for an option with a value: one argument if the value looks like an option.
pub(crate) fn option(name: &str, value: &str) -> Vec<String> {
    if value.starts_with('-') { vec![format!("{name}={value}")] } else { vec![name.to_owned(), value.to_owned()] }
}

/// Who handles mouse events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MouseOwner {
    /// The terminal, to select text.
    #[default]
    Terminal,
    /// This program.
    Program,
}

/// The input of `Model::new`.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The machines of the configuration.
    pub machines: Vec<Machine>,
    /// The endpoints of the configuration.
    pub endpoints: Vec<EndpointInfo>,
    /// The endpoint to show first, instead of the one that was shown last.
    pub endpoint: Option<EndpointName>,
    /// Whether starting, stopping and redriving are disabled.
    pub read_only: bool,
    /// Who handles the mouse.
    pub mouse: MouseOwner,
    /// The keys.
    pub keymap: Keymap,
    /// The suffix of generated names; different for every run of the program.
    pub name_suffix: String,
    /// The time zone for display.
    pub zone: TimeZone,
    /// The start time.
    pub now: Timestamp,
    /// The terminal's size.
    pub size: Size,
    /// A message to show first.
    pub greeting: Option<String>,
    /// Why nothing can be stored.
    pub store_error: Option<String>,
    /// Errors in the configuration; shown instead of everything else.
    pub config_errors: Vec<String>,
}
