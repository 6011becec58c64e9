//! The output of a child process.

use std::io;
use std::process::ExitStatus;

use tokio::process::Child;
use tokio::time::timeout;

use crate::bounded::{Limits, ReadError};

/// Returns how a child ended, and its standard output. Does not wait for processes that it leaves behind with its
/// output open. Beyond a limit the child still runs, and the caller must end it.
pub async fn output(child: &mut Child, limits: Limits) -> Result<(ExitStatus, Vec<u8>), ReadError> {
    output_and_errors(child, limits, |_, _| {}).await
}

/// A pipe of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pipe {
    /// Its standard output.
    Output,
    /// Its standard error.
    Errors,
}

/// Like [`output`], for a child whose standard error is a pipe as well. Parts of both are passed on as they arrive;
/// standard error has no limit.
pub(crate) async fn output_and_errors(
    child: &mut Child,
    limits: Limits,
    on_part: impl FnMut(Pipe, &[u8]),
) -> Result<(ExitStatus, Vec<u8>), ReadError> {
    let whole = timeout(limits.time, read(child, limits.bytes, on_part)).await;
    whole.unwrap_or(Err(ReadError::TooSlow(limits.time)))
}

/// A child's output, up to a limit.
struct Printed {
    bytes: Vec<u8>,
    most: u64,
}

impl Printed {
    fn add(&mut self, part: &[u8]) -> Result<(), ReadError> {
        self.bytes.extend_from_slice(part);
        if self.bytes.len() as u64 > self.most { Err(ReadError::TooLarge(self.most)) } else { Ok(()) }
    }
}

#[cfg(unix)]
async fn read(
    child: &mut Child,
    most: u64,
    mut on_part: impl FnMut(Pipe, &[u8]),
) -> Result<(ExitStatus, Vec<u8>), ReadError> {
    use tokio::net::unix::pipe::Receiver;

    let pipe = child.stdout.take().ok_or_else(|| io::Error::other("it has no standard output"))?;
    let mut output = Some(Receiver::from_owned_fd(pipe.into_owned_fd()?)?);
    let errors = child.stderr.take().map(tokio::process::ChildStderr::into_owned_fd).transpose()?;
    let mut errors = errors.map(Receiver::from_owned_fd).transpose()?;
    let mut printed = Printed { bytes: Vec::new(), most };
    let (mut part, mut errors_part) = (vec![0; 8 * 1024], vec![0; 8 * 1024]);
    let status = loop {
        tokio::select! {
            read = some(&mut output, &mut part) => match read? {
                0 => output = None,
                read => {
                    on_part(Pipe::Output, &part[..read]);
                    printed.add(&part[..read])?;
                }
            },
            read = some(&mut errors, &mut errors_part) => match read? {
                0 => errors = None,
                read => on_part(Pipe::Errors, &errors_part[..read]),
            },
            status = child.wait() => break status?,
        }
    };
    // All its output is in the pipes now.
    if let Some(output) = output {
        drain(std::fs::File::from(output.into_nonblocking_fd()?), &mut part, |part| {
            on_part(Pipe::Output, part);
            printed.add(part)
        })?;
    }
    if let Some(errors) = errors {
        let mut rest = Printed { bytes: Vec::new(), most };
        // A process that it left behind may print without end.
        let _ = drain(std::fs::File::from(errors.into_nonblocking_fd()?), &mut part, |part| rest.add(part));
        on_part(Pipe::Errors, &rest.bytes);
    }
    Ok((status, printed.bytes))
}

/// Reads the next bytes of a pipe; pends forever once it is closed.
#[cfg(unix)]
async fn some(pipe: &mut Option<tokio::net::unix::pipe::Receiver>, part: &mut [u8]) -> io::Result<usize> {
    use tokio::io::AsyncReadExt as _;
    match pipe {
        Some(pipe) => pipe.read(part).await,
        None => std::future::pending().await,
    }
}

/// Reads until there is nothing more at the moment.
#[cfg(unix)]
fn drain(
    mut pipe: impl io::Read,
    part: &mut [u8],
    mut add: impl FnMut(&[u8]) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    loop {
        match pipe.read(part) {
            Ok(0) => return Ok(()),
            Ok(read) => add(&part[..read])?,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(not(unix))]
async fn read(
    child: &mut Child,
    most: u64,
    mut on_part: impl FnMut(Pipe, &[u8]),
) -> Result<(ExitStatus, Vec<u8>), ReadError> {
    use tokio::io::AsyncReadExt as _;

    let mut output = child.stdout.take().ok_or_else(|| io::Error::other("it has no standard output"))?;
    let mut errors = child.stderr.take();
    let mut printed = Printed { bytes: Vec::new(), most };
    let (mut part, mut errors_part) = (vec![0; 8 * 1024], vec![0; 8 * 1024]);
    loop {
        let from_errors = async {
            match &mut errors {
                Some(errors) => errors.read(&mut errors_part).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            read = output.read(&mut part) => match read? {
                0 => return Ok((child.wait().await?, printed.bytes)),
                read => {
                    on_part(Pipe::Output, &part[..read]);
                    printed.add(&part[..read])?;
                }
            },
            read = from_errors => match read? {
                0 => errors = None,
                read => on_part(Pipe::Errors, &errors_part[..read]),
            },
        }
    }
}
