//! Where one key, one response or one report of the terminal ends and the next begins.

/// The first of what the terminal has sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    /// It has begun; more bytes have to come.
    Incomplete,
    /// A character, control characters among them, and whether Alt was held.
    Char(char, bool),
    /// A control sequence, and whether an Esc came before it.
    Sequence(Sequence<'a>, bool),
    /// The key of a sequence of one byte (SS3), its modifiers as a parameter, and whether an Esc came before it.
    Single(u8, u16, bool),
    /// A function key of the Linux console: `A` to `E`.
    Console(u8),
    /// Button, column and row of the mouse, as the oldest terminals write them.
    Mouse([u8; 3]),
    /// A string for programs (OSC, DCS, APC), with its introducer and without its end.
    String(&'a [u8]),
    /// A pasted text begins.
    PasteBegins,
    /// Something that means nothing.
    Nothing,
}

/// A control sequence (CSI).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sequence<'a> {
    /// Its parameters and what else stands before the last byte.
    pub(super) parameters: &'a [u8],
    /// The byte that says what it is.
    pub(super) last: u8,
}

const ESC: u8 = 0x1b;
const CTRL_C: u8 = 0x03;
const BEL: u8 = 0x07;
/// No sequence of a terminal is longer.
const LONGEST_SEQUENCE: usize = 256;
/// No response that a terminal gives unasked is longer.
const LONGEST_STRING: usize = 256 * 1024;

/// The first frame of these bytes, of which there is at least one, and how many bytes it has.
pub(super) fn frame(bytes: &[u8]) -> (Frame<'_>, usize) {
    match bytes {
        // rxvt and PuTTY tell Alt by an Esc before the sequence of a key.
        [] | [ESC] | [ESC, ESC] => (Frame::Incomplete, 0),
        [ESC, b'[', rest @ ..] => control_sequence(rest, 2, false),
        [ESC, b'O', rest @ ..] => single(rest, 2, false),
        [ESC, introducer @ (b']' | b'P' | b'_'), rest @ ..] => string(bytes, *introducer, rest),
        [ESC, ESC, b'[', rest @ ..] => control_sequence(rest, 3, true),
        [ESC, ESC, b'O', rest @ ..] => single(rest, 3, true),
        // Ctrl-C quits from anywhere, also when it is typed right behind an Esc.
        [ESC, ESC | CTRL_C, ..] => (Frame::Char('\x1b', false), 1),
        [ESC, rest @ ..] => match character(rest) {
            (Some(c), len) => (Frame::Char(c, true), len + 1),
            (None, 0) => (Frame::Incomplete, 0),
            (None, len) => (Frame::Nothing, len + 1),
        },
        _ => match character(bytes) {
            (Some(c), len) => (Frame::Char(c, false), len),
            (None, 0) => (Frame::Incomplete, 0),
            (None, len) => (Frame::Nothing, len),
        },
    }
}

/// The first character and its bytes; none of 0 bytes if it is not complete, of more if it is none.
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

/// A control sequence behind its introducer, which has so many bytes.
fn control_sequence(rest: &[u8], introducer: usize, alt: bool) -> (Frame<'_>, usize) {
    match rest {
        // The Linux console writes its function keys as no other sequence is written.
        [b'[', byte @ b'A'..=b'E', ..] => return (Frame::Console(*byte), introducer + 2),
        [b'M', button, x, y, ..] => return (Frame::Mouse([*button, *x, *y]), introducer + 4),
        [b'['] | [b'M', ..] => return (Frame::Incomplete, 0),
        _ => {}
    }
    for (index, byte) in rest.iter().enumerate().take(LONGEST_SEQUENCE) {
        let parameters = &rest[..index];
        let is_number = !parameters.is_empty() && parameters.iter().all(u8::is_ascii_digit);
        match byte {
            // Last byte of rxvt's keys with shift, which the standard does not allow there.
            b'$' if is_number => {
                return (Frame::Sequence(Sequence { parameters, last: b'$' }, alt), introducer + index + 1);
            }
            0x20..=0x3f => {}
            b'~' if parameters == b"200" => return (Frame::PasteBegins, introducer + index + 1),
            0x40..=0x7e => {
                return (Frame::Sequence(Sequence { parameters, last: *byte }, alt), introducer + index + 1);
            }
            // It was broken off; what comes now is something else.
            _ => return (Frame::Nothing, introducer + index),
        }
    }
    if rest.len() < LONGEST_SEQUENCE { (Frame::Incomplete, 0) } else { (Frame::Nothing, introducer + LONGEST_SEQUENCE) }
}

/// A sequence of one byte behind its introducer; some terminals put modifiers before the byte.
fn single(rest: &[u8], introducer: usize, alt: bool) -> (Frame<'_>, usize) {
    let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    match rest.get(digits) {
        None => (Frame::Incomplete, 0),
        Some(byte) if is_single(*byte) => {
            let modifiers = rest[..digits].rsplit(|byte| *byte == b';').next().and_then(number).unwrap_or(1);
            (Frame::Single(*byte, modifiers, alt), introducer + digits + 1)
        }
        // Alt and a capital O.
        Some(_) => (Frame::Char('O', true), introducer),
    }
}

fn is_single(byte: u8) -> bool {
    matches!(byte, b'A'..=b'F' | b'H' | b'I' | b'M' | b'P'..=b'S' | b'X' | b'a'..=b'd' | b'j'..=b'y' | b' ')
}

/// A string behind its introducer, up to the byte that ends it.
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
        None if rest.len() > LONGEST_STRING => (Frame::Nothing, bytes.len()),
        None | Some((_, [ESC])) => (Frame::Incomplete, 0),
        Some((end, [ESC, b'\\', ..])) => (body(end), end + 4),
        // urxvt ends its responses with an Esc alone.
        Some((end, [BEL, ..] | [ESC, ESC, ..])) => (body(end), end + 3),
        // It was broken off; what comes now is something else.
        Some((end, _)) => (body(end), end + 2),
    }
}

/// A number of decimal digits.
pub(super) fn number(digits: &[u8]) -> Option<u16> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
