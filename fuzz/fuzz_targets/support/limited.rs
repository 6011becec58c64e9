//! Texts of a response, which are kept whole or cut with a mark.

/// Whether a text is the one that was received, or its beginning and a mark. White space around it does not count.
pub fn is_of(text: &str, received: &str) -> bool {
    let is_cut = text.rsplit_once('…').is_some_and(|(beginning, mark)| {
        mark.len() <= 40 && !beginning.is_empty() && received.trim().starts_with(beginning.trim())
    });
    text.trim() == received.trim() || is_cut
}
