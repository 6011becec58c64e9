//! The headers of sections in the shared AWS files. Pure.

/// The profile that is used when none is named.
pub(super) const DEFAULT: &str = "default";

/// What a section defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Profile,
    SsoSession,
    Services,
}

/// Returns a name as written in a header of the configuration file.
pub(super) fn in_brackets(name: &str) -> String {
    let is_plain = !name.is_empty() && !name.contains([' ', '\t', '"', '\'', '\\', ']', '#', ';']);
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")) }
}
