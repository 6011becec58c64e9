//! One turn of the loop: waits for a message and collects all that are queued, so that they share one frame.

use std::io;
use std::time::Duration;

use crate::app::Msg;
use crate::runtime::now;
use crate::runtime::session::Session;

/// Maximum number of messages before the screen is drawn again.
const MESSAGES_PER_FRAME: usize = 1_024;

/// A source of keys, pastes and sizes: the terminal, or a test.
pub trait Events {
    /// Waits for the next event; `None` at the end. An event may have no meaning.
    fn next(&mut self) -> impl Future<Output = Option<io::Result<Option<Msg>>>>;
    /// Returns the next event if one is queued.
    fn next_queued(&mut self) -> Option<io::Result<Option<Msg>>>;
}

/// Waits for a message and returns all queued ones; `None` when there are no more events. Cancel-safe.
pub async fn event_batch(events: &mut impl Events, session: &mut Session) -> io::Result<Option<Vec<Msg>>> {
    let wake = session.model().next_wake().map(|wake| wake.since(now()));
    let mut messages = Vec::new();
    tokio::select! {
        event = events.next() => match event {
            Some(event) => messages.extend(event?),
            None => return Ok(None),
        },
        message = session.next() => messages.push(message),
        () = tokio::time::sleep(wake.unwrap_or(Duration::MAX)), if wake.is_some() => {}
    }
    while messages.len() < MESSAGES_PER_FRAME {
        if let Some(event) = events.next_queued() {
            messages.extend(event?);
        } else if let Some(message) = session.next_queued() {
            messages.push(message);
        } else {
            break;
        }
    }
    Ok(Some(messages))
}
