//! The keyboard on Unix: a thread reads the terminal's bytes and ends when the terminal is gone.

mod decoder;
mod frame;
mod input;
mod sequences;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io::{self, PipeReader, PipeWriter};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::app::{Key, KeyCode, Msg};
use crate::runtime::session::event_batch::Events;
use crate::runtime::terminal::keyboard::responses::Background;
use decoder::Decoder;
use input::Input;

/// Batches of input that may be queued.
const QUEUED_BATCHES: usize = 64;
/// More than a terminal returns per read.
const READ_BYTES: usize = 64 * 1024;
/// Reads of this size are a paste that the terminal does not mark; its pieces are joined.
const BURST_BYTES: usize = 1_024;
/// Maximum pause between the pieces of a paste.
const BURST_PAUSE: Duration = Duration::from_millis(20);
const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Reads the keyboard until it is paused.
pub(in crate::runtime) struct Keyboard {
    /// `None` while paused. Closing the pipe ends the thread.
    reader: Option<(PipeWriter, JoinHandle<()>)>,
    batches: mpsc::Receiver<Vec<Input>>,
    resizes: Signal,
    queued: VecDeque<Msg>,
    background: Option<Background>,
    /// Whether the terminal has responded to all queries.
    has_responded: bool,
}

impl Keyboard {
    pub(in crate::runtime) fn open() -> io::Result<Self> {
        let (end, stop) = io::pipe()?;
        let (sender, batches) = mpsc::channel(QUEUED_BATCHES);
        let thread = std::thread::Builder::new().name("keyboard".into()).spawn(move || read(&end, &sender))?;
        Ok(Self {
            reader: Some((stop, thread)),
            batches,
            resizes: signal(SignalKind::window_change())?,
            queued: VecDeque::new(),
            background: None,
            has_responded: false,
        })
    }

    /// Stops reading, so that another program can. Keeps what has been read.
    pub(in crate::runtime) async fn pause(&mut self) {
        let Some((stop, thread)) = self.reader.take() else { return };
        drop(stop);
        // The thread may be blocked on a full queue.
        while let Some(batch) = self.batches.recv().await {
            self.enqueue(batch);
        }
        let _ = thread.join();
    }

    /// Reads again after [`Keyboard::pause`].
    pub(in crate::runtime) fn resume(&mut self) -> io::Result<()> {
        let queued = std::mem::take(&mut self.queued);
        let (background, has_responded) = (self.background, self.has_responded);
        *self = Self { queued, background, has_responded, ..Self::open()? };
        Ok(())
    }

    /// Waits until the terminal has responded, or until the deadline. Keys are queued meanwhile.
    pub(in crate::runtime) async fn wait_for_responses(&mut self, deadline: Instant) {
        while !self.has_responded {
            match tokio::time::timeout_at(deadline, self.batches.recv()).await {
                Ok(Some(batch)) => self.enqueue(batch),
                // If the terminal is gone, the next read reports it.
                Ok(None) | Err(_) => return,
            }
        }
    }

    /// Returns the terminal's background, once for each response.
    pub(in crate::runtime) fn background(&mut self) -> Option<Background> {
        self.background.take()
    }

    fn enqueue(&mut self, batch: Vec<Input>) {
        for input in batch {
            let message = match input {
                Input::Key(key) => Msg::Key(key),
                Input::Text(text) => typed(&text),
                Input::Paste(text) => Msg::Paste(text),
                Input::Focused(focused) => Msg::Focused(focused),
                Input::Mouse(click, x, y) => Msg::Mouse(click, x, y),
                Input::Background(background) => {
                    self.background = Some(background);
                    continue;
                }
                Input::Attributes => {
                    self.has_responded = true;
                    continue;
                }
            };
            self.queued.push_back(message);
        }
    }
}

/// Returns a key for a single character, otherwise typed text.
fn typed(text: &str) -> Msg {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(c), None) => Msg::Key(Key::plain(match c {
            '\r' | '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            c => KeyCode::Char(c),
        })),
        // Some systems write a line break as two characters.
        _ => Msg::Typed(text.replace("\r\n", "\n").replace('\r', "\n")),
    }
}

