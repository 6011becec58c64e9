//! The profiles of the shared AWS files, by name. Pure.

use std::collections::BTreeMap;

use crate::gateway::iam::aws::access_key_pair::{self, Pair};
use crate::gateway::iam::aws::ini::{self, Section};
use crate::gateway::iam::aws::location::Location;
use crate::gateway::iam::aws::misplaced_section::{self, Misplaced};
use crate::gateway::iam::aws::section_header::{DEFAULT, Kind};

/// The keys of a profile.
pub(super) type Keys = BTreeMap<String, String>;

/// A shared file.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedFile {
    /// The path as shown to people.
    pub(super) path: String,
    /// Empty if the file does not exist.
    pub(super) text: String,
}

/// A file or section that cannot be parsed, with line and reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) message: &'static str,
    pub(super) advice: &'static str,
}

/// The merged contents of both files.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    named: BTreeMap<String, Keys>,
    sso_sessions: BTreeMap<String, Keys>,
    services: BTreeMap<String, Keys>,
    places: BTreeMap<(Kind, String, String), Location>,
    pairs: BTreeMap<String, Pair>,
    misplaced: Vec<Misplaced>,
    /// The place of a `[default]` or `[profile default]` that does not count, since the other one comes later.
    ignored_default: Option<Location>,
    errors: Vec<(Kind, String, Unreadable)>,
    /// The file to add a new profile to.
    pub(super) config_path: String,
}

impl Profiles {
    /// Reads both. Keys of the credentials file take precedence.
    pub(super) fn parse(config: &SharedFile, credentials: &SharedFile) -> Result<Self, Unreadable> {
        let mut found = Self { config_path: config.path.clone(), ..Self::default() };
        let of_config = sections(config)?;
        let is_default =
            |section: &Section| section.words.iter().eq(&[DEFAULT]) || section.words.iter().eq(&["profile", DEFAULT]);
        let later_default = of_config.iter().rfind(|section| is_default(section)).map(|section| section.words.clone());
        for section in of_config {
            let first = section.words.first().map_or("", String::as_str);
            let (has_name, rest) = (section.words.len() > 1, section.words.get(1..).unwrap_or_default().join(" "));
            match first {
                _ if is_default(&section) && later_default.as_ref() != Some(&section.words) => {
                    found.ignored_default = Some(location(config, section.line, false));
                }
                DEFAULT if !has_name => found.add(Kind::Profile, DEFAULT, section, config, false),
                "profile" if has_name => found.add(Kind::Profile, &rest, section, config, false),
                "sso-session" if has_name => found.add(Kind::SsoSession, &rest, section, config, false),
                "services" if has_name => found.add(Kind::Services, &rest, section, config, false),
                _ => {
                    let place = location(config, section.line, false).to_string();
                    found.misplaced.extend(misplaced_section::in_config(&section.words, &place));
                }
            }
        }
        for section in sections(credentials)? {
            let place = location(credentials, section.line, true).to_string();
            found.misplaced.extend(misplaced_section::in_credentials(&section.words, &place));
            // Any other name is a profile's, however odd.
            if section.words.len() < 2 || section.words[0] != "profile" {
                found.add(Kind::Profile, &section.words.join(" "), section, credentials, true);
            }
        }
        for (name, pair) in &found.pairs {
            pair.settle(found.named.entry(name.clone()).or_default());
        }
        Ok(found)
    }

    fn add(&mut self, kind: Kind, name: &str, section: Section, file: &SharedFile, is_credentials_file: bool) {
        if let Some(error) = section.error {
            self.errors.push((kind, name.to_owned(), unreadable(file, &error)));
        }
        let into = match kind {
            Kind::Profile => &mut self.named,
            Kind::SsoSession => &mut self.sso_sessions,
            Kind::Services => &mut self.services,
        };
        let into = into.entry(name.to_owned()).or_default();
        // A key without a value counts as missing.
        for key in section.keys.into_iter().filter(|key| !key.value.is_empty()) {
            let place = location(file, key.line, is_credentials_file);
            if kind == Kind::Profile && access_key_pair::is_part(&key.name) {
                let pair = self.pairs.entry(name.to_owned()).or_default();
                let part = if is_credentials_file { &mut pair.of_credentials } else { &mut pair.of_config };
                part.insert(key.name, (key.value, place));
                continue;
            }
            self.places.insert((kind, name.to_owned(), key.name.clone()), place);
            into.insert(key.name, key.value);
        }
    }

    /// Returns where a key is.
    pub(super) fn place(&self, kind: Kind, name: &str, key: &str) -> Option<&Location> {
        if kind == Kind::Profile && access_key_pair::is_part(key) {
            return self.pairs.get(name)?.split().0.get(key).map(|(_, place)| place);
        }
        self.places.get(&(kind, name.to_owned(), key.to_owned()))
    }

    /// Returns the file with a whole pair of access keys that does not count, since the other file has a part of one.
    pub(super) fn other_pair(&self, name: &str) -> Option<&str> {
        self.pairs.get(name)?.instead()
    }

    /// Returns a key with its profile and place, as the object of "correct".
    pub(super) fn described(&self, name: &str, key: &str) -> String {
        let place = self.place(Kind::Profile, name, key).map(|place| format!(" ({place})")).unwrap_or_default();
        format!("{key} of the profile `{name}`{place}")
    }

    /// Returns the place of the section of the default profile that does not count, since there is a later one.
    pub(super) fn ignored_default(&self, name: &str) -> Option<&Location> {
        self.ignored_default.as_ref().filter(|_| name == DEFAULT)
    }

