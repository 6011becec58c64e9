//! The keyboard of Windows: events of its console, read by a task of their own.

use std::io;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::app::Msg;
use crate::runtime::event_batch::Events;
use crate::runtime::keyboard::Background;
use crate::runtime::keyboard::terminal_event::message;

/// Events that may wait; a pasted text is one of them.
const WAITING_EVENTS: usize = 256;
/// Terminals that answer at all answer within this.
const BACKGROUND_DEADLINE: Duration = Duration::from_millis(500);

/// Reads the keyboard until it is put away.
///
/// A task and a channel, since `EventStream` cannot be looked at without waiting: polled once without
/// a real waker it forgets to wake the loop for the next key.
pub(in crate::runtime) struct Keyboard {
    /// `None` once it has been put away.
    task: Option<JoinHandle<()>>,
    events: mpsc::Receiver<io::Result<Event>>,
    background: Option<Background>,
}

impl Keyboard {
    #[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
    pub(in crate::runtime) fn open() -> io::Result<Self> {
        let mut options = terminal_colorsaurus::QueryOptions::default();
        options.timeout = BACKGROUND_DEADLINE;
        let background = match terminal_colorsaurus::theme_mode(options) {
            Ok(terminal_colorsaurus::ThemeMode::Light) => Some(Background::Light),
            _ => None,
        };
        let (task, events) = listen();
        Ok(Self { task: Some(task), events, background })
    }

    /// Stops reading, so that another program can.
    pub(in crate::runtime) async fn put_away(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            // The stream is dropped, and its thread with it, when the task is over.
            let _ = task.await;
        }
    }

    /// Reads again after [`Keyboard::put_away`].
    #[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
    pub(in crate::runtime) fn take_up(&mut self) -> io::Result<()> {
        let (task, events) = listen();
        (self.task, self.events) = (Some(task), events);
        Ok(())
    }

    /// The console was asked when the keyboard was opened.
    #[expect(clippy::unused_async, clippy::unused_self, reason = "as on Unix")]
    pub(in crate::runtime) async fn wait_for_answers(&mut self, _: Instant) {}

    /// The background if it has been told since the last time.
    pub(in crate::runtime) fn background(&mut self) -> Option<Background> {
        self.background.take()
    }
}

fn listen() -> (JoinHandle<()>, mpsc::Receiver<io::Result<Event>>) {
    let (sender, events) = mpsc::channel(WAITING_EVENTS);
    let task = tokio::spawn(async move {
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

    fn next_waiting(&mut self) -> Option<io::Result<Option<Msg>>> {
        self.events.try_recv().ok().map(|event| event.map(message))
    }
}
