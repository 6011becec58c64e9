//! Checks everything between this machine and Step Functions, step by step, and reports what each step proves. Nothing is
//! started: the error for an execution that cannot exist proves that route, integration and role work.
//!
//! `examination` has the order of the checks; `settings`, `network`, `tls`, `credentials` and `routes` are the checks, and
//! `diagnosis` explains failed requests. `survey` finds out what a gateway offers, before there is a configuration.

mod credentials;
mod diagnosis;
mod examination;
mod finding;
mod network;
mod routes;
mod settings;
mod survey;
mod target;
mod tls;

pub(crate) use examination::examine;
pub(crate) use finding::{Check, Finding, Verdict};
pub(crate) use survey::{RouteState, Survey, SurveyOptions, survey};
pub(crate) use target::Target;
