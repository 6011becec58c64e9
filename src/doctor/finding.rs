//! What the doctor finds: one fact each, with what it proves or what to do.

use stepgate_core::domain::{Failure, FailureKind};

/// What is looked at, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// The configuration.
    Config,
    /// The host's name.
    Dns,
    /// A connection.
    Tcp,
    /// The proxy in between.
    Proxy,
    /// The certificate.
    Tls,
    /// The secrets and credentials, before anybody sees them.
    Auth,
    /// Our clock beside the gateway's.
    Clock,
    /// The stage of the URL.
    Stage,
    /// A route with its integration and role.
    Route,
    /// A state machine.
    Machine,
    /// The history on this computer.
    Store,
}

impl Check {
    /// As it is called in the output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Auth => "auth",
            Self::Clock => "clock",
            Self::Stage => "stage",
            Self::Route => "route",
            Self::Machine => "machine",
            Self::Store => "store",
        }
    }
}

/// How it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, but may not for long, or not for all.
    Warning,
    /// Nothing can be said of it.
    Skipped,
    /// It does not work, for this reason.
    Failed(Failure),
}

impl Verdict {
    /// As it is called in the output.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Skipped => "skipped",
            Self::Failed(_) => "failed",
        }
    }
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// Which one: a host, a path, a machine.
    pub subject: String,
    /// How it is.
    pub verdict: Verdict,
    /// A word for scripts: `ok`, `wrong-stage`.
    pub name: &'static str,
    /// What was seen, and what that proves.
    pub message: String,
    /// What to do; empty where nothing is to be done.
    pub advice: String,
}

impl Finding {
    /// Something is as it should be.
    pub fn good(check: Check, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(check, subject, Verdict::Good, "ok", message, "")
    }

    /// Something works, with a but.
    pub fn warning(
        check: Check,
        subject: impl Into<String>,
        name: &'static str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(check, subject, Verdict::Warning, name, message, advice)
    }

    /// Nothing can be said.
    pub fn skipped(check: Check, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(check, subject, Verdict::Skipped, "not-asked", message, "")
    }

    /// Something does not work.
    pub fn failed(
        check: Check,
        subject: impl Into<String>,
        failure: &Failure,
        (name, advice): (&'static str, impl Into<String>),
    ) -> Self {
        let said = if failure.message.is_empty() { String::new() } else { format!(": {}", failure.message) };
        let message = format!("{}{said}", failure.summary());
        Self::new(check, subject, Verdict::Failed(failure.clone()), name, message, advice)
    }

    /// Something that we see ourselves does not work.
    pub fn wrong(
        check: Check,
        subject: impl Into<String>,
        kind: FailureKind,
        name: &'static str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let message = message.into();
        let failure = Failure::without_response(kind, message.clone());
        Self::new(check, subject, Verdict::Failed(failure), name, message, advice)
    }

    fn new(
        check: Check,
        subject: impl Into<String>,
        verdict: Verdict,
        name: &'static str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let (subject, message, advice) = (subject.into(), message.into(), advice.into());
        Self { check, subject, verdict, name, message, advice }
    }
}
