//! The keyboard on Windows: a task reads the events of the console.

mod terminal_event;

use std::io;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::app::Msg;
use crate::runtime::session::event_batch::Events;
use crate::runtime::terminal::keyboard::Background;
use stepgate_core::task;
use terminal_event::message;

/// Events that may be queued; a paste is one event.
const QUEUED_EVENTS: usize = 256;
/// How long to wait for the response with the background.
const BACKGROUND_TIMEOUT: Duration = Duration::from_millis(500);

/// Reads the keyboard until it is paused.
///
/// Uses a task and a channel, because `EventStream` cannot be polled without waiting: polled once without a real waker,
/// it does not wake the loop for the next key.
pub(in crate::runtime) struct Keyboard {
    /// `None` while paused.
    task: Option<JoinHandle<()>>,
    events: mpsc::Receiver<io::Result<Event>>,
    background: Option<Background>,
}

impl Keyboard {
    #[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
    pub(in crate::runtime) fn open() -> io::Result<Self> {
        let mut options = terminal_colorsaurus::QueryOptions::default();
        options.timeout = BACKGROUND_TIMEOUT;
        let background = match terminal_colorsaurus::theme_mode(options) {
            Ok(terminal_colorsaurus::ThemeMode::Light) => Some(Background::Light),
            _ => None,
        };
        let (task, events) = listen();
        Ok(Self { task: Some(task), events, background })
    }

    /// Stops reading, so that another program can.
    pub(in crate::runtime) async fn pause(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            // The end of the task drops the stream and its thread.
            let _ = task.await;
        }
    }

    /// Reads again after [`Keyboard::pause`].
    #[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
    pub(in crate::runtime) fn resume(&mut self) -> io::Result<()> {
        let (task, events) = listen();
        (self.task, self.events) = (Some(task), events);
        Ok(())
    }

    /// The console was queried when the keyboard was opened.
    #[expect(clippy::unused_async, clippy::unused_self, reason = "as on Unix")]
    pub(in crate::runtime) async fn wait_for_responses(&mut self, _: Instant) {}

    /// Returns the terminal's background, once.
    pub(in crate::runtime) fn background(&mut self) -> Option<Background> {
        self.background.take()
    }
}

fn listen() -> (JoinHandle<()>, mpsc::Receiver<io::Result<Event>>) {
    let (sender, events) = mpsc::channel(QUEUED_EVENTS);
    let task = task::spawn(async move {
        let mut stream = EventStream::new();
        while let Some(event) = stream.next().await {
            if sender.send(event).await.is_err() {
                return;
            }
        }
    });
    (task, events)
}

impl Events for Keyboard {
    async fn next(&mut self) -> Option<io::Result<Option<Msg>>> {
        self.events.recv().await.map(|event| event.map(message))
    }

    fn next_queued(&mut self) -> Option<io::Result<Option<Msg>>> {
        self.events.try_recv().ok().map(|event| event.map(message))
    }
}
