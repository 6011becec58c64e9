//! Masks possible secrets in external text, such as a command's standard error.
//!
//! Masked are what follows the name of a secret (`names`), credentials in URLs and after `-u`, and words that look random
//! (`random`). When in doubt, it masks.

mod names;
mod random;

use std::ops::Range;

use crate::gateway::redact::REDACTED;
pub(super) use names::is_name;

/// Returns the text with everything masked that may be a secret.
pub(super) fn masked(text: &str) -> String {
    text.split_inclusive(['\n', '\r']).map(line).collect()
}

fn line(line: &str) -> String {
    let mut spans = names::spans(line);
    spans.extend(user_infos(line));
    spans.extend(random::spans(line));
    spans.sort_by_key(|span| span.start);
    let (mut clean, mut end) = (String::with_capacity(line.len()), 0);
    for Range { start, end: until } in spans {
        if start > end || start == 0 && end == 0 {
            clean.push_str(&line[end..start]);
            clean.push_str(REDACTED);
        } else if start == end && !clean.ends_with(REDACTED) {
            clean.push_str(REDACTED);
        }
        end = end.max(until);
    }
    clean.push_str(&line[end..]);
    clean
}

/// Returns where URLs contain a user, with or without a password.
fn user_infos(line: &str) -> Vec<Range<usize>> {
    let starts = line.match_indices("://").map(|(at, mark)| at + mark.len());
    let spans = starts.filter_map(|start| {
        let rest = &line[start..];
        let url = &rest[..rest.find(|c: char| c.is_whitespace() || "\"'`<>".contains(c)).unwrap_or(rest.len())];
        let authority = &url[..url.find(['/', '?', '#']).unwrap_or(url.len())];
        // A password may contain a slash, which a port does not.
        let is_port = |port: &str| port.chars().all(|c| c.is_ascii_digit());
        let is_cut = authority.rsplit_once(':').is_some_and(|(_, port)| !is_port(port)) && !authority.contains('[');
        let at = if is_cut { url.rfind('@') } else { authority.rfind('@') };
        at.filter(|at| *at > 0).map(|at| start..start + at)
    });
    spans.collect()
}

#[cfg(test)]
mod tests;
