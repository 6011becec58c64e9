//! Line breaks of pasted and loaded text.

use std::borrow::Cow;

/// Returns a text of one line: line breaks with the blanks around them become a space, tabs a space.
pub(super) fn flattened(text: &str) -> Cow<'_, str> {
    if !text.contains(['\n', '\r', '\t']) {
        return Cow::Borrowed(text);
    }
    if !text.contains(['\n', '\r']) {
        return Cow::Owned(text.replace('\t', " "));
    }
    let lines = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
    Cow::Owned(lines.collect::<Vec<_>>().join(" ").replace('\t', " "))
}

/// Returns a text whose line breaks are line feeds.
pub(super) fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(text) }
}