    /// Fails if a section of this name cannot be parsed. The others do not matter to who uses it.
    pub(super) fn check(&self, kind: Kind, name: &str) -> Result<(), Unreadable> {
        let error = self.errors.iter().find(|(of, section, _)| *of == kind && section == name);
        error.map_or(Ok(()), |(_, _, error)| Err(error.clone()))
    }

    /// The profile of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Keys> {
        self.named.get(name)
    }

    /// The `sso-session` of this name.
    pub(super) fn sso_session(&self, name: &str) -> Option<&Keys> {
        self.sso_sessions.get(name)
    }

    /// The names of all `sso-session` sections.
    pub(super) fn sso_session_names(&self) -> impl Iterator<Item = &str> {
        self.sso_sessions.keys().map(String::as_str)
    }

    /// The endpoints of services that a profile names with `services`.
    pub(super) fn services(&self, name: &str) -> Option<&Keys> {
        self.services.get(name)
    }

    /// The names of all profiles.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }

    /// Returns the section that was probably meant to be this profile, session or group of services.
    pub(super) fn misplaced(&self, kind: Kind, name: &str) -> Option<&Misplaced> {
        self.misplaced.iter().find(|misplaced| misplaced.kind == kind && misplaced.name == name)
    }
}

fn location(file: &SharedFile, line: usize, is_credentials_file: bool) -> Location {
    Location { path: file.path.clone(), line, is_credentials_file }
}

fn sections(file: &SharedFile) -> Result<Vec<Section>, Unreadable> {
    ini::parse(&file.text).map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &SharedFile, error: &ini::SyntaxError) -> Unreadable {
    Unreadable { path: file.path.clone(), line: error.line, message: error.message, advice: error.advice }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profiles(config: &str, credentials: &str) -> Profiles {
        let file = |path: &str, text: &str| SharedFile { path: path.into(), text: text.into() };
        Profiles::parse(&file("config", config), &file("credentials", credentials)).expect("profiles")
    }

    #[test]
    fn both_files_are_one_and_the_credentials_take_precedence() {
        let found = profiles(
            "[profile a]\nregion = r\nx = 1\n[profile \"My Pro\"]\nx = 2\n[sso-session s]\ny = 3\n[services local]\nsts =\n  endpoint_url = http://x\n",
            "[a]\nx = 10\n[My Pro]\nz = 4\n",
        );
        let key = |name: &str, key: &str| found.get(name).and_then(|keys| keys.get(key)).map(String::as_str);
        assert_eq!((key("a", "region"), key("a", "x")), (Some("r"), Some("10")));
        assert_eq!((key("My Pro", "x"), key("My Pro", "z")), (Some("2"), Some("4")));
        assert!(found.sso_session("s").is_some() && found.services("local").is_some());
        assert_eq!(found.names().collect::<Vec<_>>(), ["My Pro", "a"]);
        assert_eq!(found.described("a", "x"), "x of the profile `a` (credentials, line 2)");
        assert_eq!(found.described("a", "region"), "region of the profile `a` (config, line 2)");
    }

    #[test]
    fn the_later_default_replaces_the_other() {
        for (first, second) in [("[default]", "[profile default]"), ("[profile default]", "[default]")] {
            let found = profiles(&format!("{first}\nx = 1\ny = 1\n{second}\nx = 2\n"), "");
            let keys = found.get(DEFAULT).expect("a profile");
            assert_eq!(keys.iter().map(|(key, value)| format!("{key}{value}")).collect::<Vec<_>>(), ["x2"]);
            assert_eq!(found.ignored_default(DEFAULT).map(|place| place.line), Some(1));
        }
    }

    #[test]
    fn odd_names_in_the_credentials_file_are_names_all_the_same() {
        let found = profiles("", "[Default]\nx = 1\n[Profile x]\nx = 1\n");
        assert!(found.get("Default").is_some() && found.get("Profile x").is_some());
        for (name, expected) in [(DEFAULT, "[default]"), ("x", "[x]")] {
            assert_eq!(found.misplaced(Kind::Profile, name).map(|found| found.expected.as_str()), Some(expected));
        }
    }

    #[test]
    fn sections_with_the_brackets_of_the_other_file_are_told() {
        let found = profiles("[dev]\nx = 1\n[my pro]\n", "\n[profile ops]\nx = 1\n");
        for (name, expected, place) in [
            ("dev", "[profile dev]", "config, line 1"),
            ("my pro", "[profile \"my pro\"]", "config, line 3"),
            ("ops", "[ops]", "credentials, line 2"),
        ] {
            let misplaced = found.misplaced(Kind::Profile, name).expect("found");
            assert_eq!((misplaced.expected.as_str(), misplaced.place.as_str()), (expected, place));
            assert!(found.get(name).is_none());
        }
    }

    #[test]
    fn a_section_that_cannot_be_read_does_not_matter_to_the_others() {
        let found = profiles(
            "[profile it's]\nx = 1\n[profile a]\nx = 1\n[]\n[profile b]\ncanary\n[sso-session s\n[services v]\n= 1\n",
            "[c]\ncanary\n[a]\ny = 1\n",
        );
        for (kind, name, line) in [
            (Kind::Profile, "it's", 1),
            (Kind::Profile, "b", 7),
            (Kind::SsoSession, "s", 8),
            (Kind::Services, "v", 10),
            (Kind::Profile, "c", 2),
        ] {
            assert_eq!(found.check(kind, name).map_err(|error| error.line), Err(line), "{name}");
        }
        for (kind, name) in [(Kind::Profile, "a"), (Kind::SsoSession, "b"), (Kind::Services, "s")] {
            assert_eq!(found.check(kind, name), Ok(()), "{name}");
        }
        assert_eq!(found.get("a").map(Keys::len), Some(2));
    }
}
