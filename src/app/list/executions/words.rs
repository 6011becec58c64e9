//! Completing words of the filter: its keys, and their values.

use crate::app::keys::editor::Candidates;
use crate::app::list::executions::query::{ENDPOINT, MACHINE, STATUS, STATUS_WORDS};

/// Returns what completes the last word of a filter, given the part before the cursor and the names of the machines and
/// endpoints.
pub(in crate::app) fn candidates<'n>(
    before: &str,
    machines: impl Iterator<Item = &'n str>,
    endpoints: impl Iterator<Item = &'n str>,
) -> Candidates {
    let start = start_of_word(before);
    let word = &before[start..];
    if let Some(values) = word.strip_prefix(STATUS) {
        let typed = last_value(values);
        let words = STATUS_WORDS.iter().filter(|word| word.starts_with(&typed.to_lowercase()));
        let texts = words.map(|word| (*word).to_owned()).collect();
        return Candidates { start: before.len() - typed.len(), texts };
    }
    if let Some(values) = word.strip_prefix(MACHINE) {
        return names(before, values, machines);
    }
    if let Some(values) = word.strip_prefix(ENDPOINT) {
        return names(before, values, endpoints);
    }
    let texts =
        [STATUS, MACHINE, ENDPOINT].into_iter().filter(|key| key.starts_with(word)).map(str::to_owned).collect();
    Candidates { start, texts }
}

/// Returns the names that complete the last of the values.
fn names<'n>(before: &str, values: &str, names: impl Iterator<Item = &'n str>) -> Candidates {
    let typed = last_value(values);
    let prefix = typed.trim_start_matches('"').to_lowercase();
    let mut texts: Vec<String> = Vec::new();
    // The filter has no notation for commas and quotes in a value.
    for name in names.filter(|name| !name.contains([',', '"'])) {
        let text = if name.contains(char::is_whitespace) { format!("\"{name}\"") } else { name.to_owned() };
        if name.to_lowercase().starts_with(&prefix) && !texts.contains(&text) {
            texts.push(text);
        }
    }
    Candidates { start: before.len() - typed.len(), texts }
}

/// Returns where the last word begins; quotes group words with spaces.
fn start_of_word(text: &str) -> usize {
    let (mut start, mut is_quoted) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            c if c.is_whitespace() && !is_quoted => start = at + c.len_utf8(),
            _ => {}
        }
    }
    start
}

/// Returns the part after the last comma.
fn last_value(values: &str) -> &str {
    values.rsplit(',').next().unwrap_or(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_complete_a_filter() {
        let machines = ["order", "Orders 2", "注文処理", "a,b", "order"];
        let all = &STATUS_WORDS;
        for (before, kept, texts) in [
            ("", "", &["status:", "machine:", "endpoint:"] as &[&str]),
            ("endpoint:", "endpoint:", &["dev", "prod"]),
            ("endpoint:dev,P", "endpoint:dev,", &["prod"]),
            ("st", "", &["status:"]),
            ("boom mach", "boom ", &["machine:"]),
            ("boom", "", &[]),
            ("status:", "status:", all),
            ("status:f", "status:", &["failed"]),
            ("status:FAI", "status:", &["failed"]),
            ("status:failed,ti", "status:failed,", &["timed_out"]),
            ("machine:or", "machine:", &["order", "\"Orders 2\""]),
            ("machine:\"orders", "machine:", &["\"Orders 2\""]),
            ("machine:\"Orders 2\",注", "machine:\"Orders 2\",", &["注文処理"]),
            ("machine:\"Orders 2\" status:s", "machine:\"Orders 2\" status:", &["succeeded"]),
        ] {
            let Candidates { start, texts: found } =
                candidates(before, machines.into_iter(), ["dev", "prod"].into_iter());
            assert_eq!((&before[..start], found), (kept, texts.iter().map(|t| (*t).to_owned()).collect()), "{before}");
        }
    }
}
