//! A server that ends connections with a given TLS alert, at a given stage.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::cipher::{OutboundChunks, OutboundPlainMessage};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ConnectionTrafficSecrets as Secrets, ContentType, ProtocolVersion, ServerConfig, SupportedCipherSuite,
};
use tokio_rustls::server::TlsStream;

use super::tls::Issued;

/// Alerts about the client certificate (RFC 8446, section 6.2, and RFC 6066).
pub const CERTIFICATE: &[u8] = &[41, 42, 43, 44, 45, 46, 48, 49, 51, 111, 114, 116];
/// Other alerts that are sent during handshakes only.
pub const HANDSHAKE: &[u8] = &[40, 60, 70, 71, 86, 109, 110, 112, 113, 115, 120, 121];
/// Alerts that may be sent at any time, and an unknown one.
pub const ANY: &[u8] = &[0, 10, 20, 21, 22, 30, 47, 50, 80, 90, 100, 200];

/// When the alert is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Instead of the `ServerHello`.
    Hello,
    /// After the client's `Finished`, where servers of TLS 1.3 refuse client certificates.
    Finished,
    /// After the whole request.
    Request,
    /// After a second request, the first of which was answered.
    SecondRequest,
}

/// What the server does after the alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Closes at once: the system resets the connection if the client has sent more.
    Close,
    /// Reads until the client closes.
    Linger,
}

/// What the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    Tls13,
    Tls12,
}

/// A server with these habits. `protocol` is `h2` or `http/1.1`. The URL is for the host `localhost`.
pub async fn serve(issued: &Issued, code: u8, moment: Moment, after: After, speaks: Speaks, protocol: &str) -> String {
    let versions = if speaks == Speaks::Tls13 { [&TLS13] } else { [&TLS12] };
    let config = ServerConfig::builder_with_protocol_versions(&versions);
    // It requests a client certificate, like every server that refuses one.
    let config = config.with_client_cert_verifier(issued.asks());
    let (chain, key) = issued.server();
    let mut config = config.with_single_cert(chain, key).expect("a configuration");
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    config.enable_secret_extraction = true;
    config.send_tls13_tickets = 0;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let is_http2 = protocol == "h2";
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move { drop(alert(stream, acceptor, code, moment, after, is_http2).await) });
        }
    });
    format!("https://localhost:{port}/dev")
}

async fn alert(
    mut tcp: TcpStream,
    acceptor: TlsAcceptor,
    code: u8,
    moment: Moment,
    after: After,
    is_http2: bool,
) -> std::io::Result<()> {
    const FATAL: u8 = 2;
    if moment == Moment::Hello {
        let mut hello = [0; 4096];
        let _ = tcp.read(&mut hello).await?;
        tcp.write_all(&[0x15, 3, 3, 0, 2, FATAL, code]).await?;
        return end(tcp, after).await;
    }
    let mut stream = acceptor.accept(tcp).await?;
    let mut requests = Requests::default();
    if moment != Moment::Finished {
        requests.next(&mut stream, is_http2).await?;
    }
    if moment == Moment::SecondRequest {
        let body = br#"{"status":"RUNNING","startDate":1.7E9}"#;
        stream.write_all(&if is_http2 { http2_response(body) } else { http1_response(body) }).await?;
        stream.flush().await?;
        requests.next(&mut stream, is_http2).await?;
    }
    let (mut tcp, connection) = stream.into_inner();
    let suite = connection.negotiated_cipher_suite().expect("a cipher");
    let secrets = connection.dangerous_extract_secrets().expect("secrets");
    let (
        number,
        Secrets::Aes128Gcm { key, iv } | Secrets::Aes256Gcm { key, iv } | Secrets::Chacha20Poly1305 { key, iv },
    ) = secrets.tx
    else {
        panic!("an unknown cipher");
    };
    let message = OutboundPlainMessage {
        typ: ContentType::Alert,
        version: ProtocolVersion::TLSv1_2,
        payload: OutboundChunks::Single(&[FATAL, code]),
    };
    let mut encrypter = match suite {
        SupportedCipherSuite::Tls13(suite) => suite.aead_alg.encrypter(key, iv),
        SupportedCipherSuite::Tls12(suite) => suite.aead_alg.encrypter(key, &iv.as_ref()[..4], &iv.as_ref()[4..]),
    };
    let record = encrypter.encrypt(message, number).expect("encrypted").encode();
    tcp.write_all(&record).await?;
    end(tcp, after).await
}

async fn end(mut tcp: TcpStream, after: After) -> std::io::Result<()> {
    if after == After::Linger {
        let mut rest = Vec::new();
        let _ = tcp.read_to_end(&mut rest).await;
    }
    Ok(())
}

/// Finds the ends of requests in what a client sends.
#[derive(Default)]
struct Requests {
    bytes: Vec<u8>,
    read: usize,
}

impl Requests {
    /// Reads up to the end of the next request.
    async fn next(&mut self, stream: &mut TlsStream<TcpStream>, is_http2: bool) -> std::io::Result<()> {
        loop {
            let rest = &self.bytes[self.read..];
            let end = if is_http2 { http2_end(rest, self.read == 0) } else { http1_end(rest) };
            if let Some(end) = end {
                self.read += end;
                return Ok(());
            }
            let mut buffer = [0; 4096];
            match stream.read(&mut buffer).await? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                read => self.bytes.extend_from_slice(&buffer[..read]),
            }
        }
    }
}

fn http1_end(bytes: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok()).unwrap_or(0);
    (body.len() >= length).then_some(head.len() + 4 + length)
}

/// The end of the first frame that ends a stream (RFC 9113, section 4.1).
fn http2_end(bytes: &[u8], is_first: bool) -> Option<usize> {
    const PREFACE: usize = 24;
    let mut at = if is_first { PREFACE } else { 0 };
    loop {
        let head = bytes.get(at..at + 9)?;
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let ends_stream = matches!(head[3], 0 | 1) && head[4] & 1 == 1;
        at += 9 + length;
        if bytes.len() < at {
            return None;
        }
        if ends_stream {
            return Some(at);
        }
    }
}

fn http1_response(body: &[u8]) -> Vec<u8> {
    let mut response = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    response.extend_from_slice(body);
    response
}

fn http2_response(body: &[u8]) -> Vec<u8> {
    let frame = |kind: u8, flags: u8, stream: u8, payload: &[u8]| {
        let mut frame = vec![0, 0, u8::try_from(payload.len()).expect("short"), kind, flags, 0, 0, 0, stream];
        frame.extend_from_slice(payload);
        frame
    };
    // SETTINGS and its acknowledgement; HEADERS with `:status: 200`, which is 8 in the static table; DATA.
    [frame(4, 0, 0, &[]), frame(4, 1, 0, &[]), frame(1, 4, 1, &[0x88]), frame(0, 1, 1, body)].concat()
}
