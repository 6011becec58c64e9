//! The HTTP client of a gateway: one route per file, with wire types separate from the domain.
//! `call` and `filters` give requests and responses the form that the gateway wants.
//!
//! `response` classifies what API Gateway and Step Functions return, and `auth` adds credentials to requests. `lifecycle`
//! decides what a response means for an execution; `watch` and `start` decide when to send requests.

mod advice;
mod auth;
mod call;
mod client;
mod clients;
mod connection_failure;
mod definition;
mod error_chain;
mod failed_sync;
mod filters;
pub mod fuzzing;
mod history;
mod http_builder;
mod http_client;
mod iam;
mod list;
mod logs;
mod machines;
mod members;
pub mod probe;
mod proxy;
mod received_arn;
mod redact;
mod redrive;
mod response;
mod route_request;
mod secret;
mod start;
mod status;
mod stop;
mod tls;
mod undecodable;

#[cfg(test)]
mod tests;

pub use client::Client;
pub use clients::Clients;
pub use filters::ROUTE_FILTERS_CHILD;
pub(crate) use start::StartRequest;
pub use tls::{FileError, file_errors};
