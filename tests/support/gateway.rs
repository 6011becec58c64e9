//! Local gateways that can be stopped and restarted, and servers with any response.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use stepgate_local::{Gateway, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A local gateway on a port of its own.
pub struct Served {
    pub gateway: Arc<Gateway>,
    address: SocketAddr,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Served {
    pub fn new(options: Options) -> Self {
        let gateway = Gateway::new(options);
        let mut served = Self { gateway, address: ([127, 0, 0, 1], 0).into(), running: None };
        served.start();
        served
    }

    pub fn url(&self) -> String {
        self.gateway.url(self.address)
    }

    /// Serves again, at the same address and with the same executions.
    pub fn start(&mut self) {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("the address can be used again");
        socket.bind(self.address).expect("the address is free");
        let listener = socket.listen(64).expect("a listener");
        self.address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let gateway = Arc::clone(&self.gateway);
        let task = tokio::spawn(async move {
            let shutdown = async move { drop(stopped.await) };
            stepgate_local::run(listener, gateway, shutdown).await.expect("the gateway serves");
        });
        self.running = Some((stop, task));
    }

    /// Stops serving; the port is closed when this returns.
    pub async fn stop(&mut self) {
        if let Some((stop, task)) = self.running.take() {
            drop(stop);
            task.await.expect("the gateway stops");
        }
    }
}

/// A server that reads a request and answers with the next of these texts; an empty one closes the
/// connection instead. Returns its URL and the requests that it has read.
pub async fn scripted<A>(answers: Vec<A>) -> (String, Arc<std::sync::Mutex<Vec<String>>>)
where
    A: AsRef<[u8]> + Send + Sync + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let requests = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&requests);
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let request = read_request(&mut stream).await;
            seen.lock().expect("the requests").push(request);
            // The client may have gone away in the middle of a large answer.
            let _ = stream.write_all(answer.as_ref()).await;
            let _ = stream.shutdown().await;
        }
    });
    (url, requests)
}

/// An HTTP answer with this status line, headers and body.
pub fn http(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}", body.len())
}

/// A server that answers every request with the same, on connections that stay open. Returns its URL,
/// and how many connections and requests there have been.
pub async fn steady(answer: String) -> (String, Arc<(AtomicUsize, AtomicUsize)>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let counts = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let counter = Arc::clone(&counts);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.0.fetch_add(1, Ordering::Relaxed);
            let (counter, answer) = (Arc::clone(&counter), answer.clone());
            tokio::spawn(async move {
                while !read_request(&mut stream).await.is_empty() {
                    counter.1.fetch_add(1, Ordering::Relaxed);
                    let _ = stream.write_all(answer.as_bytes()).await;
                }
            });
        }
    });
    (url, counts)
}

/// A server that refuses every request and repeats the whole of it in the error's text, as API Gateway repeats
/// headers. Returns its URL and the requests.
pub async fn repeating() -> (String, Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let requests = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                let request = read_request(&mut stream).await;
                let message =
                    format!("{request} not a valid key=value pair (missing equal-sign) in Authorization header");
                let body = serde_json::json!({ "message": message }).to_string();
                seen.lock().expect("the requests").push(request);
                let headers = "x-amzn-errortype: IncompleteSignatureException\r\nx-amzn-requestid: r-1\r\n";
                let _ = stream.write_all(http("403 Forbidden", headers, &body).as_bytes()).await;
            });
        }
    });
    (url, requests)
}

/// A server that answers by the path of the request. Returns its URL.
pub async fn answering(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    replying(move |request| answer(request.split(' ').nth(1).unwrap_or_default())).await
}

/// A server that answers by the whole request. Returns its URL.
pub async fn replying(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}/dev", listener.local_addr().expect("an address"));
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let request = read_request(&mut stream).await;
                let _ = stream.write_all(answer(&request).as_bytes()).await;
            });
        }
    });
    url
}

/// A request with its body; nothing of a TLS handshake.
pub async fn read_request(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        text.extend_from_slice(&buffer[..read]);
        // A TLS handshake, which is answered as whatever it is not.
        if text.first() == Some(&0x16) {
            return String::new();
        }
        let whole = String::from_utf8_lossy(&text).into_owned();
        let length = whole
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned))
            .and_then(|length| length.trim().parse::<usize>().ok());
        let body = whole.split_once("\r\n\r\n").map(|(_, body)| body.len());
        if read == 0 || body.is_some_and(|body| body >= length.unwrap_or(0)) {
            return whole;
        }
    }
}
