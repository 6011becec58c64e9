//! The bytes of a terminal as keys, pastes and responses, wherever reads happen to cut them.

use std::time::Duration;

use crate::app::{Key, KeyCode};
use crate::runtime::keyboard::frame::{Frame, frame};
use crate::runtime::keyboard::input::Input;
use crate::runtime::keyboard::{responses, sequences};

/// How long an Esc may be the beginning of a sequence. Terminals send a sequence at once; people are slower.
const ESCAPE_PATIENCE: Duration = Duration::from_millis(50);
/// How long to wait for the rest of a sequence that has begun.
const SEQUENCE_PATIENCE: Duration = Duration::from_secs(1);
/// How long to wait for more of a paste before it counts as whole.
const PASTE_PATIENCE: Duration = Duration::from_secs(5);
/// More than this is pasted by nobody who looks at it; what goes beyond it is left out.
const MOST_PASTED_BYTES: usize = 32 * 1024 * 1024;

/// The same if Ctrl-C came last: the end of a paste was lost. A pasted Ctrl-C is followed by more.
const BREAK_PATIENCE: Duration = Duration::from_millis(200);
const CTRL_C: u8 = 0x03;

const PASTE_END: &[u8] = b"\x1b[201~";

/// What has been received, and is not complete yet.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    pending: Vec<u8>,
    /// A paste that has begun.
    paste: Option<Vec<u8>>,
    /// The beginning of a sequence that expired last. If it was a response that a slow line cut in two, its rest follows.
    cut: Vec<u8>,
}

impl Decoder {
    /// Takes bytes in, and returns what is complete.
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
                        keep(paste, &rest[..end]);
                        inputs.push(Input::Paste(text_of(self.paste.take().unwrap_or_default())));
                        end + PASTE_END.len()
                    } else {
                        // The end may be cut in two.
                        let whole = rest.len() - tail_of_end(rest);
                        keep(paste, &rest[..whole]);
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
                        take(&frame, &mut inputs);
                        len
                    }
                },
            };
        }
        inputs
    }

    /// How long to wait for more bytes before [`Decoder::expire`]; for ever if nothing has begun.
    pub(super) fn patience(&self) -> Option<Duration> {
        match (self.paste.as_deref(), &self.pending[..]) {
            (Some([.., CTRL_C]), []) => Some(BREAK_PATIENCE),
            (Some(_), _) => Some(PASTE_PATIENCE),
            (None, []) => None,
            (None, [0x1b] | [0x1b, _] | [0x1b, 0x1b, _]) => Some(ESCAPE_PATIENCE),
            (None, _) => Some(SEQUENCE_PATIENCE),
        }
    }

    /// No more bytes have come: what has begun is all there is of it.
    pub(super) fn expire(&mut self) -> Vec<Input> {
        let mut inputs = Vec::new();
        let pending = std::mem::take(&mut self.pending);
        if let Some(mut paste) = self.paste.take() {
            keep(&mut paste, &pending);
            let is_broken_off = paste.pop_if(|last| *last == CTRL_C).is_some();
            inputs.push(Input::Paste(text_of(paste)));
            if is_broken_off {
                take(&Frame::Char(char::from(CTRL_C), false), &mut inputs);
            }
            return inputs;
        }
        if let [0x1b] | [0x1b, b'[' | b']', ..] = &pending[..] {
            self.cut.clone_from(&pending);
        }
        match &pending[..] {
            [0x1b] => take(&Frame::Char('\x1b', false), &mut inputs),
            [0x1b, 0x1b] => {
                take(&Frame::Char('\x1b', false), &mut inputs);
                take(&Frame::Char('\x1b', false), &mut inputs);
            }
            [0x1b, byte] if byte.is_ascii() => take(&Frame::Char(char::from(*byte), true), &mut inputs),
            // urxvt ends its responses with an Esc alone.
            [body @ .., 0x1b] => take(&Frame::String(body), &mut inputs),
            // The beginning of a character or of a response; its rest is lost.
            _ => {}
        }
        inputs
    }
}

fn take(frame: &Frame<'_>, inputs: &mut Vec<Input>) {
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
        Frame::Nothing | Frame::Incomplete | Frame::PasteBegins => None,
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

/// Adds to a paste, up to what anybody pastes.
fn keep(paste: &mut Vec<u8>, bytes: &[u8]) {
    let room = MOST_PASTED_BYTES.saturating_sub(paste.len());
    paste.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

/// How many of the last bytes may be the beginning of a paste's end.
fn tail_of_end(bytes: &[u8]) -> usize {
    (1..PASTE_END.len()).rev().find(|len| bytes.ends_with(&PASTE_END[..*len])).unwrap_or(0)
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
