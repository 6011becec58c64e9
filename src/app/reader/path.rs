//! Paths into JSON in jq and `JSONPath` syntax: the path of a line, and the line of a path.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::app::reader::outline::Outline;
use crate::format::json::end_of_string;
use stepgate_core::domain::counted;

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(String),
    Item(usize),
}

/// Why a path has no line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Not a valid path.
    #[error("`{0}` is not a path; expected something like .items[3].name or [\"a name\"]")]
    Unreadable(String),
    /// A member or item does not exist.
    #[error("there is no {step} in {parent}, which has {has}")]
    Missing {
        /// The missing step.
        step: String,
        /// The path of its parent.
        parent: String,
        /// A description of the parent's contents.
        has: String,
    },
}

/// Returns the path of a line.
pub(in crate::app) fn of_line(outline: &Outline, text: &str, line: usize) -> String {
    let line = if outline.closes(line) { outline.get(line).map_or(line, |found| found.pair as usize) } else { line };
    let mut steps = Vec::new();
    let mut at = line;
    for parent in outline.ancestors(line) {
        steps.push(match key(outline, text, at) {
            Some(key) => Step::Member(key),
            None => Step::Item(outline.children(parent).take_while(|child| *child != at).count()),
        });
        at = parent;
    }
    path_text(steps.iter().rev())
}

/// Returns the path of a line with at most `most` steps, which are the last ones. `index` returns the index of an item in
/// its array.
pub(in crate::app) fn ending_of_line(
    outline: &Outline,
    text: &str,
    line: usize,
    most: usize,
    index: impl Fn(usize, usize) -> usize,
) -> String {
    let mut steps = Vec::new();
    let mut at = line;
    let mut ancestors = outline.ancestors(line);
    for parent in ancestors.by_ref().take(most) {
        steps.push(key(outline, text, at).map_or_else(|| Step::Item(index(parent, at)), Step::Member));
        at = parent;
    }
    let path = path_text(steps.iter().rev());
    if ancestors.next().is_some() { format!("…{path}") } else { path }
}

/// Returns the line of a path, or the last existing line on its way with an error.
pub(in crate::app) fn line_of(outline: &Outline, text: &str, path: &str) -> (usize, Result<(), PathError>) {
    let Some(steps) = parse(path) else { return (0, Err(PathError::Unreadable(path.to_owned()))) };
    let mut line = 0;
    for (index, step) in steps.iter().enumerate() {
        let found = match step {
            // The last of duplicate members counts, as in common parsers.
            Step::Member(name) => {
                outline.children(line).filter(|child| key(outline, text, *child).as_ref() == Some(name)).last()
            }
            Step::Item(number) => {
                outline.children(line).nth(*number).filter(|child| key(outline, text, *child).is_none())
            }
        };
        let Some(found) = found else {
            let step = path_text([step].into_iter());
            let parent = path_text(steps[..index].iter());
            return (line, Err(PathError::Missing { step, parent, has: contents(outline, text, line) }));
        };
        line = found;
    }
    (line, Ok(()))
}

/// Returns the member name on a line.
pub(in crate::app) fn key(outline: &Outline, text: &str, line: usize) -> Option<String> {
    name(outline, text, line).map(Cow::into_owned)
}

/// Returns the member name on a line, borrowed from the text unless it has escapes.
pub(in crate::app) fn name<'t>(outline: &Outline, text: &'t str, line: usize) -> Option<Cow<'t, str>> {
    if !outline.is_member(line, text) {
        return None;
    }
    let start = outline.range(line, text).start;
    let quoted = text.get(start..end_of_string(text.as_bytes(), start))?;
    match quoted.strip_prefix('"')?.strip_suffix('"')? {
        plain if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
        _ => serde_json::from_str(quoted).ok().map(Cow::Owned),
    }
}

/// Describes the contents of an object or array.
fn contents(outline: &Outline, text: &str, line: usize) -> String {
    const NAMED: usize = 5;
    let names: Vec<String> =
        outline.children(line).take(NAMED + 1).map_while(|child| key(outline, text, child)).collect();
    let count = outline.children(line).count();
    match (count, names.is_empty()) {
        (0, _) => "no members or items".to_owned(),
        (_, true) => counted(count, "item"),
        (_, false) => {
            let more = if names.len() > NAMED { ", …" } else { "" };
            format!("{}{more}", names[..names.len().min(NAMED)].join(", "))
        }
    }
}

