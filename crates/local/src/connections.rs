//! Connections to the local gateway: limited in number and with timeouts, against slow clients (Slowloris).

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// Maximum number of connections; others wait.
const MAX_CONNECTIONS: usize = 512;
/// How long a connection may go without a response: longer than clients keep idle connections or wait.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Accepts connections.
pub(crate) struct Connections {
    listener: TcpListener,
    free: Arc<Semaphore>,
    timeout: Duration,
}

impl Connections {
    /// `latency` is the simulated delay of responses.
    pub(crate) fn new(listener: TcpListener, latency: Duration) -> Self {
        Self::with_limits(listener, MAX_CONNECTIONS, TIMEOUT.saturating_add(latency))
    }

    fn with_limits(listener: TcpListener, max: usize, timeout: Duration) -> Self {
        Self { listener, free: Arc::new(Semaphore::new(max)), timeout }
    }
}

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let permit = Arc::clone(&self.free).acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let connection =
            Connection { stream, timeout: self.timeout, deadline: Box::pin(sleep(self.timeout)), _permit: permit };
        (connection, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        TcpListener::local_addr(&self.listener)
    }
}

/// A connection that times out if nothing is written to it, regardless of reads.
pub(crate) struct Connection {
    stream: TcpStream,
    timeout: Duration,
    deadline: Pin<Box<Sleep>>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.deadline.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.deadline.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        let next = Instant::now() + self.timeout;
        self.deadline.as_mut().reset(next);
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn request(stream: &mut TcpStream) -> String {
        let mut bytes = [0; 1024];
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("sent");
        let read = stream.read(&mut bytes).await.expect("a response");
        String::from_utf8_lossy(&bytes[..read]).into_owned()
    }

    #[tokio::test]
    async fn a_slow_connection_times_out_and_makes_room_for_another() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let connections = Connections::with_limits(listener, 1, Duration::from_millis(500));
        let router = Router::new().fallback(|| async { "hello" });
        tokio::spawn(async move { axum::serve(connections, router).await });
        let mut slow = TcpStream::connect(address).await.expect("connected");
        slow.write_all(b"GET / HTTP/1.1\r\nhost").await.expect("sent");
        let mut other = TcpStream::connect(address).await.expect("connected");
        // It waits for the slow one, which keeps sending an endless header.
        let dripping = tokio::spawn(async move {
            while slow.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        assert!(request(&mut other).await.ends_with("hello"));
        assert!(request(&mut other).await.ends_with("hello"), "and it stays open");
        dripping.await.expect("the connection broke");
    }
}
