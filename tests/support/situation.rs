//! A broken setup: what the doctor finds in it, and that following its advice repairs it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::cli::{Home, Ran, ran};

/// What a user has: files and environment variables.
pub struct Setup {
    pub home: Home,
    pub environment: BTreeMap<String, String>,
    /// What no output may contain, not even a part of it that is six characters long.
    pub secrets: Vec<String>,
}

impl Setup {
    pub fn new(home: Home) -> Self {
        Self { home, environment: BTreeMap::new(), secrets: Vec::new() }
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    pub fn unset(&mut self, name: &str) {
        self.environment.remove(name);
    }

    /// Replaces a text in the configuration, which must contain it.
    pub fn edit(&self, old: &str, new: &str) {
        let path = self.home.path().join("config.toml");
        let config = std::fs::read_to_string(&path).expect("the configuration");
        assert!(config.contains(old), "{old} in {config}");
        std::fs::write(path, config.replace(old, new)).expect("written");
    }

    /// Runs the program, and looks for secrets in what it prints.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let ran = ran(self.home.command(arguments).envs(&self.environment));
        for secret in &self.secrets {
            let characters: Vec<char> = secret.chars().collect();
            for part in characters.windows(characters.len().clamp(1, 6)) {
                let part: String = part.iter().collect();
                assert!(!ran.out.contains(&part) && !ran.err.contains(&part), "{part} of a secret in {ran:?}");
            }
        }
        ran
    }

    /// The findings of the doctor that are not good, in order, and how it ended.
    fn faults(&self) -> (Vec<Value>, Ran) {
        let ran = self.run(&["doctor", "--output", "json"]);
        let is_bad = |finding: &Value| finding["verdict"] == "failed" || finding["verdict"] == "warning";
        (ran.objects().into_iter().filter(is_bad).collect(), ran)
    }
}

/// What the doctor finds, and how to follow its advice.
pub struct Situation<'a> {
    /// The `finding` of the first fault.
    pub finding: &'a str,
    /// Parts of its `message`: what is wrong.
    pub says: &'a [&'a str],
    /// Parts of its `advice`: what to do.
    pub advises: &'a [&'a str],
    /// Does what the advice says, and nothing else.
    pub follow: &'a dyn Fn(&mut Setup),
}

impl Situation<'_> {
    /// The doctor names the fault, and nothing is left of it when its advice has been followed.
    pub fn check(&self, mut setup: Setup) {
        let (faults, ran) = setup.faults();
        let first = faults.first().unwrap_or_else(|| panic!("no `{}`: {ran:?}", self.finding));
        let text = |member: &str| first[member].as_str().expect("a text").to_owned();
        assert_eq!(text("finding"), self.finding, "{ran:?}");
        assert_ne!(ran.code, Some(0), "{ran:?}");
        for part in self.says {
            assert!(text("message").contains(part), "`{part}` in the message of {first}");
        }
        for part in self.advises {
            assert!(text("advice").contains(part), "`{part}` in the advice of {first}");
        }
        // As people read it.
        let told = setup.run(&["doctor"]);
        assert_eq!(told.code, ran.code, "{told:?}");
        (self.follow)(&mut setup);
        let (faults, ran) = setup.faults();
        assert!(faults.is_empty() && ran.code == Some(0), "after the advice was followed: {ran:?}");
    }
}
