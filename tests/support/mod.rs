//! Code that several tests share.
#![allow(dead_code, reason = "each suite uses a part of it")]

pub mod alerts;
pub mod authority;
pub mod aws;
pub mod chaos;
#[cfg(unix)]
pub mod cli;
pub mod contexts;
#[cfg(unix)]
pub mod crash;
pub mod documents;
#[cfg(unix)]
pub mod expiring_credentials;
pub mod gateway;
#[cfg(unix)]
pub mod histories;
#[cfg(unix)]
pub mod hostile;
#[cfg(unix)]
pub mod log_group;
pub mod mapped;
pub mod odd;
pub mod pictures;
pub mod player;
pub mod proxy;
pub mod render;
pub mod scene;
pub mod scenes;
#[cfg(unix)]
pub mod situation;
pub mod source;
#[cfg(unix)]
pub mod terminal;
pub mod tls;
#[cfg(target_os = "linux")]
pub mod wake_ups;
#[cfg(unix)]
pub mod watched;
