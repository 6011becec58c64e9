//! Findings of the doctor: a fact each, with what it proves or what to do.

use stepgate_core::domain::{Failure, FailureKind, shown_path};

/// What is checked, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
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
    /// The secrets and credentials, before they are sent.
    Auth,
    /// This machine's clock compared with the gateway's.
    Clock,
    /// The stage of the URL.
    Stage,
    /// A route with its integration and role.
    Route,
    /// A state machine.
    Machine,
    /// The store on this computer.
    Store,
}

impl Check {
    /// The word in the output.
    pub(crate) fn as_str(self) -> &'static str {
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

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It works.
    Passed,
    /// It works, but perhaps not for long or not for everyone.
    Warning,
    /// It was not checked.
    Skipped,
    /// It does not work, for this reason.
    Failed(Failure),
}

impl Verdict {
    /// The word in the output.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Warning => "warning",
            Self::Skipped => "skipped",
            Self::Failed(_) => "failed",
        }
    }
}

/// The result of a check, with its explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What was checked.
    pub check: Check,
    /// Which one: a host, a path, a machine.
    pub subject: String,
    /// The result of a check.
    pub verdict: Verdict,
    /// A word for scripts: `ok`, `wrong-stage`.
    pub name: &'static str,
    /// The observation, and what it proves.
    pub message: String,
    /// What to do; may be empty.
    pub advice: String,
}

impl Finding {
    /// A check that passed.
    pub(crate) fn passed(check: Check, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(check, subject, Verdict::Passed, "ok", message, "")
    }

    /// A check that passed with a warning.
    pub(crate) fn warning(
        check: Check,
        subject: impl Into<String>,
        name: &'static str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(check, subject, Verdict::Warning, name, message, advice)
    }

    /// A check that was not possible.
    pub(crate) fn skipped(check: Check, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(check, subject, Verdict::Skipped, "not-asked", message, "")
    }

    /// A check that failed with a request.
    pub(crate) fn failed(
        check: Check,
        subject: impl Into<String>,
        failure: &Failure,
        (name, advice): (&'static str, impl Into<String>),
    ) -> Self {
        let message = if failure.message.is_empty() { String::new() } else { format!(": {}", failure.message) };
        let message = format!("{}{message}", failure.summary());
        Self::new(check, subject, Verdict::Failed(failure.clone()), name, message, advice)
    }

    /// A check that failed without a request.
    pub(crate) fn problem(
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
        let subject = if check == Check::Route { shown_path(&subject).into_owned() } else { subject };
        Self { check, subject, verdict, name, message, advice }
    }
}
