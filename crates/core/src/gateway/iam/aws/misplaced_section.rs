//! Finds sections whose header is not the one that was probably meant: `[x]` instead of `[profile x]`, `[Profile x]`,
//! `[DEFAULT]`, `[sso_session x]`. Pure.

use crate::gateway::iam::aws::section_header::{DEFAULT, Kind, in_brackets};

/// A section that defines nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misplaced {
    pub(super) kind: Kind,
    /// The name of the probably intended profile or session.
    pub(super) name: String,
    /// The correct header.
    pub(super) expected: String,
    /// File and line.
    pub(super) place: String,
}

/// Returns what a section of the configuration file may have been meant to be.
pub(super) fn in_config(words: &[String], place: &str) -> Vec<Misplaced> {
    let one = |kind: Kind, name: String| {
        let expected = match kind {
            Kind::Profile if name == DEFAULT => "[default]".to_owned(),
            Kind::Profile => format!("[profile {}]", in_brackets(&name)),
            Kind::SsoSession => format!("[sso-session {}]", in_brackets(&name)),
            Kind::Services => format!("[services {}]", in_brackets(&name)),
        };
        Misplaced { kind, name, expected, place: place.to_owned() }
    };
    let whole = words.join(" ");
    let prefixed = [(Kind::Profile, "profile"), (Kind::SsoSession, "sso-session"), (Kind::Services, "services")]
        .into_iter()
        .filter_map(|(kind, word)| Some(one(kind, behind(&whole, word)?)));
    let mut found: Vec<Misplaced> = prefixed.collect();
    if whole.eq_ignore_ascii_case(DEFAULT) {
        found.push(one(Kind::Profile, DEFAULT.to_owned()));
    } else {
        found.extend([Kind::Profile, Kind::SsoSession, Kind::Services].map(|kind| one(kind, whole.clone())));
    }
    found
}

/// Does the same for the credentials file, where any name is a profile's. A name that begins with `profile` has the
/// header of the other file.
pub(super) fn in_credentials(words: &[String], place: &str) -> Option<Misplaced> {
    let whole = words.join(" ");
    let name = match behind(&whole, "profile") {
        Some(name) if words.len() > 1 => name,
        _ if whole != DEFAULT && whole.eq_ignore_ascii_case(DEFAULT) => DEFAULT.to_owned(),
        _ => return None,
    };
    // The credentials file has no quotes: everything in the brackets is the name.
    let expected = format!("[{name}]");
    Some(Misplaced { kind: Kind::Profile, name, expected, place: place.to_owned() })
}

/// Returns the name behind a word that may be in another case, have `_` for `-`, or end with a sign.
fn behind(whole: &str, word: &str) -> Option<String> {
    let (first, rest) = whole.split_at_checked(word.len())?;
    let rest = rest.strip_prefix('s').filter(|rest| rest.starts_with(' ')).unwrap_or(rest);
    let name = rest.trim_start_matches([' ', ':', '-', '_', '.', '/', '=']);
    let is_word = first.replace(['_', ' '], "-").eq_ignore_ascii_case(word);
    (is_word && name.len() < rest.len() && !name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_that_was_meant_is_found() {
        for (header, kind, name, expected) in [
            ("dev", Kind::Profile, "dev", "[profile dev]"),
            ("dev", Kind::SsoSession, "dev", "[sso-session dev]"),
            ("my pro", Kind::Profile, "my pro", "[profile \"my pro\"]"),
            ("Profile x", Kind::Profile, "x", "[profile x]"),
            ("PROFILE my pro", Kind::Profile, "my pro", "[profile \"my pro\"]"),
            ("profiles x", Kind::Profile, "x", "[profile x]"),
            ("profile: x", Kind::Profile, "x", "[profile x]"),
            ("profile-x", Kind::Profile, "x", "[profile x]"),
            ("profile.x", Kind::Profile, "x", "[profile x]"),
            ("Profile default", Kind::Profile, "default", "[default]"),
            ("DEFAULT", Kind::Profile, "default", "[default]"),
            ("sso_session s", Kind::SsoSession, "s", "[sso-session s]"),
            ("SSO-Session s", Kind::SsoSession, "s", "[sso-session s]"),
            ("sso session s", Kind::SsoSession, "s", "[sso-session s]"),
            ("Services l", Kind::Services, "l", "[services l]"),
        ] {
            let words: Vec<String> = header.split(' ').map(str::to_owned).collect();
            let found = in_config(&words, "config, line 1");
            let is_it = |misplaced: &&Misplaced| misplaced.kind == kind && misplaced.name == name;
            let found = found.iter().find(is_it).unwrap_or_else(|| panic!("{header}: {found:?}"));
            assert_eq!(found.expected, expected, "{header}");
        }
    }

    #[test]
    fn a_header_of_the_configuration_file_is_found_in_the_credentials_file() {
        for (header, expected) in [
            ("profile ops", Some("[ops]")),
            ("Profile ops", Some("[ops]")),
            ("DEFAULT", Some("[default]")),
            ("default", None),
            ("profile-ops", None),
            ("ops", None),
        ] {
            let words: Vec<String> = header.split(' ').map(str::to_owned).collect();
            let found = in_credentials(&words, "credentials, line 1").map(|misplaced| misplaced.expected);
            assert_eq!(found.as_deref(), expected, "{header}");
        }
    }
}
