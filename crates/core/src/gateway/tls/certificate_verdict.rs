//! Waits for a server's verdict on the client certificate before the first request on a connection.
//!
//! In TLS 1.3 the client's handshake is complete before the server has verified its certificate. A server that refuses
//! it sends an alert and closes, and writing the request fails before the alert is read: the reason would be lost, and
//! it would be unknown whether the request was processed. So a new connection to a server that has requested a
//! certificate waits until data arrives, or for about as long as connecting took.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Read, ReadBuf};
use tokio::time::timeout;
use tower_layer::Layer;
use tower_service::Service;

use crate::gateway::tls::HandshakeRecord;

/// The verdict takes one round trip; connecting takes at least two.
const SHORTEST: Duration = Duration::from_millis(100);
pub(in crate::gateway) const LONGEST: Duration = Duration::from_secs(1);

type BoxError = Box<dyn Error + Send + Sync>;

/// Adds the wait to a connector.
#[derive(Debug, Clone)]
pub(in crate::gateway) struct VerdictLayer(pub(in crate::gateway) Arc<HandshakeRecord>);

impl<S> Layer<S> for VerdictLayer {
    type Service = VerdictConnector<S>;

    fn layer(&self, connector: S) -> VerdictConnector<S> {
        VerdictConnector { connector, seen: Arc::clone(&self.0) }
    }
}

/// A connector with the wait.
#[derive(Debug, Clone)]
pub(in crate::gateway) struct VerdictConnector<S> {
    connector: S,
    seen: Arc<HandshakeRecord>,
}

impl<S, R> Service<R> for VerdictConnector<S>
where
    S: Service<R, Error = BoxError>,
    S::Response: Read + Unpin + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (connecting, seen) = (self.connector.call(request), Arc::clone(&self.seen));
        Box::pin(async move {
            let began = Instant::now();
            let mut connection = connecting.await?;
            if seen.has_been_asked() && !seen.has_used_tls12() {
                readable(&mut connection, began.elapsed().clamp(SHORTEST, LONGEST)).await?;
            }
            Ok(connection)
        })
    }
}

/// Waits until there is something to read, without consuming it; an alert or the end of the connection is an error.
async fn readable(connection: &mut (impl Read + Unpin), most: Duration) -> io::Result<()> {
    let arrives = poll_fn(|context| {
        let mut nothing = ReadBuf::new(&mut []);
        Pin::new(&mut *connection).poll_read(context, nothing.unfilled())
    });
    timeout(most, arrives).await.unwrap_or(Ok(()))
}
