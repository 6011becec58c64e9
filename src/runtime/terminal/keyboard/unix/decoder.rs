//! Decodes the terminal's bytes into keys, pastes and responses, wherever reads split them.

use std::time::Duration;

use crate::app::{Key, KeyCode};
use crate::runtime::terminal::keyboard::responses;
use crate::runtime::terminal::keyboard::unix::frame::{Frame, frame};
use crate::runtime::terminal::keyboard::unix::input::Input;
use crate::runtime::terminal::keyboard::unix::sequences;

/// How long an Esc may be the start of a sequence. Terminals send sequences at once; people type more slowly.
const ESCAPE_TIMEOUT: Duration = Duration::from_millis(50);
/// How long to wait for the rest of a sequence.
const SEQUENCE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long to wait for more of a paste before it counts as complete.
const PASTE_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer pastes are truncated.
const MAX_PASTED_BYTES: usize = 32 * 1024 * 1024;

/// The same if the last byte is Ctrl-C: the end of the paste was lost. A pasted Ctrl-C is followed by more.
const BREAK_TIMEOUT: Duration = Duration::from_millis(200);
const CTRL_C: u8 = 0x03;

const PASTE_END: &[u8] = b"\x1b[201~";

/// Decodes bytes; keeps incomplete ones.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    pending: Vec<u8>,
    /// An incomplete paste.
    paste: Option<Vec<u8>>,
    /// The start of the last sequence that timed out. If it was a response over a slow line, its rest follows.
    cut: Vec<u8>,
}

impl Decoder {
    /// Adds bytes and returns the complete inputs.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Input> {
        let mut pending = std::mem::take(&mut self.pending);
        let cut = std::mem::take(&mut self.cut);
        if !cut.is_empty() && responses::is_response(&[&cut, bytes].concat()) {
            pending = cut;
        }
        pending.extend_from_slice(bytes);
        let (mut inputs, mut at) = (Vec::new(), 0);
        while at < pending.len() {
            let rest = &pending[at..];
            at += match &mut self.paste {
                Some(paste) => {
                    if let Some(end) = memchr::memmem::find(rest, PASTE_END) {
                        append(paste, &rest[..end]);
                        inputs.push(Input::Paste(text_of(self.paste.take().unwrap_or_default())));
                        end + PASTE_END.len()
                    } else {
                        // The end sequence may be split.
                        let whole = rest.len() - partial_end(rest);
                        append(paste, &rest[..whole]);
                        self.pending = rest[whole..].to_vec();
                        rest.len()
                    }
                }
                None => match frame(rest) {
                    (Frame::Incomplete, _) => {
                        self.pending = rest.to_vec();
                        rest.len()
                    }
                    (Frame::PasteBegins, len) => {
                        self.paste = Some(Vec::new());
                        len
                    }
                    (frame, len) => {
                        decode(&frame, &mut inputs);
                        len
                    }
                },
            };
        }
        inputs
    }

    /// Returns how long to wait for more bytes before [`Decoder::expire`]; `None` if nothing is incomplete.
    pub(super) fn timeout(&self) -> Option<Duration> {
        match (self.paste.as_deref(), &self.pending[..]) {
            (Some([.., CTRL_C]), []) => Some(BREAK_TIMEOUT),
            (Some(_), _) => Some(PASTE_TIMEOUT),
            (None, []) => None,
            (None, [0x1b] | [0x1b, _] | [0x1b, 0x1b, _]) => Some(ESCAPE_TIMEOUT),
            (None, _) => Some(SEQUENCE_TIMEOUT),
        }
    }

    /// Completes what is incomplete, after a timeout.
    pub(super) fn expire(&mut self) -> Vec<Input> {
        let mut inputs = Vec::new();
        let pending = std::mem::take(&mut self.pending);
        if let Some(mut paste) = self.paste.take() {
            append(&mut paste, &pending);
            let is_interrupted = paste.pop_if(|last| *last == CTRL_C).is_some();
            inputs.push(Input::Paste(text_of(paste)));
            if is_interrupted {
                decode(&Frame::Char(char::from(CTRL_C), false), &mut inputs);
            }
            return inputs;
        }
        if let [0x1b] | [0x1b, b'[' | b']', ..] = &pending[..] {
            self.cut.clone_from(&pending);
        }
        match &pending[..] {
            [0x1b] => decode(&Frame::Char('\x1b', false), &mut inputs),
            [0x1b, 0x1b] => {
                decode(&Frame::Char('\x1b', false), &mut inputs);
                decode(&Frame::Char('\x1b', false), &mut inputs);
            }
            [0x1b, byte] if byte.is_ascii() => decode(&Frame::Char(char::from(*byte), true), &mut inputs),
            // urxvt ends its responses with a single Esc.
            [body @ .., 0x1b] => decode(&Frame::String(body), &mut inputs),
            // An incomplete character or response.
            _ => {}
        }
        inputs
    }
}

fn decode(frame: &Frame<'_>, inputs: &mut Vec<Input>) {
    let input = match *frame {
        Frame::Char(c, alt) => sequences::character(c, alt).map(Input::Key),
        Frame::Sequence(sequence, alt) => sequences::decode(sequence, alt),
        Frame::Single(byte, modifiers, alt) => sequences::single(byte, modifiers, alt).map(Input::Key),
        Frame::Console(byte) => Some(Input::Key(Key::plain(KeyCode::F(byte - b'A' + 1)))),
        Frame::Mouse([button, x, y]) => {
            let place = |byte: u8| u16::from(byte).saturating_sub(32);
            sequences::mouse(place(button), place(x), place(y))
        }
        Frame::String(body) => responses::background(body).map(Input::Background),
        Frame::Ignored | Frame::Incomplete | Frame::PasteBegins => None,
    };
    let typed = match &input {
        Some(Input::Key(Key { code, ctrl: false, alt: false, shift: false })) => match code {
            KeyCode::Char(c) => Some(*c),
            KeyCode::Enter if matches!(frame, Frame::Char('\n', _)) => Some('\n'),
            KeyCode::Enter => Some('\r'),
            KeyCode::Tab => Some('\t'),
            _ => None,
        },
        _ => None,
    };
    match (typed, inputs.last_mut()) {
        (Some(c), Some(Input::Text(text))) => text.push(c),
        (Some(c), _) => inputs.push(Input::Text(c.into())),
        (None, _) => inputs.extend(input),
    }
}

/// Appends to a paste, up to the maximum size.
fn append(paste: &mut Vec<u8>, bytes: &[u8]) {
    let room = MAX_PASTED_BYTES.saturating_sub(paste.len());
    paste.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

/// Returns how many of the last bytes may be the start of the end sequence.
fn partial_end(bytes: &[u8]) -> usize {
    (1..PASTE_END.len()).rev().find(|len| bytes.ends_with(&PASTE_END[..*len])).unwrap_or(0)
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
