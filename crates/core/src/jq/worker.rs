//! The process that applies the filters of an endpoint's routes, and what it exchanges with stepgate: each frame is its
//! length (4 bytes, the lowest first) and its content. The first frame has the filters as JSON; then each job gets one
//! reply. The filters are compiled once. A filter that takes too long ends the process; what else can happen to it (no
//! memory, no stack) ends it, too.

use std::io::{self, Read, Write};
use std::sync::mpsc;
use std::time::Duration;

use crate::jq::closed::{CheckError, Closed, Output, STACK_BYTES};

/// Time for one filter and one input.
pub const TIME_LIMIT: Duration = Duration::from_secs(5);
/// Limit for a result: what a gateway can send or receive.
pub const MAX_RESULT_BYTES: usize = 10 * 1024 * 1024;
/// Limit for a frame. A text of 10 MiB may take six times that as JSON.
const MAX_FRAME_BYTES: usize = 6 * MAX_RESULT_BYTES + 1024;

/// The reply to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The result is a string: its content.
    Text(Vec<u8>),
    /// The result as JSON.
    Json(Vec<u8>),
    /// Why there is none.
    Failed(String),
    /// Why there is none, and the process has ended.
    Stopped(String),
}

impl Reply {
    /// Reads the content of a frame.
    pub fn parse(mut content: Vec<u8>) -> io::Result<Self> {
        let text = |content: Vec<u8>| String::from_utf8_lossy(&content).into_owned();
        match content.pop() {
            Some(b't') => Ok(Self::Text(content)),
            Some(b'j') => Ok(Self::Json(content)),
            Some(b'f') => Ok(Self::Failed(text(content))),
            Some(b's') => Ok(Self::Stopped(text(content))),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Returns the content of its frame: its kind is the last byte.
    fn into_content(self) -> Vec<u8> {
        let (mut content, kind) = match self {
            Self::Text(bytes) => (bytes, b't'),
            Self::Json(bytes) => (bytes, b'j'),
            Self::Failed(message) => (message.into_bytes(), b'f'),
            Self::Stopped(message) => (message.into_bytes(), b's'),
        };
        content.push(kind);
        content
    }
}

/// Returns the frame that begins with the filters.
pub fn setup(filters: &[&str]) -> Vec<u8> {
    frame(serde_json::json!(filters).to_string().as_bytes(), &[])
}

/// Returns the frame that applies a filter to a JSON text.
pub fn job(filter: usize, json: &[u8]) -> Vec<u8> {
    frame(&u32::try_from(filter).unwrap_or(u32::MAX).to_le_bytes(), json)
}

/// Returns a frame's length from its first four bytes; fails if it is too long.
pub fn length(head: [u8; 4]) -> io::Result<usize> {
    let length = usize::try_from(u32::from_le_bytes(head)).unwrap_or(usize::MAX);
    if length > MAX_FRAME_BYTES { Err(io::ErrorKind::InvalidData.into()) } else { Ok(length) }
}

fn frame(first: &[u8], second: &[u8]) -> Vec<u8> {
    let length = u32::try_from(first.len() + second.len()).unwrap_or(u32::MAX);
    [&length.to_le_bytes(), first, second].concat()
}

/// Returns the content of the next frame; `None` at the end.
fn read_frame(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    match input.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let mut content = vec![0; length(head)?];
    input.read_exact(&mut content)?;
    Ok(Some(content))
}

/// Serves jobs until the input ends or a filter takes too long.
#[expect(clippy::disallowed_methods, reason = "a separate process, which has nothing else to do")]
pub fn serve(input: &mut impl Read, output: &mut dyn Write) -> io::Result<()> {
    let Some(filters) = read_frame(input)? else { return Ok(()) };
    let filters: Vec<String> = serde_json::from_slice(&filters)?;
    let (jobs, received) = mpsc::channel::<Vec<u8>>();
    let (replies, finished) = mpsc::channel();
    let apply = move || {
        let filters: Vec<_> = filters.iter().map(|filter| Closed::compile(filter)).collect();
        while let Ok(content) = received.recv() {
            if replies.send(reply(&filters, &content)).is_err() {
                return;
            }
        }
    };
    // Deeply nested JSON and filters. Memory is only allocated as it is used.
    std::thread::Builder::new().stack_size(STACK_BYTES).spawn(apply)?;
    while let Some(content) = read_frame(input)? {
        let stopped = |message: String| Reply::Stopped(message);
        let reply = match jobs.send(content).map(|()| finished.recv_timeout(TIME_LIMIT)) {
            Ok(Ok(reply)) => reply,
            Ok(Err(mpsc::RecvTimeoutError::Timeout)) => {
                stopped(format!("it was stopped: no result for {} s", TIME_LIMIT.as_secs()))
            }
            _ => stopped("it was stopped: jq failed".to_owned()),
        };
        let is_over = matches!(reply, Reply::Stopped(_));
        output.write_all(&frame(&reply.into_content(), &[]))?;
        output.flush()?;
        if is_over {
            break;
        }
    }
    Ok(())
}

fn reply(filters: &[Result<Closed, CheckError>], content: &[u8]) -> Reply {
    let applied = || {
        let (index, input) = content.split_first_chunk::<4>().ok_or("an incomplete job")?;
        let index = usize::try_from(u32::from_le_bytes(*index)).unwrap_or(usize::MAX);
        match filters.get(index).ok_or("an unknown filter")? {
            Ok(filter) => filter.apply(input, MAX_RESULT_BYTES),
            Err(error) => Err(error.to_string()),
        }
    };
    match applied() {
        Ok(Output::Text(bytes)) => Reply::Text(bytes),
        Ok(Output::Json(bytes)) => Reply::Json(bytes),
        Err(message) => Reply::Failed(message),
    }
}
