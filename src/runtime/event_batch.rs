//! One turn of the loop: wait for a message, and take all that are there already into the same frame.

use std::io;
use std::time::Duration;

use crate::app::Msg;
use crate::runtime::now;
use crate::runtime::session::Session;

/// Messages that are taken before the screen is drawn again.
const MESSAGES_A_FRAME: usize = 1_024;

/// Whoever tells of keys, pastes and sizes: the terminal, or a test.
pub trait Events {
    /// The next one; `None` when there will be no more. An event may mean nothing.
    fn next(&mut self) -> impl Future<Output = Option<io::Result<Option<Msg>>>>;
    /// The next one if there is one already.
    fn next_waiting(&mut self) -> Option<io::Result<Option<Msg>>>;
}

/// Waits until something happens, and returns all that has; `None` when there will be no more events. May be
/// dropped while it waits: nothing is lost.
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
    while messages.len() < MESSAGES_A_FRAME {
        if let Some(event) = events.next_waiting() {
            messages.extend(event?);
        } else if let Some(message) = session.next_waiting() {
            messages.push(message);
        } else {
            break;
        }
    }
    Ok(Some(messages))
}
