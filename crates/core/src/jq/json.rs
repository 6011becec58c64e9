//! Parses JSON into jaq's values, with the notation of every number: jaq itself reads -0 as 0, and accepts more than JSON.

use jaq_json::{Map, Num, Val};
use serde::de::IgnoredAny;

/// Returns the value; `None` if the text is not JSON. Recurses as deep as the text is nested.
pub(super) fn parse(text: &str) -> Option<Val> {
    // Afterwards the text is known to be valid.
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    Parser { text, at: 0 }.value()
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    /// Returns the next character that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        self.text.as_bytes().get(self.at).copied()
    }

    /// Consumes a character if it is next.
    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self) -> Option<Val> {
        match self.peek()? {
            b'{' => {
                self.at += 1;
                let mut members = Map::default();
                while !self.eat(b'}') {
                    self.eat(b',');
                    let name = self.string()?;
                    self.eat(b':');
                    members.insert(name, self.value()?);
                }
                Some(Val::obj(members))
            }
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                while !self.eat(b']') {
                    self.eat(b',');
                    items.push(self.value()?);
                }
                Some(Val::Arr(items.into()))
            }
            b'"' => self.string(),
            _ => Some(scalar(self.token(|byte| b",]} \t\r\n".contains(&byte)))),
        }
    }

    /// Returns the text up to a character.
    fn token(&mut self, is_end: impl Fn(u8) -> bool) -> &str {
        let rest = &self.text[self.at..];
        let length = rest.bytes().position(is_end).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn string(&mut self) -> Option<Val> {
        self.peek()?;
        let rest = &self.text[self.at..];
        let bytes = rest.as_bytes();
        let mut end = 1;
        while *bytes.get(end)? != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        self.at += end + 1;
        let content: String = serde_json::from_str(&rest[..=end]).ok()?;
        Some(Val::utf8_str(content.into_bytes()))
    }
}

fn scalar(token: &str) -> Val {
    match token {
        "null" => Val::Null,
        "true" => Val::Bool(true),
        "false" => Val::Bool(false),
        // As an integer it would lose its sign.
        number if number.contains(['.', 'e', 'E']) || number == "-0" => Val::Num(Num::Dec(number.to_owned().into())),
        number => Num::from_str_radix(number, 10).map_or(Val::Null, Val::Num),
    }
}