fn path_text<'s>(steps: impl Iterator<Item = &'s Step>) -> String {
    let mut path = String::new();
    for step in steps {
        let is_word = |name: &str| {
            name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_ascii_digit())
        };
        // Writing to a string never fails.
        let _ = match step {
            Step::Member(name) if !name.is_empty() && is_word(name) => write!(path, ".{name}"),
            Step::Member(name) => write!(path, "[{}]", serde_json::Value::from(name.as_str())),
            Step::Item(number) => write!(path, "[{number}]"),
        };
    }
    match path.chars().next() {
        None => ".".to_owned(),
        Some('[') => format!(".{path}"),
        Some(_) => path,
    }
}

/// Parses a path such as `.a.b[3]["c d"]`, with an optional `$` or `.` in front.
fn parse(path: &str) -> Option<Vec<Step>> {
    let path = path.trim();
    let mut rest = path.strip_prefix('$').unwrap_or(path);
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if rest.starts_with("[\"") {
            let end = end_of_string(rest.as_bytes(), 1);
            let name = serde_json::from_str(rest.get(1..end)?).ok()?;
            steps.push(Step::Member(name));
            rest = rest[end..].strip_prefix(']')?;
        } else if let Some(inside) = rest.strip_prefix('[') {
            let (number, tail) = inside.split_once(']')?;
            steps.push(match number.parse() {
                Ok(number) => Step::Item(number),
                Err(_) => Step::Member(number.strip_prefix('\'')?.strip_suffix('\'')?.to_owned()),
            });
            rest = tail;
        } else {
            let word = rest.strip_prefix('.').unwrap_or(rest);
            let end = word.find(['.', '[']).unwrap_or(word.len());
            if end > 0 {
                steps.push(Step::Member(word[..end].to_owned()));
            } else if word.starts_with('.') {
                return None;
            }
            rest = &word[end..];
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"items":[{"a":1},{"a b":[true,{"注文":null}]}],"x":{},"a":1,"a":2}"#;

    #[test]
    fn every_line_has_a_path_that_leads_to_it() {
        let outline = Outline::from_json(TEXT);
        let paths: Vec<String> = (0..outline.len()).map(|line| of_line(&outline, TEXT, line)).collect();
        assert_eq!(paths[3], ".items[0].a");
        assert_eq!(paths[9], ".items[1][\"a b\"][1].注文");
        for (line, path) in paths.iter().enumerate().filter(|(line, _)| !outline.closes(*line)) {
            let (found, result) = line_of(&outline, TEXT, path);
            // Of two members with one name it is the last.
            let wanted = if *path == ".a" { outline.len() - 2 } else { line };
            assert_eq!((found, result), (wanted, Ok(())), "{path}");
        }
    }

    #[test]
    fn alternative_spellings_of_a_path_are_accepted() {
        let outline = Outline::from_json(TEXT);
        for path in ["$.items[1]['a b'][0]", "items[1][\"a b\"][0]", " .items[1]['a b'][0] "] {
            assert_eq!(line_of(&outline, TEXT, path), (7, Ok(())), "{path}");
        }
        for path in ["", ".", "$"] {
            assert_eq!(line_of(&outline, TEXT, path), (0, Ok(())), "{path}");
        }
    }

    #[test]
    fn a_wrong_path_is_reported_with_the_names_that_exist() {
        let outline = Outline::from_json(TEXT);
        let error = |path: &str| {
            let (line, result) = line_of(&outline, TEXT, path);
            (line, result.expect_err("an error").to_string())
        };
        assert_eq!(error(".items[7].a"), (1, "there is no .[7] in .items, which has 2 items".into()));
        assert_eq!(error(".item"), (0, "there is no .item in ., which has items, x, a, a".into()));
        assert_eq!(error(".x.y").1, "there is no .y in .x, which has no members or items");
        assert_eq!(error("..a").1, "`..a` is not a path; expected something like .items[3].name or [\"a name\"]");
        assert_eq!(error("[3").1, "`[3` is not a path; expected something like .items[3].name or [\"a name\"]");
    }
}
