//! Signature Version 4 for `execute-api`, with the credentials of the AWS CLI. Without the cargo
//! feature `iam` there is only the word that says so.

mod files;

pub(super) use files::files;

#[cfg(feature = "iam")]
mod aws;
#[cfg(feature = "iam")]
pub(super) use aws::Signer;

#[cfg(not(feature = "iam"))]
mod none;
#[cfg(not(feature = "iam"))]
pub(super) use none::Signer;
