//! A jq filter of a route, a line `---`, and the JSON that it is applied to.
//!
//! Any filter is checked. Only those are applied of which the target can tell that they end and stay small: in use, a
//! process of its own limits time and memory.
#![cfg_attr(fuzzing, no_main)]

use serde::de::IgnoredAny;
use stepgate_core::jq::check;
use stepgate_core::jq::worker::{self, MAX_RESULT_BYTES, Reply};

/// The longest filter that is applied, and the longest input.
const LONGEST_APPLIED: usize = 200;
const LONGEST_INPUT: usize = 400;
/// The most results of the parts of a filter, times how much longer than the input they may be.
const MOST_STEPS: u64 = 200_000;

/// Members, and words that neither repeat something nor have more than one result for one input.
const SINGLE: &[&str] = &[
    "abs",
    "add",
    "all",
    "and",
    "any",
    "as",
    "ascii_downcase",
    "ascii_upcase",
    "ceil",
    "contains",
    "del",
    "elif",
    "else",
    "empty",
    "end",
    "endswith",
    "error",
    "explode",
    "false",
    "first",
    "flatten",
    "floor",
    "from_entries",
    "fromdate",
    "fromjson",
    "gmtime",
    "has",
    "if",
    "implode",
    "index",
    "indices",
    "inside",
    "isnan",
    "join",
    "keys",
    "keys_unsorted",
    "last",
    "length",
    "ltrimstr",
    "max",
    "min",
    "mktime",
    "nan",
    "not",
    "null",
    "or",
    "round",
    "rtrimstr",
    "select",
    "sort",
    "sort_by",
    "split",
    "sqrt",
    "startswith",
    "strftime",
    "strptime",
    "then",
    "to_entries",
    "toarray",
    "todate",
    "tonumber",
    "transpose",
    "state",
    "status",
    "input",
    "output",
    "executionArn",
    "name",
    "trim",
    "true",
    "try",
    "catch",
    "type",
    "unique",
    "utf8bytelength",
];
/// Words with up to one result for each value of their input.
const MANY: &[&str] = &["map", "map_values", "paths", "scalars", "tostream", "with_entries", "limit", "min_by"];
/// Words whose result is longer than their input.
const LONGER: &[&str] = &["tojson", "tostring", "json", "text", "csv", "tsv", "html", "uri", "sh", "base64", "base64d"];

/// A filter is refused with a message or has one result, valid and within the limit; what it says has nothing of this
/// process.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (filter, input) = text.split_once("\n---\n").unwrap_or((&text, "null"));
    if let Err(error) = check(filter) {
        let message = error.to_string();
        // What a panic of the compiler leads to.
        assert!(!message.trim().is_empty() && !message.contains("it cannot be compiled"), "{message}");
        assert!(message.chars().count() < 1_000 + filter.len(), "{message}");
    }
    reads_no_file(filter);
    let is_json = serde_json::from_str::<IgnoredAny>(input).is_ok();
    if is_json && steps(filter, input).is_some_and(|steps| steps <= MOST_STEPS) {
        apply(filter, input);
    }
}

/// No filter may be preceded by something that is read from a file.
fn reads_no_file(filter: &str) {
    for module in ["import \"/etc/passwd\" as $file; $file", "include \"/etc/passwd\"; .", "import \"a\" as a; ."] {
        let joined = format!("{module} | {filter}");
        assert!(check(&joined).is_err(), "{joined}");
    }
}

/// Applies it as the child process does, but in this one.
fn apply(filter: &str, input: &str) {
    let mut output = Vec::new();
    let requests = [worker::setup(&[filter]), worker::job(0, input.as_bytes())].concat();
    worker::serve(&mut &requests[..], &mut output).expect("memory is read and written");
    let (head, content) = output.split_first_chunk::<4>().expect("a reply");
    assert_eq!(worker::length(*head).expect("a length"), content.len());
    let reply = Reply::parse(content.to_vec()).expect("a reply");
    let shown = match &reply {
        Reply::Text(result) => {
            assert!(result.len() <= MAX_RESULT_BYTES);
            std::str::from_utf8(result).expect("a text is UTF-8").to_owned()
        }
        Reply::Json(result) => {
            assert!(result.len() <= MAX_RESULT_BYTES);
            serde_json::from_slice::<IgnoredAny>(result).expect("a result is JSON");
            String::from_utf8(result.clone()).expect("JSON is UTF-8")
        }
        Reply::Failed(message) => {
            assert!(!message.trim().is_empty());
            message.clone()
        }
        Reply::Stopped(message) => panic!("{filter}: {message}"),
    };
    // Only with the environment could it know this folder.
    let path = std::env::var("PATH").unwrap_or_default();
    assert!(path.len() < 10 || !shown.contains(&path), "{filter}: {shown}");
}

/// Returns how many results the parts of a filter have at most, times how much longer than the input they are; `None` if this
/// cannot be told.
fn steps(filter: &str, input: &str) -> Option<u64> {
    if filter.len() > LONGEST_APPLIED || input.len() > LONGEST_INPUT || filter.contains(['*', '$', '?', '#']) {
        return None;
    }
    // Each character may become a value.
    let values = u64::try_from(1 + input.len() + filter.len()).ok()?;
    let count = |text: &str| u32::try_from(filter.matches(text).count()).unwrap_or(u32::MAX);
    let mut steps = values.checked_pow(count("[]") + count(".."))?.checked_mul(2_u64.checked_pow(count(","))?)?;
    for word in words(filter) {
        steps = match word.as_str() {
            word if SINGLE.contains(&word) => steps,
            word if MANY.contains(&word) => steps.checked_mul(values)?,
            word if LONGER.contains(&word) => steps.checked_mul(3)?,
            // No word that short repeats something.
            word if word.len() <= 3 && word != "def" => steps,
            _ => return None,
        };
    }
    Some(steps)
}

/// Returns the words of a filter outside of simple strings, except for names of members after a dot.
fn words(filter: &str) -> Vec<String> {
    let has_escapes = filter.contains('\\');
    let pieces = filter.split('"').enumerate().filter(|(piece, _)| has_escapes || piece % 2 == 0);
    let outside = pieces.map(|(_, text)| text).collect::<Vec<_>>().join(" ");
    let mut found: Vec<String> = Vec::new();
    let mut before = ' ';
    let mut word = String::new();
    for letter in outside.chars().chain([' ']) {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            word.push(letter);
            continue;
        }
        let is_name = word.starts_with(|first: char| !first.is_ascii_digit());
        if is_name && before != '.' {
            found.push(std::mem::take(&mut word));
        }
        word.clear();
        before = letter;
    }
    found
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
