//! An HTTP proxy, with or without a login.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// What a proxy has done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Carried {
    pub plain: usize,
    pub tunnels: usize,
    pub refused: usize,
}

pub struct Proxy {
    address: SocketAddr,
    is_encrypted: bool,
    counted: Arc<Mutex<Carried>>,
}

impl Proxy {
    pub fn url(&self) -> String {
        self.url_with("")
    }

    /// The same with a login, `user:password@`. A proxy with TLS has a certificate for `localhost`.
    pub fn url_with(&self, login: &str) -> String {
        if self.is_encrypted {
            format!("https://{login}localhost:{}", self.address.port())
        } else {
            format!("http://{login}{}", self.address)
        }
    }

    pub fn counted(&self) -> Carried {
        *self.counted.lock().expect("the numbers")
    }
}

/// Serves; with `login` (`user:password`) only those who say it.
pub async fn serve(login: Option<&str>) -> Proxy {
    serve_with(login, None, None).await
}

/// The same: with TLS, and with all tunnels leading to one address, regardless of the requested name.
pub async fn serve_with(login: Option<&str>, tls: Option<ServerConfig>, leads_to: Option<SocketAddr>) -> Proxy {
    let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let counted = Arc::new(Mutex::new(Carried::default()));
    let wanted = login.map(|login| format!("basic {}", base64::engine::general_purpose::STANDARD.encode(login)));
    let proxy = Proxy { address, is_encrypted: acceptor.is_some(), counted: Arc::clone(&counted) };
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, wanted, counted) = (acceptor.clone(), wanted.clone(), Arc::clone(&counted));
            tokio::spawn(async move {
                match acceptor {
                    Some(acceptor) => carry(acceptor.accept(stream).await?, wanted, leads_to, counted).await,
                    None => carry(stream, wanted, leads_to, counted).await,
                }
            });
        }
    });
    proxy
}

async fn carry(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    wanted: Option<String>,
    leads_to: Option<SocketAddr>,
    counted: Arc<Mutex<Carried>>,
) -> std::io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await? > 0 {
        head.push(byte[0]);
        if head == [0x16] {
            // A TLS handshake, where plain HTTP is spoken.
            return stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").await;
        }
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let says = text.lines().filter_map(|line| line.split_once(": "));
    let login = says.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"));
    let is_known = wanted.is_none_or(|wanted| {
        // The scheme is written in either case, the rest is not.
        login.and_then(|(_, value)| value.split_once(' ')).is_some_and(|(_, secret)| wanted[6..] == *secret)
    });
    if !is_known {
        counted.lock().expect("the numbers").refused += 1;
        let answer = "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"p\"\r\n\
                      content-length: 0\r\nconnection: close\r\n\r\n";
        stream.write_all(answer.as_bytes()).await?;
        return stream.flush().await;
    }
    let mut words = text.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if method == "CONNECT" {
        let mut other = match leads_to {
            Some(address) => TcpStream::connect(address).await?,
            None => TcpStream::connect(target).await?,
        };
        counted.lock().expect("the numbers").tunnels += 1;
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        stream.flush().await?;
        copy_bidirectional(&mut stream, &mut other).await?;
    } else {
        let host = target.trim_start_matches("http://").split('/').next().unwrap_or_default();
        let mut other = TcpStream::connect(host).await?;
        counted.lock().expect("the numbers").plain += 1;
        other.write_all(&head).await?;
        copy_bidirectional(&mut stream, &mut other).await?;
    }
    Ok(())
}
