//! The access keys of a profile, which both shared files may have: those of one file belong together, and those of different
//! files never do. Pure.

use std::collections::BTreeMap;

use crate::gateway::iam::aws::location::Location;

pub(super) const ACCESS_KEYS: [&str; 2] = ["aws_access_key_id", "aws_secret_access_key"];
/// The keys in a file that hold a session token. The first is an older name of the second, and goes before it in botocore.
pub(super) const TOKENS: [&str; 2] = ["aws_security_token", "aws_session_token"];

/// The access keys of a profile in one file, with their places.
pub(super) type Part = BTreeMap<String, (String, Location)>;

/// Returns whether a key belongs to access keys.
pub(super) fn is_part(key: &str) -> bool {
    ACCESS_KEYS.contains(&key) || TOKENS.contains(&key)
}

fn is_whole(part: &Part) -> bool {
    ACCESS_KEYS.iter().all(|key| part.contains_key(*key))
}

/// The access keys of a profile in both files.
#[derive(Debug, Default)]
pub(super) struct Pair {
    pub(super) of_config: Part,
    pub(super) of_credentials: Part,
}

impl Pair {
    /// The keys that count, and the others. The credentials file goes first, but only an access key ID makes a pair of
    /// what is there.
    pub(super) fn split(&self) -> (&Part, &Part) {
        let has_id = |part: &Part| part.contains_key(ACCESS_KEYS[0]);
        let is_of_config = if has_id(&self.of_credentials) || has_id(&self.of_config) {
            !has_id(&self.of_credentials)
        } else {
            self.of_credentials.is_empty()
        };
        if is_of_config { (&self.of_config, &self.of_credentials) } else { (&self.of_credentials, &self.of_config) }
    }

    /// Puts the keys that count in place of all access keys.
    pub(super) fn settle(&self, keys: &mut BTreeMap<String, String>) {
        keys.retain(|key, _| !is_part(key));
        keys.extend(self.split().0.iter().map(|(key, (value, _))| (key.clone(), value.clone())));
    }

    /// Returns the file of the other keys, if they are whole.
    pub(super) fn instead(&self) -> Option<&str> {
        let (_, other) = self.split();
        is_whole(other).then(|| other.values().next().map(|(_, place)| place.path.as_str())).flatten()
    }
}
