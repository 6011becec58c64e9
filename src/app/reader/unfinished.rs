//! The path at the end of an unfinished jq filter: the steps from the text to the name that is being typed.

use crate::format::json::end_of_string;

/// The notation of a name that needs quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Notation {
    /// `."a b"`.
    Jq,
    /// `.["a b"]`.
    Path,
}

/// A step of the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Member(String),
    Item(usize),
    /// Every item or member.
    Each,
}

/// The quote before the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    /// `.na`.
    None,
    /// `."na`.
    AfterDot,
    /// `["na`.
    InBrackets,
}

/// An unfinished path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unfinished {
    /// The steps before the name.
    pub(super) steps: Vec<Step>,
    /// The name as typed so far.
    pub(super) typed: String,
    /// The quote before it.
    pub(super) quote: Quote,
    /// The offset of the name with its quote.
    pub(super) start: usize,
}

/// What an expression between two pipes is applied to, and what it yields.
#[derive(Debug, Clone, Default)]
struct Part {
    /// The path of what it is applied to; `None` if unknown.
    base: Option<Vec<Step>>,
    /// Its own path.
    path: Vec<Step>,
    /// Whether it is more than a path, so that its result is unknown.
    is_complex: bool,
}

impl Part {
    fn applied_to(base: Option<Vec<Step>>) -> Self {
        Self { base, ..Self::default() }
    }

    /// Returns the path of its result.
    fn result(self) -> Option<Vec<Step>> {
        let mut base = self.base.filter(|_| !self.is_complex)?;
        base.extend(self.path);
        Some(base)
    }
}

/// The innermost open parenthesis, with what is around it.
struct Frame {
    around: Part,
    /// Whether the parenthesis yields what it is applied to: `select(…)`.
    is_filter: bool,
}

/// Returns the path at the end of a filter, unless the end is not in a path, or what it is applied to is unknown.
pub(super) fn unfinished(text: &str) -> Option<Unfinished> {
    let bytes = text.as_bytes();
    let mut part = Part::applied_to(Some(Vec::new()));
    let mut frames: Vec<Frame> = Vec::new();
    let (mut at, mut word) = (0, "");
    // Whether the path may continue at `at`.
    let mut is_open = false;
    while let Some(byte) = bytes.get(at) {
        let last_word = std::mem::take(&mut word);
        match byte {
            b'.' | b'[' if *byte == b'.' || is_open => {
                if !is_open {
                    part.is_complex |= !part.path.is_empty();
                    part.path.clear();
                }
                is_open = true;
                let (step, end) = match step(text, at, &part)? {
                    Found::Name(name) => return Some(name),
                    Found::Step(step, end) => (step, end),
                };
                part.path.extend(step);
                at = end;
                continue;
            }
            b'?' => {}
            b'|' if bytes.get(at + 1) != Some(&b'=') => {
                part = Part::applied_to(std::mem::take(&mut part).result());
                is_open = false;
            }
            b'(' | b'[' | b'{' => {
                let mut base = part.base.clone();
                let is_each = last_word.starts_with("map") || last_word.ends_with("_by");
                if let Some(base) = base.as_mut().filter(|_| is_each) {
                    base.push(Step::Each);
                }
                let around = std::mem::replace(&mut part, Part::applied_to(base));
                frames.push(Frame { around, is_filter: last_word == "select" });
                is_open = false;
            }
            b')' | b']' | b'}' => {
                let Frame { around, is_filter } = frames.pop()?;
                part = Part { is_complex: around.is_complex || !is_filter, ..around };
                is_open = false;
            }
            b'"' => {
                at = closed_string(bytes, at)?;
                (part.is_complex, is_open) = (true, false);
                continue;
            }
            b' ' | b'\n' | b'\t' => is_open = false,
            _ if is_name(text, at) => {
                let end = end_of_name(text, at);
                word = &text[at..end];
                part.is_complex |= word != "select";
                (at, is_open) = (end, false);
                continue;
            }
            _ => {
                part.is_complex = true;
                part.path.clear();
                is_open = false;
            }
        }
        at += text[at..].chars().next().map_or(1, char::len_utf8);
    }
    None
}

enum Found {
    /// A step, unless it is the dot before a bracket, and its end.
    Step(Option<Step>, usize),
    /// The name at the end of the text.
    Name(Unfinished),
}

/// Reads the step that begins with a dot or a bracket; `None` if it is no path.
fn step(text: &str, at: usize, part: &Part) -> Option<Found> {
    let bytes = text.as_bytes();
    let name = |typed: &str, quote, start| {
        let mut steps = part.base.clone()?;
        steps.extend(part.path.iter().cloned());
        Some(Found::Name(Unfinished { steps, typed: typed.to_owned(), quote, start }))
    };
    let next = at + 1;
    if bytes[at] == b'.' {
        return match bytes.get(next) {
            Some(b'"') => match closed_string(bytes, next) {
                Some(end) => Some(Found::Step(Some(Step::Member(member(&text[next..end])?)), end)),
                None => name(&text[next + 1..], Quote::AfterDot, next),
            },
            Some(b'.') => None,
            // A dot alone is the value itself.
            Some(_) if !is_name(text, next) && !bytes[next].is_ascii_digit() => Some(Found::Step(None, next)),
            _ => match end_of_name(text, next) {
                end if end == text.len() => name(&text[next..], Quote::None, next),
                end => Some(Found::Step(Some(Step::Member(text[next..end].to_owned())), end)),
            },
        };
    }
    if bytes.get(next) == Some(&b'"') {
        return match closed_string(bytes, next) {
            Some(end) if bytes.get(end) == Some(&b']') => {
                Some(Found::Step(Some(Step::Member(member(&text[next..end])?)), end + 1))
            }
            Some(_) => None,
            None => name(&text[next + 1..], Quote::InBrackets, next),
        };
    }
    let (inside, _) = text[next..].split_once(']')?;
    let step = match inside.trim() {
        "" => Step::Each,
        index => index.parse().map_or(Step::Each, Step::Item),
    };
    Some(Found::Step(Some(step), next + inside.len() + 1))
}

/// Returns the end of a string that begins at a quote, if it has one.
fn closed_string(bytes: &[u8], at: usize) -> Option<usize> {
    let end = end_of_string(bytes, at);
    (end > at + 1 && end <= bytes.len() && bytes[end - 1] == b'"' && !is_escaped(bytes, end - 1)).then_some(end)
}

/// Returns whether an odd number of backslashes precedes a byte.
fn is_escaped(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

fn member(quoted: &str) -> Option<String> {
    serde_json::from_str(quoted).ok()
}

fn is_name(text: &str, at: usize) -> bool {
    text[at..].starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$')
}

fn end_of_name(text: &str, at: usize) -> usize {
    text[at..].find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).map_or(text.len(), |length| at + length)
}
