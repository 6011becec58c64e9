//! Splits the terminal's bytes into frames: keys, responses and reports.

/// A unit of terminal input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    /// More bytes are needed.
    Incomplete,
    /// A character, possibly a control character, and whether Alt was held.
    Char(char, bool),
    /// A control sequence, and whether an Esc precedes it.
    Sequence(Sequence<'a>, bool),
    /// The key of an SS3 sequence, its modifier parameter, and whether an Esc precedes it.
    Single(u8, u16, bool),
    /// A function key of the Linux console: `A` to `E`.
    Console(u8),
    /// Button, column and row of the mouse, in the original X10 encoding.
    Mouse([u8; 3]),
    /// An OSC, DCS or APC string, with its introducer and without its terminator.
    String(&'a [u8]),
    /// The start of a bracketed paste.
    PasteBegins,
    /// Input without meaning.
    Ignored,
}

/// A control sequence (CSI).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sequence<'a> {
    /// All bytes before the last one.
    pub(super) parameters: &'a [u8],
    /// The final byte, which identifies the sequence.
    pub(super) last: u8,
}

const ESC: u8 = 0x1b;
const CTRL_C: u8 = 0x03;
const BEL: u8 = 0x07;
/// Longer than any sequence of a terminal.
const MAX_SEQUENCE: usize = 256;
/// Longer than any response of a terminal.
const MAX_STRING: usize = 256 * 1024;

/// Returns the first frame of at least one byte, and its length in bytes.
pub(super) fn frame(bytes: &[u8]) -> (Frame<'_>, usize) {
    match bytes {
        // rxvt and PuTTY report Alt as an Esc before a key's sequence.
        [] | [ESC] | [ESC, ESC] => (Frame::Incomplete, 0),
        [ESC, b'[', rest @ ..] => control_sequence(rest, 2, false),
        [ESC, b'O', rest @ ..] => single(rest, 2, false),
        [ESC, introducer @ (b']' | b'P' | b'_'), rest @ ..] => string(bytes, *introducer, rest),
        [ESC, ESC, b'[', rest @ ..] => control_sequence(rest, 3, true),
        [ESC, ESC, b'O', rest @ ..] => single(rest, 3, true),
        // Ctrl-C quits from anywhere, even right after an Esc.
        [ESC, ESC | CTRL_C, ..] => (Frame::Char('\x1b', false), 1),
        [ESC, rest @ ..] => match character(rest) {
            (Some(c), len) => (Frame::Char(c, true), len + 1),
            (None, 0) => (Frame::Incomplete, 0),
            (None, len) => (Frame::Ignored, len + 1),
        },
        _ => match character(bytes) {
            (Some(c), len) => (Frame::Char(c, false), len),
            (None, 0) => (Frame::Incomplete, 0),
            (None, len) => (Frame::Ignored, len),
        },
    }
}

/// Returns the first character and its length; length 0 if incomplete, no character if invalid.
fn character(bytes: &[u8]) -> (Option<char>, usize) {
    let first = &bytes[..bytes.len().min(4)];
    let (valid, error) = match std::str::from_utf8(first) {
        Ok(text) => (text, None),
        Err(error) => (std::str::from_utf8(&first[..error.valid_up_to()]).unwrap_or_default(), Some(error)),
    };
    match (valid.chars().next(), error) {
        (Some(c), _) => (Some(c), c.len_utf8()),
        (None, Some(error)) => (None, error.error_len().unwrap_or(0)),
        (None, None) => (None, 0),
    }
}

/// Parses a control sequence after its introducer, which has this length.
fn control_sequence(rest: &[u8], introducer: usize, alt: bool) -> (Frame<'_>, usize) {
    match rest {
        // Function keys of the Linux console have a format of their own.
        [b'[', byte @ b'A'..=b'E', ..] => return (Frame::Console(*byte), introducer + 2),
        [b'M', button, x, y, ..] => return (Frame::Mouse([*button, *x, *y]), introducer + 4),
        [b'['] | [b'M', ..] => return (Frame::Incomplete, 0),
        _ => {}
    }
    for (index, byte) in rest.iter().enumerate().take(MAX_SEQUENCE) {
        let parameters = &rest[..index];
        let is_number = !parameters.is_empty() && parameters.iter().all(u8::is_ascii_digit);
        match byte {
            // Final byte of rxvt's keys with shift, although the standard does not allow it.
            b'$' if is_number => {
                return (Frame::Sequence(Sequence { parameters, last: b'$' }, alt), introducer + index + 1);
            }
            0x20..=0x3f => {}
            b'~' if parameters == b"200" => return (Frame::PasteBegins, introducer + index + 1),
            0x40..=0x7e => {
                return (Frame::Sequence(Sequence { parameters, last: *byte }, alt), introducer + index + 1);
            }
            // The sequence was interrupted; the next frame starts here.
            _ => return (Frame::Ignored, introducer + index),
        }
    }
    if rest.len() < MAX_SEQUENCE { (Frame::Incomplete, 0) } else { (Frame::Ignored, introducer + MAX_SEQUENCE) }
}

/// Parses an SS3 sequence after its introducer; some terminals put modifiers before the key.
fn single(rest: &[u8], introducer: usize, alt: bool) -> (Frame<'_>, usize) {
    let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    match rest.get(digits) {
        None => (Frame::Incomplete, 0),
        Some(byte) if is_single(*byte) => {
            let modifiers = rest[..digits].rsplit(|byte| *byte == b';').next().and_then(number).unwrap_or(1);
            (Frame::Single(*byte, modifiers, alt), introducer + digits + 1)
        }
        // Alt-O.
        Some(_) => (Frame::Char('O', true), introducer),
    }
}

fn is_single(byte: u8) -> bool {
    matches!(byte, b'A'..=b'F' | b'H' | b'I' | b'M' | b'P'..=b'S' | b'X' | b'a'..=b'd' | b'j'..=b'y' | b' ')
}

/// Parses a string after its introducer, up to its terminator.
fn string<'a>(bytes: &'a [u8], introducer: u8, rest: &[u8]) -> (Frame<'a>, usize) {
    let Some(first) = rest.first() else { return (Frame::Incomplete, 0) };
    let is_string = match introducer {
        b']' => first.is_ascii_digit() || matches!(first, b'l' | b'L'),
        b'P' => first.is_ascii_digit() || matches!(first, b'>' | b'!' | b'$' | b'+' | b'='),
        _ => *first == b'G',
    };
    if !is_string {
        // A key with Alt.
        return (Frame::Char(char::from(introducer), true), 2);
    }
    let end = rest.iter().position(|byte| *byte < 0x20);
    let body = |end: usize| Frame::String(&bytes[..end + 2]);
    match end.map(|end| (end, &rest[end..])) {
        None if rest.len() > MAX_STRING => (Frame::Ignored, bytes.len()),
        None | Some((_, [ESC])) => (Frame::Incomplete, 0),
        Some((end, [ESC, b'\\', ..])) => (body(end), end + 4),
        // urxvt ends its responses with a single Esc.
        Some((end, [BEL, ..] | [ESC, ESC, ..])) => (body(end), end + 3),
        // The string was interrupted; the next frame starts here.
        Some((end, _)) => (body(end), end + 2),
    }
}

/// Parses decimal digits.
pub(super) fn number(digits: &[u8]) -> Option<u16> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
