//! Where the configuration file is. A pure function of flag, environment and platform.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What the file was found by, which tells whether it must exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Named by `--config` or `STEPGATE_CONFIG`: a missing file is an error.
    Named(PathBuf),
    /// At its usual place: a missing file means that there is no configuration.
    ExpectedDurations(PathBuf),
    /// This platform has no folder for it (no home).
    Nowhere,
}

/// Flag before environment before the platform's folder. `XDG_CONFIG_HOME` counts on macOS too.
pub fn find(flag: Option<&Path>, env: impl Fn(&str) -> Option<OsString>, platform_folder: Option<&Path>) -> Found {
    if let Some(path) = flag {
        return Found::Named(path.to_owned());
    }
    let set = |name| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = set("STEPGATE_CONFIG") {
        return Found::Named(path);
    }
    // The specification of XDG_CONFIG_HOME: "All paths must be absolute; relative ones are ignored."
    let xdg = set("XDG_CONFIG_HOME").filter(|path| path.is_absolute()).map(|path| path.join("stepgate"));
    match xdg.or_else(|| platform_folder.map(Path::to_owned)) {
        Some(folder) => Found::ExpectedDurations(folder.join("config.toml")),
        None => Found::Nowhere,
    }
}

/// The folder for what the program keeps: history, not settings. `XDG_DATA_HOME` counts on macOS too.
pub fn data_folder(env: impl Fn(&str) -> Option<OsString>, platform_folder: Option<&Path>) -> Option<PathBuf> {
    let set = env("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    set.map(|path| path.join("stepgate")).or_else(|| platform_folder.map(Path::to_owned))
}

/// The platform's data folder for this program.
pub fn platform_data_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "stepgate").map(|dirs| dirs.data_dir().to_owned())
}

/// The platform's configuration folder for this program.
pub fn platform_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "stepgate").map(|dirs| dirs.config_dir().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_goes_before_the_environment_before_the_platform() {
        let env = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v))
        };
        let usual = Some(Path::new("/home/u/.config/stepgate"));
        let all: &[(&str, &str)] = &[("STEPGATE_CONFIG", "/e.toml"), ("XDG_CONFIG_HOME", "/xdg")];
        assert_eq!(find(Some(Path::new("f.toml")), env(all), usual), Found::Named("f.toml".into()));
        assert_eq!(find(None, env(all), usual), Found::Named("/e.toml".into()));
        assert_eq!(find(None, env(&all[1..]), usual), Found::ExpectedDurations("/xdg/stepgate/config.toml".into()));
        assert_eq!(
            find(None, env(&[("XDG_CONFIG_HOME", "relative")]), usual),
            Found::ExpectedDurations("/home/u/.config/stepgate/config.toml".into())
        );
        assert_eq!(find(None, env(&[]), None), Found::Nowhere);
    }
}
