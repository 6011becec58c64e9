//! Decoded terminal input.

use crate::app::Key;
use crate::app::msg::Click;
use crate::runtime::terminal::keyboard::responses;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    Key(Key),
    /// Consecutive typed characters; Enter is a carriage return or line feed as received, Tab a tab.
    Text(String),
    Paste(String),
    /// Whether the terminal's window has the focus.
    Focused(bool),
    /// A mouse event at this column and row.
    Mouse(Click, u16, u16),
    /// The response with the terminal's background.
    Background(responses::Background),
    /// The response to the device attributes query, to which every terminal responds.
    Attributes,
}
