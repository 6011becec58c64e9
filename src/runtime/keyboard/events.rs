//! The keyboard: terminal events, read by a task of their own.

use std::io;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::app::Msg;
use crate::runtime::input::message;
use crate::runtime::turn::Events;

/// Events that may wait; a pasted text is one of them.
const WAITING_EVENTS: usize = 256;

/// Reads the keyboard until it is put away.
///
/// A task and a channel, since `EventStream` cannot be looked at without waiting: polled once without
/// a real waker it forgets to wake the loop for the next key.
pub(super) struct Keyboard {
    /// `None` once it has been put away.
    task: Option<JoinHandle<()>>,
    events: mpsc::Receiver<io::Result<Event>>,
}

impl Keyboard {
    pub(super) fn open() -> Self {
        let (sender, events) = mpsc::channel(WAITING_EVENTS);
        let task = tokio::spawn(async move {
            let mut stream = EventStream::new();
            while let Some(event) = stream.next().await {
                if sender.send(event).await.is_err() {
                    return;
                }
            }
        });
        Self { task: Some(task), events }
    }

    /// Stops reading, so that somebody else can.
    pub(super) async fn put_away(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            // The stream is dropped, and its thread with it, when the task is over.
            let _ = task.await;
        }
    }
}

impl Events for Keyboard {
    async fn next(&mut self) -> Option<io::Result<Option<Msg>>> {
        self.events.recv().await.map(|event| event.map(message))
    }

    fn next_waiting(&mut self) -> Option<io::Result<Option<Msg>>> {
        self.events.try_recv().ok().map(|event| event.map(message))
    }
}
