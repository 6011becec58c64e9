//! Connections to the local gateway: a limited number, each with a deadline, so that slow ones (slow loris) do not pile up.

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

/// The most at once; others wait until one is over.
const MOST: usize = 512;
/// So long a connection may go without an answer: longer than clients keep an idle one, and longer than any of them waits.
const PATIENCE: Duration = Duration::from_secs(120);

/// Accepts connections.
pub(crate) struct Connections {
    listener: TcpListener,
    free: Arc<Semaphore>,
    patience: Duration,
}

impl Connections {
    /// `latency` is what each answer takes longer.
    pub(crate) fn of(listener: TcpListener, latency: Duration) -> Self {
        Self::with(listener, MOST, PATIENCE.saturating_add(latency))
    }

    fn with(listener: TcpListener, most: usize, patience: Duration) -> Self {
        Self { listener, free: Arc::new(Semaphore::new(most)), patience }
    }
}

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let place = Arc::clone(&self.free).acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let connection =
            Connection { stream, patience: self.patience, over: Box::pin(sleep(self.patience)), _place: place };
        (connection, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        TcpListener::local_addr(&self.listener)
    }
}

/// A connection that breaks when nothing has been written to it for too long, whatever has been read from it.
pub(crate) struct Connection {
    stream: TcpStream,
    patience: Duration,
    over: Pin<Box<Sleep>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.over.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.over.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        let next = Instant::now() + self.patience;
        self.over.as_mut().reset(next);
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

    async fn answer(stream: &mut TcpStream) -> String {
        let mut bytes = [0; 1024];
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("sent");
        let read = stream.read(&mut bytes).await.expect("an answer");
        String::from_utf8_lossy(&bytes[..read]).into_owned()
    }

    #[tokio::test]
    async fn a_slow_connection_is_broken_and_gives_its_place_to_another() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let connections = Connections::with(listener, 1, Duration::from_millis(500));
        let router = Router::new().fallback(|| async { "hello" });
        tokio::spawn(async move { axum::serve(connections, router).await });
        let mut slow = TcpStream::connect(address).await.expect("connected");
        slow.write_all(b"GET / HTTP/1.1\r\nhost").await.expect("sent");
        let mut other = TcpStream::connect(address).await.expect("connected");
        // It waits for the place of the slow one, which goes on sending a header without an end.
        let dripping = tokio::spawn(async move {
            while slow.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        assert!(answer(&mut other).await.ends_with("hello"));
        assert!(answer(&mut other).await.ends_with("hello"), "and it stays open");
        dripping.await.expect("the connection broke");
    }
}
