//! Finds out whether the port of an `http://` URL expects TLS, after a request has failed there.

use std::time::Duration;

use reqwest::Url;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::domain::{Endpoint, Failure, FailureKind, Unreachable};
use crate::gateway::advice;
use crate::gateway::probe::connect_path::ConnectPath;
use crate::gateway::probe::unknown_route::UNKNOWN_ROUTE;
use crate::gateway::redact::Redactor;

/// Short, since a request has already failed and the user is waiting.
const DEADLINE: Duration = Duration::from_secs(3);

/// Returns why a request without a proxy got no response. A port that speaks TLS and not HTTP has processed nothing.
pub(in crate::gateway) async fn explained(failure: Failure, url: &Url, endpoint: &Endpoint) -> Failure {
    if failure.kind != FailureKind::Unreachable(Unreachable::Broken) || url.scheme() != "http" {
        return failure;
    }
    let speaks_tls = async { ConnectPath::with_tls(url, endpoint).await.ok()?.speaks_tls().await };
    if within(speaks_tls).await == Some(true) && within(speaks_http(url, endpoint)).await == Some(false) {
        advice::expects_tls()
    } else {
        failure
    }
}

async fn within(check: impl Future<Output = Option<bool>>) -> Option<bool> {
    timeout(DEADLINE, check).await.ok().flatten()
}

/// Returns whether the response to a plain request is HTTP. The request changes nothing.
async fn speaks_http(url: &Url, endpoint: &Endpoint) -> Option<bool> {
    let path = ConnectPath::through(None, url, endpoint, &Redactor::default()).await.ok()?;
    let mut stream = ConnectPath::connect(&path.resolve().await.ok()?).await.ok()?;
    let request = format!("GET {UNKNOWN_ROUTE} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", path.host());
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut begin = [0; 5];
    Some(stream.read_exact(&mut begin).await.is_ok() && begin == *b"HTTP/")
}
