//! What a child process prints.

use std::io;
use std::process::ExitStatus;

use tokio::process::Child;
use tokio::time::timeout;

use crate::bounded::{Limits, ReadError};

/// How a child ended, and what it printed on standard output until then. A process that it leaves behind, and that
/// still holds its output open, is not waited for. Beyond a limit the child still runs: whoever has started it ends it.
pub async fn output(child: &mut Child, limits: Limits) -> Result<(ExitStatus, Vec<u8>), ReadError> {
    let whole = timeout(limits.time, read(child, limits.bytes)).await;
    whole.unwrap_or(Err(ReadError::TooSlow(limits.time)))
}

/// A child's output, of which no more than a limit is held.
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
async fn read(child: &mut Child, most: u64) -> Result<(ExitStatus, Vec<u8>), ReadError> {
    use tokio::io::AsyncReadExt as _;
    use tokio::net::unix::pipe::Receiver;

    let pipe = child.stdout.take().ok_or_else(|| io::Error::other("it has no standard output"))?;
    let mut pipe = Receiver::from_owned_fd(pipe.into_owned_fd()?)?;
    let (mut printed, mut part) = (Printed { bytes: Vec::new(), most }, vec![0; 8 * 1024]);
    let status = loop {
        tokio::select! {
            read = pipe.read(&mut part) => match read? {
                0 => break child.wait().await?,
                read => printed.add(&part[..read])?,
            },
            status = child.wait() => {
                // All that it printed is in the pipe by now.
                let rest = std::fs::File::from(pipe.into_nonblocking_fd()?);
                drain(rest, &mut part, &mut printed)?;
                break status?;
            }
        }
    };
    Ok((status, printed.bytes))
}

/// Reads until there is nothing more at the moment.
#[cfg(unix)]
fn drain(mut pipe: impl io::Read, part: &mut [u8], printed: &mut Printed) -> Result<(), ReadError> {
    loop {
        match pipe.read(part) {
            Ok(0) => return Ok(()),
            Ok(read) => printed.add(&part[..read])?,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(not(unix))]
async fn read(child: &mut Child, most: u64) -> Result<(ExitStatus, Vec<u8>), ReadError> {
    use tokio::io::AsyncReadExt as _;

    let mut pipe = child.stdout.take().ok_or_else(|| io::Error::other("it has no standard output"))?;
    let (mut printed, mut part) = (Printed { bytes: Vec::new(), most }, vec![0; 8 * 1024]);
    loop {
        match pipe.read(&mut part).await? {
            0 => return Ok((child.wait().await?, printed.bytes)),
            read => printed.add(&part[..read])?,
        }
    }
}
