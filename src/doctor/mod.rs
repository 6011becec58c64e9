//! Checks everything between this machine and Step Functions, step by step, and reports what each step proves. Nothing is
//! started: the error for an execution that cannot exist proves that route, integration and role work; the response about
//! an execution in the store proves that responses can be read.
//!
//! `examination` has the order of the checks; `settings`, `network`, `tls`, `credentials`, `routes`, `account`, `logs`
//! and `known_execution` are the checks. `diagnosis` explains failed requests, `form` what a response about a known execution
//! lacks, and `earlier_starts` what the store shows about the start route. `survey` finds out what a gateway offers, before
//! there is a configuration.

mod account;
mod context;
mod credentials;
mod diagnosis;
mod earlier_starts;
mod examination;
mod finding;
mod form;
mod known_execution;
mod logs;
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
