//! A budget that all processes on this machine spend from: a file that says when the next request may leave.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::{Place, Route};
use crate::store::file::private_folder;

/// A moment further away than this was written by a clock that has been set back since.
const FURTHEST: Duration = Duration::from_secs(120);
/// More of a place than this does not go into the name of its file.
const MOST_OF_A_PLACE: usize = 120;

/// The budget of one route of one place.
#[derive(Debug, Clone)]
pub struct Purse(PathBuf);

impl Purse {
    pub(super) fn new(folder: &Path, place: &Place, route: Route) -> Self {
        let letters = place.as_str().chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' });
        // Two places with one name would share a budget: slower, never too fast.
        let place: String = letters.take(MOST_OF_A_PLACE).collect();
        Self(folder.join("budget").join(format!("{place}-{}", route.key())))
    }

    /// At `now`, since 1970, takes a request, after which the next one may leave when `interval` has passed; or says how long it is until
    /// one may leave. Where the file cannot be used the process has its budget for itself.
    pub fn take(&self, now: Duration, interval: Duration) -> Result<(), Duration> {
        self.take_at(now, interval).unwrap_or_else(|error| {
            tracing::warn!(path = %self.0.display(), %error, "the budget is not shared with other processes");
            Ok(())
        })
    }

    fn take_at(&self, now: Duration, interval: Duration) -> io::Result<Result<(), Duration>> {
        let mut file = self.open()?;
        // For as long as it takes to read and write eight bytes; closing it unlocks it.
        file.lock()?;
        let mut bytes = [0; 8];
        let free = match file.read_exact(&mut bytes) {
            Ok(()) => Duration::from_micros(u64::from_le_bytes(bytes)),
            Err(_) => Duration::ZERO,
        };
        let wait = free.saturating_sub(now);
        if !wait.is_zero() && wait <= FURTHEST {
            return Ok(Err(wait));
        }
        let free = u64::try_from((now + interval).as_micros()).unwrap_or(u64::MAX);
        file.rewind()?;
        file.write_all(&free.to_le_bytes())?;
        Ok(Ok(()))
    }

    fn open(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.0).or_else(|_| {
            private_folder(self.0.parent().unwrap_or(&self.0))?;
            options.open(&self.0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_first_takes_it_and_the_others_wait() {
        let folder = tempfile::tempdir().expect("a folder");
        let purse = |place: &str| Purse::new(folder.path(), &Place::new(place), Route::Status);
        let (one, other, elsewhere) = (purse("https://a/dev"), purse("https://a/dev"), purse("https://b/dev"));
        let (now, interval) = (Duration::from_secs(1_000), Duration::from_millis(200));
        let take =
            |purse: &Purse, millis: u64| purse.take_at(now + Duration::from_millis(millis), interval).expect("taken");
        assert_eq!(take(&one, 0), Ok(()));
        assert_eq!(take(&other, 50), Err(Duration::from_millis(150)));
        assert_eq!(take(&elsewhere, 50), Ok(()));
        assert_eq!(take(&other, 200), Ok(()));
        assert_eq!(take(&one, 200), Err(Duration::from_millis(200)));
    }

    #[test]
    fn a_clock_that_was_set_back_and_a_broken_file_stop_nobody() {
        let folder = tempfile::tempdir().expect("a folder");
        let purse = Purse::new(folder.path(), &Place::new("https://a/dev"), Route::Status);
        let interval = Duration::from_millis(200);
        assert_eq!(purse.take_at(Duration::from_secs(100_000), interval).expect("taken"), Ok(()));
        assert_eq!(purse.take_at(Duration::from_secs(1_000), interval).expect("taken"), Ok(()));
        std::fs::write(&purse.0, "abc").expect("broken");
        assert_eq!(purse.take_at(Duration::from_secs(1_000), interval).expect("taken"), Ok(()));
    }
}
