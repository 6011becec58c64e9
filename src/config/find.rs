//! Locates the configuration file: a pure function of flag, environment and platform.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The path of the configuration file, by its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// Named by `--config` or `STEPGATE_CONFIG`: a missing file is an error.
    Named(PathBuf),
    /// The default path: a missing file means that there is no configuration.
    Default(PathBuf),
    /// This platform has no folder for it (no home).
    Nowhere,
}

/// Uses the flag, then the environment, then the platform's folder. `XDG_CONFIG_HOME` counts on macOS too.
pub(crate) fn find(
    flag: Option<&Path>,
    env: impl Fn(&str) -> Option<OsString>,
    platform_folder: Option<&Path>,
) -> Found {
    if let Some(path) = flag {
        return Found::Named(path.to_owned());
    }
    let set = |name| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = set("STEPGATE_CONFIG") {
        return Found::Named(path);
    }
    // The XDG specification: "All paths must be absolute; relative ones are ignored."
    let xdg = set("XDG_CONFIG_HOME").filter(|path| path.is_absolute()).map(|path| path.join("stepgate"));
    match xdg.or_else(|| platform_folder.map(Path::to_owned)) {
        Some(folder) => Found::Default(folder.join("config.toml")),
        None => Found::Nowhere,
    }
}

/// Returns the folder for the program's data. `XDG_DATA_HOME` counts on macOS too.
pub(crate) fn data_folder(env: impl Fn(&str) -> Option<OsString>, platform_folder: Option<&Path>) -> Option<PathBuf> {
    let set = env("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    set.map(|path| path.join("stepgate")).or_else(|| platform_folder.map(Path::to_owned))
}

/// The platform's data folder for this program.
pub(crate) fn platform_data_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "stepgate").map(|dirs| dirs.data_dir().to_owned())
}

/// The platform's configuration folder for this program.
pub(crate) fn platform_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "stepgate").map(|dirs| dirs.config_dir().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_precedes_the_environment_and_the_platform() {
        let env = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v))
        };
        let platform = Some(Path::new("/home/u/.config/stepgate"));
        let all: &[(&str, &str)] = &[("STEPGATE_CONFIG", "/e.toml"), ("XDG_CONFIG_HOME", "/xdg")];
        assert_eq!(find(Some(Path::new("f.toml")), env(all), platform), Found::Named("f.toml".into()));
        assert_eq!(find(None, env(all), platform), Found::Named("/e.toml".into()));
        assert_eq!(find(None, env(&all[1..]), platform), Found::Default("/xdg/stepgate/config.toml".into()));
        assert_eq!(
            find(None, env(&[("XDG_CONFIG_HOME", "relative")]), platform),
            Found::Default("/home/u/.config/stepgate/config.toml".into())
        );
        assert_eq!(find(None, env(&[]), None), Found::Nowhere);
    }
}
