//! The files that AWS credentials come from, as far as they can be known without reading them.

use std::path::PathBuf;

/// Limit for the number of sessions.
const MOST: usize = 32;

/// Returns the shared configuration, the cached SSO sessions, and the web identity token.
pub(in crate::gateway) fn files(_profile: Option<&str>) -> Vec<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    let folder = directories::BaseDirs::new().map(|folders| folders.home_dir().join(".aws"));
    let of_home = |name: &str| folder.as_ref().map(|folder| folder.join(name));
    let mut files: Vec<PathBuf> = [
        variable("AWS_CONFIG_FILE").or_else(|| of_home("config")),
        variable("AWS_SHARED_CREDENTIALS_FILE").or_else(|| of_home("credentials")),
        variable("AWS_WEB_IDENTITY_TOKEN_FILE"),
    ]
    .into_iter()
    .flatten()
    .collect();
    for cache in [of_home("sso/cache"), of_home("cli/cache")].into_iter().flatten() {
        files.extend(listed(&cache));
        files.push(cache);
    }
    files
}

#[expect(clippy::disallowed_methods, reason = "its caller runs where blocking is allowed")]
fn listed(folder: &std::path::Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.take(MOST).filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    files
}
