//! A gateway in front of a gateway that behaves like faulty gateways and networks: it delays, resets, throttles,
//! fails before and after doing the work, and loses responses.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The gateway that misbehaves.
pub struct Chaos {
    address: SocketAddr,
    calm: Arc<AtomicBool>,
}

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    Delayed,
    /// Carried out seconds later, when the client may have gone.
    Late,
    Reset,
    Throttled,
    Failed,
    /// From here on the work is done.
    DoneAndReset,
    DoneAndFailed,
    DoneAndCut,
    DoneAndSilent,
}

const FATES: [Fate; 16] = [
    Fate::Answered,
    Fate::Answered,
    Fate::Answered,
    Fate::Answered,
    Fate::Delayed,
    Fate::Delayed,
    Fate::Late,
    Fate::Reset,
    Fate::Throttled,
    Fate::Failed,
    Fate::DoneAndReset,
    Fate::DoneAndReset,
    Fate::DoneAndFailed,
    Fate::DoneAndFailed,
    Fate::DoneAndCut,
    Fate::DoneAndSilent,
];

impl Chaos {
    /// Stands in front of the server at this address.
    pub async fn before(upstream: String) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let calm = Arc::new(AtomicBool::new(false));
        let is_calm = Arc::clone(&calm);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, upstream.clone(), Arc::clone(&is_calm)));
            }
        });
        Self { address, calm }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on everything is answered.
    pub fn calm_down(&self) {
        self.calm.store(true, Ordering::Relaxed);
    }
}

async fn serve(mut client: TcpStream, upstream: String, calm: Arc<AtomicBool>) {
    loop {
        let Some(request) = message(&mut client).await else { return };
        let fate = if calm.load(Ordering::Relaxed) { Fate::Answered } else { FATES[fastrand::usize(..FATES.len())] };
        let wait = match fate {
            Fate::Delayed => fastrand::u64(..300),
            Fate::Late => fastrand::u64(500..4_000),
            _ => 0,
        };
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let answer = match fate {
            Fate::Reset => return reset(&client),
            Fate::Throttled => plain("429 Too Many Requests", "{\"message\":\"Too Many Requests\"}"),
            Fate::Failed => plain("500 Internal Server Error", "{\"message\":\"Internal server error\"}"),
            _ => forward(&request, &upstream).await,
        };
        match fate {
            Fate::DoneAndReset => return reset(&client),
            Fate::DoneAndSilent => return std::future::pending().await,
            _ => {}
        }
        let answer = match fate {
            Fate::DoneAndFailed => plain("504 Gateway Timeout", "{\"message\":\"Endpoint request timed out\"}"),
            Fate::DoneAndCut => answer[..answer.len() / 2].to_vec(),
            _ => answer,
        };
        // Who was killed takes no answer.
        if client.write_all(&answer).await.is_err() || fate == Fate::DoneAndCut {
            return;
        }
    }
}

/// Closes so that the other side sees a reset.
#[expect(deprecated, reason = "zero seconds do not block, and cause a reset")]
fn reset(client: &TcpStream) {
    let _ = client.set_linger(Some(Duration::ZERO));
}

fn plain(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

async fn forward(request: &[u8], upstream: &str) -> Vec<u8> {
    let mut server = TcpStream::connect(upstream).await.expect("the real gateway listens");
    server.write_all(request).await.expect("the real gateway takes a request");
    message(&mut server).await.expect("the real gateway answers")
}

/// A whole HTTP message of known length.
async fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        if bytes.len() >= head.len() + 4 + length.unwrap_or(0) {
            return Some(bytes);
        }
    }
}
