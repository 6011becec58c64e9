//! Collects what a frame writes and writes it at once, when flushed. Standard output passes on a kibibyte at a time, and
//! each wakes the terminal.

use std::io::{self, Write};

/// Bytes above which it does not wait for the flush.
const MOST: usize = 64 * 1024;

/// Writes collected bytes when flushed, at the latest after 64 KiB.
pub(in crate::runtime) struct FrameWriter<W> {
    inner: W,
    bytes: Vec<u8>,
}

impl<W: Write> FrameWriter<W> {
    pub(in crate::runtime) fn new(inner: W) -> Self {
        Self { inner, bytes: Vec::new() }
    }

    fn write_collected(&mut self) -> io::Result<()> {
        let written = self.inner.write_all(&self.bytes);
        self.bytes.clear();
        written
    }
}

impl<W: Write> Write for FrameWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MOST {
            self.write_collected()?;
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if std::thread::panicking() {
            // The screen is closed already: the rest of a frame would go to the shell.
            self.bytes.clear();
            return Ok(());
        }
        self.write_collected()?;
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Calls(Vec<usize>);

    impl Write for Calls {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.len());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_frame_is_written_at_once_and_memory_is_bounded() {
        let mut writer = FrameWriter::new(Calls::default());
        for _ in 0..1_000 {
            writer.write_all(b"cell").expect("written");
        }
        assert!(writer.inner.0.is_empty());
        writer.flush().expect("written");
        assert_eq!(writer.inner.0, [4_000]);
        for _ in 0..MOST {
            writer.write_all(b"cell").expect("written");
        }
        assert!(writer.inner.0.iter().all(|written| *written <= MOST), "{:?}", writer.inner.0);
        assert!(writer.bytes.capacity() <= 2 * MOST, "{}", writer.bytes.capacity());
        writer.flush().expect("written");
        assert_eq!(writer.inner.0.iter().sum::<usize>(), 4_000 + 4 * MOST);
    }
}
