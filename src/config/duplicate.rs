//! Names the key in the parser's error about a key that occurs twice.

use std::ops::Range;

use toml::de::DeTable;

use crate::config::error::ConfigError;
use crate::config::section::Reader;
use stepgate_core::domain::toml_key;

/// Returns the error with its key and the line where the key occurs first; `None` if the error is another one.
pub(super) fn named(
    reader: &Reader<'_>,
    table: &DeTable<'_>,
    text: &str,
    error: &toml::de::Error,
) -> Option<ConfigError> {
    let span = error.span().filter(|_| error.message().contains("duplicate key"))?;
    let line = reader.line(&span);
    let written = text.get(span.clone())?;
    let mut path = tables_before(text, &span);
    path.extend(parts(written));
    let name = path.iter().map(|key| toml_key(key)).collect::<Vec<_>>().join(".");
    let key = path.last()?;
    // The two keys of an inline table are in the same line.
    let first = first_place(table, &path).filter(|first| *first < span.start).map(|first| reader.line(&(first..first)));
    let first = first.or_else(|| first_header(text, &path).filter(|first| *first < line));
    let first = first.map(|first| format!("; it is already on line {first}")).unwrap_or_default();
    let message = format!("`{key}` occurs twice{first}");
    Some(ConfigError { line: Some(line), key: name.clone(), message, suggestion: None })
}

/// Returns the path of the table that a key is in, by the last header before it.
fn tables_before(text: &str, span: &Range<usize>) -> Vec<String> {
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let before = text.get(start..span.start).unwrap_or_default();
    // In a header, only the parts before the key belong to its path.
    if let Some(header) = before.trim_start().strip_prefix('[') {
        return parts(header.trim_start_matches('['));
    }
    let header = text[..start].lines().rev().find_map(|line| line.trim_start().strip_prefix('['));
    let header = header.and_then(|header| header.trim_start_matches('[').rsplit_once(']')).map(|(header, _)| header);
    let mut path = header.map(|header| parts(header.trim_end_matches(']'))).unwrap_or_default();
    path.extend(inline_tables(before));
    path
}

/// Returns the path of the inline tables that are open at the end of a line's beginning, and of a dotted key there.
fn inline_tables(before: &str) -> Vec<String> {
    let (mut open, mut key, mut name, mut quote): (Vec<Vec<String>>, _, _, _) = (Vec::new(), String::new(), None, None);
    for c in before.chars() {
        match (quote, c) {
            (Some(mark), _) if mark == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '=') => name = Some(std::mem::take(&mut key)),
            (None, '{') => open.push(parts(&name.take().unwrap_or_default())),
            (None, '}') => drop(open.pop()),
            (None, ',') => key.clear(),
            _ => {}
        }
        if !(quote.is_none() && matches!(c, '=' | '{' | '}' | ',')) {
            key.push(c);
        }
        if c == '{' && quote.is_none() {
            key.clear();
        }
    }
    let mut path: Vec<String> = open.concat();
    path.extend(parts(&key));
    path
}

/// Splits a dotted key, whose parts may be quoted.
fn parts(key: &str) -> Vec<String> {
    let (mut found, mut part, mut quote) = (Vec::new(), String::new(), None);
    for c in key.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '.' => found.push(std::mem::take(&mut part)),
            None if c.is_whitespace() => {}
            _ => part.push(c),
        }
    }
    found.push(part);
    found.retain(|part| !part.is_empty());
    found
}

/// Returns the place of the first occurrence.
fn first_place(table: &DeTable<'_>, path: &[String]) -> Option<usize> {
    let (name, rest) = path.split_first()?;
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == name)?;
    match rest {
        [] => Some(key.span().start),
        rest => first_place(value.get_ref().as_table()?, rest),
    }
}

/// Returns the line of the first header of this table. The table itself has the place of the last one.
fn first_header(text: &str, path: &[String]) -> Option<usize> {
    let header = |line: &str| Some(parts(line.trim_start().strip_prefix('[')?.rsplit_once(']')?.0));
    text.lines().position(|line| header(line).is_some_and(|header| header == path)).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_its_table_and_its_first_line_are_named() {
        for (text, line, key, first) in [
            ("a = 1\na = 2\n", 2, "a", 1),
            ("[endpoints.e]\nurl = \"x\"\nurl = \"y\"\n", 3, "endpoints.e.url", 2),
            ("[endpoints.e]\nurl = \"x\"\n\"url\" = \"y\"\n", 3, "endpoints.e.url", 2),
            ("[machines.\"a.b\"]\n\n[machines.\"a.b\"]\n", 3, "machines.\"a.b\"", 1),
            ("[e]\nx = 1\n[m]\nx = { a = 1, a = 2 }\n", 4, "m.x.a", 4),
            ("[m]\nx = { b = { a = 1, \"a\" = 2 } }\n", 2, "m.x.b.a", 2),
            ("[m]\nx = { \"注文\" = 1, y = 2, \"注文\" = 3 }\n", 2, "m.x.\"注文\"", 2),
            ("[e]\nwatch.rate = 1\nwatch.rate = 2\n", 3, "e.watch.rate", 2),
        ] {
            let reader = Reader::new(text);
            let (table, errors) = DeTable::parse_recoverable(text);
            let error = named(&reader, table.get_ref(), text, errors.first().expect("an error"));
            let error = error.unwrap_or_else(|| panic!("{text}: {errors:?}"));
            assert_eq!((error.line, &*error.key), (Some(line), key), "{text}");
            assert!(error.message.contains("occurs twice"), "{error:?}");
            assert_eq!(error.message.contains(&format!("already on line {first}")), first > 0, "{error:?}");
        }
        let (table, errors) = DeTable::parse_recoverable("a = [");
        assert!(named(&Reader::new("a = ["), table.get_ref(), "a = [", &errors[0]).is_none());
    }
}
