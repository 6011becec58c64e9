//! The configuration file.
#![cfg_attr(fuzzing, no_main)]

use std::path::Path;

use stepgate::app::Keymap;
use stepgate::config::{Settings, parse};
use stepgate::ui::Theme;

/// It is read, or every error has a line of the file and says something.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    // An empty folder, so that no file named in it is there.
    match parse(Path::new("/nonexistent/config.toml"), &text, &|_| Vec::new()) {
        Ok(settings) => check(&settings),
        Err(faults) => {
            assert!(!faults.errors.is_empty());
            let lines = text.matches('\n').count() + 1;
            for fault in &faults.errors {
                assert!(fault.line.is_none_or(|line| (1..=lines).contains(&line)), "{fault:?}");
                assert!(!fault.message.trim().is_empty(), "{fault:?}");
            }
            assert_eq!(faults.lines().count(), faults.errors.len());
        }
    }
}

fn check(settings: &Settings) {
    // Without an endpoint, there are only settings of the program.
    assert!(!settings.endpoints.is_empty() || settings.machines.is_empty());
    for endpoint in &settings.endpoints {
        assert!(endpoint.url.starts_with("http"), "{}", endpoint.url);
        assert!(!endpoint.url.contains(char::is_whitespace) && !endpoint.url.ends_with('/'), "{}", endpoint.url);
        let rate = endpoint.watch.requests_per_second;
        assert!(rate.is_finite() && rate > 0.0, "{rate}");
    }
    let is_known = |name| settings.endpoints.iter().any(|endpoint| &endpoint.name == name);
    assert!(settings.machines.iter().all(|machine| is_known(&machine.endpoint)));
    assert!(settings.default_endpoint.as_ref().is_none_or(is_known));
    let keys: Vec<_> = settings.keys.iter().map(|key| (key.action.clone(), key.key.clone())).collect();
    let (_, problems) = Keymap::with(&keys);
    assert!(problems.iter().all(|(index, _)| *index < keys.len()));
    let colors: Vec<_> = settings.ui.colors.iter().map(|color| (color.role.as_str(), color.color.as_str())).collect();
    let (_, problems) = Theme::dark().with(&colors);
    assert!(problems.iter().all(|(index, _)| *index < colors.len()));
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