impl Events for Keyboard {
    async fn next(&mut self) -> Option<io::Result<Option<Msg>>> {
        if let Some(message) = self.queued.pop_front() {
            return Some(Ok(Some(message)));
        }
        tokio::select! {
            batch = self.batches.recv() => {
                self.enqueue(batch?);
                Some(Ok(self.queued.pop_front()))
            }
            _ = self.resizes.recv() => Some(crossterm::terminal::size().map(|(x, y)| Some(Msg::Resized(x, y)))),
        }
    }

    fn next_queued(&mut self) -> Option<io::Result<Option<Msg>>> {
        if self.queued.is_empty() {
            let batch = self.batches.try_recv().ok()?;
            self.enqueue(batch);
        }
        Some(Ok(self.queued.pop_front()))
    }
}

/// Reads until the pipe is closed or the terminal is gone; then the channel closes.
fn read(end: &PipeReader, batches: &mpsc::Sender<Vec<Input>>) {
    let stdin = io::stdin();
    let (mut decoder, mut buffer) = (Decoder::default(), vec![0; READ_BYTES]);
    loop {
        let (batch, is_open) = match wait(&stdin, end, decoder.timeout()) {
            Waited::Paused => return,
            Waited::TimedOut => (decoder.expire(), true),
            Waited::Ready => read_burst(&stdin, end, &mut decoder, &mut buffer),
        };
        if !batch.is_empty() && batches.blocking_send(batch).is_err() || !is_open {
            return;
        }
    }
}

/// Reads the available bytes, and the whole of a burst. Also returns whether the terminal is still open.
fn read_burst(stdin: &io::Stdin, end: &PipeReader, decoder: &mut Decoder, buffer: &mut [u8]) -> (Vec<Input>, bool) {
    let mut bytes = Vec::new();
    loop {
        let is_open = match rustix::io::read(stdin, &mut *buffer) {
            Ok(0) => false,
            Ok(count) => {
                bytes.extend_from_slice(&buffer[..count]);
                true
            }
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => true,
            // The terminal is gone, or belongs to another session.
            Err(_) => false,
        };
        let is_burst = is_open && (BURST_BYTES..MAX_BATCH_BYTES).contains(&bytes.len());
        if !is_burst || !matches!(wait(stdin, end, Some(BURST_PAUSE)), Waited::Ready) {
            return (decoder.feed(&bytes), is_open);
        }
    }
}

enum Waited {
    /// Input is available, or the terminal is closed.
    Ready,
    TimedOut,
    /// The keyboard is paused.
    Paused,
}

fn wait(stdin: &io::Stdin, end: &PipeReader, timeout: Option<Duration>) -> Waited {
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    let mut sources = [PollFd::new(stdin, PollFlags::IN), PollFd::new(end, PollFlags::IN)];
    loop {
        match poll(&mut sources, timeout.as_ref()) {
            Ok(0) => return Waited::TimedOut,
            Err(rustix::io::Errno::INTR) => {}
            Ok(_) if !sources[1].revents().is_empty() => return Waited::Paused,
            // On an error, reading reports it.
            Ok(_) | Err(_) => return Waited::Ready,
        }
    }
}

/// Decodes bytes that arrive in these pieces, for the fuzz target.
pub fn decoded<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
    let mut decoder = Decoder::default();
    let mut inputs: Vec<Input> = Vec::new();
    let fed: Vec<_> = pieces.into_iter().flat_map(|piece| decoder.feed(piece)).collect();
    for input in fed.into_iter().chain(decoder.expire()) {
        match (&input, inputs.last_mut()) {
            (Input::Text(more), Some(Input::Text(text))) => text.push_str(more),
            _ => inputs.push(input),
        }
    }
    inputs.iter().map(|input| format!("{input:?}")).collect()
}
