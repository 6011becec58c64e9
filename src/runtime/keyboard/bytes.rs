//! The keyboard of Unix: a thread reads the terminal's bytes, and ends when the terminal is gone.

use std::collections::VecDeque;
use std::io::{self, PipeReader, PipeWriter};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::app::{Key, KeyCode, Msg};
use crate::runtime::event_batch::Events;
use crate::runtime::keyboard::decoder::Decoder;
use crate::runtime::keyboard::input::Input;
use crate::runtime::keyboard::responses::Background;

/// Batches of input that may wait.
const WAITING_BATCHES: usize = 64;
/// A terminal hands out less than this at once.
const READ_BYTES: usize = 64 * 1024;
/// From this many bytes on it is no typing: a paste that the terminal does not mark. Its pieces are put together.
const BURST_BYTES: usize = 1_024;
/// How soon the next piece of a paste comes.
const BURST_PAUSE: Duration = Duration::from_millis(20);
/// The most bytes of one batch.
const MOST_BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Reads the keyboard until it is put away.
pub(in crate::runtime) struct Keyboard {
    /// `None` once it has been put away. Closing its pipe ends the thread.
    reader: Option<(PipeWriter, JoinHandle<()>)>,
    batches: mpsc::Receiver<Vec<Input>>,
    resizes: Signal,
    /// What has come and was not asked for yet.
    ready: VecDeque<Msg>,
    background: Option<Background>,
    /// Whether the terminal has answered all that it was asked.
    has_answered: bool,
}

impl Keyboard {
    pub(in crate::runtime) fn open() -> io::Result<Self> {
        let (end, stop) = io::pipe()?;
        let (sender, batches) = mpsc::channel(WAITING_BATCHES);
        let thread = std::thread::Builder::new().name("keyboard".into()).spawn(move || read(&end, &sender))?;
        Ok(Self {
            reader: Some((stop, thread)),
            batches,
            resizes: signal(SignalKind::window_change())?,
            ready: VecDeque::new(),
            background: None,
            has_answered: false,
        })
    }

    /// Stops reading, so that another program can. What has been read is kept.
    pub(in crate::runtime) async fn put_away(&mut self) {
        let Some((stop, thread)) = self.reader.take() else { return };
        drop(stop);
        // The thread may be waiting for room.
        while let Some(batch) = self.batches.recv().await {
            self.take(batch);
        }
        let _ = thread.join();
    }

    /// Reads again after [`Keyboard::put_away`].
    pub(in crate::runtime) fn take_up(&mut self) -> io::Result<()> {
        let ready = std::mem::take(&mut self.ready);
        let (background, has_answered) = (self.background, self.has_answered);
        *self = Self { ready, background, has_answered, ..Self::open()? };
        Ok(())
    }

    /// Waits until the terminal has answered, at most until then. Keys that are typed meanwhile are kept.
    pub(in crate::runtime) async fn wait_for_answers(&mut self, deadline: Instant) {
        while !self.has_answered {
            match tokio::time::timeout_at(deadline, self.batches.recv()).await {
                Ok(Some(batch)) => self.take(batch),
                // That the terminal is gone is noticed by whoever asks for the next key.
                Ok(None) | Err(_) => return,
            }
        }
    }

    /// The background if the terminal has told it since the last time.
    pub(in crate::runtime) fn background(&mut self) -> Option<Background> {
        self.background.take()
    }

    fn take(&mut self, batch: Vec<Input>) {
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
                    self.has_answered = true;
                    continue;
                }
            };
            self.ready.push_back(message);
        }
    }
}

/// A single character is a key; more are typed in a row.
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
        if let Some(message) = self.ready.pop_front() {
            return Some(Ok(Some(message)));
        }
        tokio::select! {
            batch = self.batches.recv() => {
                self.take(batch?);
                Some(Ok(self.ready.pop_front()))
            }
            _ = self.resizes.recv() => Some(crossterm::terminal::size().map(|(x, y)| Some(Msg::Resized(x, y)))),
        }
    }

    fn next_waiting(&mut self) -> Option<io::Result<Option<Msg>>> {
        if self.ready.is_empty() {
            let batch = self.batches.try_recv().ok()?;
            self.take(batch);
        }
        Some(Ok(self.ready.pop_front()))
    }
}

/// Reads until the pipe is closed or the terminal is gone, which closes the channel.
fn read(end: &PipeReader, batches: &mpsc::Sender<Vec<Input>>) {
    let stdin = io::stdin();
    let (mut decoder, mut buffer) = (Decoder::default(), vec![0; READ_BYTES]);
    loop {
        let (batch, goes_on) = match wait(&stdin, end, decoder.patience()) {
            Waited::Ended => return,
            Waited::Expired => (decoder.expire(), true),
            Waited::Ready => read_burst(&stdin, end, &mut decoder, &mut buffer),
        };
        if !batch.is_empty() && batches.blocking_send(batch).is_err() || !goes_on {
            return;
        }
    }
}

/// Reads what is there, and all of it if it is much; and whether the terminal is still there.
fn read_burst(stdin: &io::Stdin, end: &PipeReader, decoder: &mut Decoder, buffer: &mut [u8]) -> (Vec<Input>, bool) {
    let mut bytes = Vec::new();
    loop {
        let goes_on = match rustix::io::read(stdin, &mut *buffer) {
            Ok(0) => false,
            Ok(count) => {
                bytes.extend_from_slice(&buffer[..count]);
                true
            }
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => true,
            // The terminal is gone, or is another session's now.
            Err(_) => false,
        };
        let is_burst = goes_on && (BURST_BYTES..MOST_BATCH_BYTES).contains(&bytes.len());
        if !is_burst || !matches!(wait(stdin, end, Some(BURST_PAUSE)), Waited::Ready) {
            return (decoder.feed(&bytes), goes_on);
        }
    }
}

enum Waited {
    /// There is something to read, or nothing more will come.
    Ready,
    /// Nothing has come in time.
    Expired,
    /// The keyboard is put away.
    Ended,
}

fn wait(stdin: &io::Stdin, end: &PipeReader, patience: Option<Duration>) -> Waited {
    let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
    let mut sources = [PollFd::new(stdin, PollFlags::IN), PollFd::new(end, PollFlags::IN)];
    loop {
        match poll(&mut sources, patience.as_ref()) {
            Ok(0) => return Waited::Expired,
            Err(rustix::io::Errno::INTR) => {}
            Ok(_) if !sources[1].revents().is_empty() => return Waited::Ended,
            // Reading tells what is wrong, if that is why.
            Ok(_) | Err(_) => return Waited::Ready,
        }
    }
}
