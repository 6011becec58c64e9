//! A rate limit for all processes on this machine: a file with the time of the next request.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::time::Instant;

use crate::bounded;
use crate::domain::{GatewayId, Route};
use crate::folder;
use crate::rate_limit::limiter::SharedRateLimit;

/// A time further ahead than this was written before the clock was set back.
const FURTHEST: Duration = Duration::from_secs(120);
/// Longer gateway ids are cut in file names.
const MOST_OF_AN_ID: usize = 120;

/// Others hold the lock while they read and write eight bytes. A process suspended in between must not block this one.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// The pause between attempts to lock.
const PAUSE: Duration = Duration::from_millis(10);

/// A file system that takes longer for eight bytes is slow. A busy machine may take tens of milliseconds for anything.
const SLOW: Duration = Duration::from_millis(100);

/// The rate limit of one route of one gateway, in a file.
#[derive(Debug, Clone)]
pub struct SharedFile {
    path: PathBuf,
    trouble: Arc<Mutex<Trouble>>,
    /// Whether the last access was slow.
    is_slow: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct Trouble {
    /// Since when another process has held the lock, on the clock of [`SharedFile::take`].
    held: Option<Duration>,
    /// Whether this has been reported.
    is_reported: bool,
}

impl SharedFile {
    /// `folder` is the store's, which all its processes share.
    pub fn new(folder: &Path, gateway: &GatewayId, route: Route) -> Self {
        let letters = gateway.as_str().chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' });
        // Two gateways with the same file name would share a limit: slower, never too fast.
        let gateway: String = letters.take(MOST_OF_AN_ID).collect();
        Self {
            path: folder.join("budget").join(format!("{gateway}-{}", route.key())),
            trouble: Arc::default(),
            is_slow: Arc::default(),
        }
    }

    /// Takes a request, after which the next one is allowed when `interval` has passed; or returns the time until one
    /// is allowed. `clock` returns the time since 1970. Never waits. If the file cannot be used, or another process
    /// holds its lock for too long, the process has the rate limit for itself.
    pub fn take(&self, clock: impl Fn() -> Duration, interval: Duration) -> Result<(), Duration> {
        let taken = self.take_shared(clock, interval);
        let was_told = std::mem::replace(&mut self.trouble().is_reported, taken.is_err());
        taken.unwrap_or_else(|error| {
            if !was_told {
                tracing::warn!(path = %self.path.display(), %error, "the budget is not shared with other processes");
            }
            Ok(())
        })
    }

    fn take_shared(&self, clock: impl Fn() -> Duration, interval: Duration) -> io::Result<Result<(), Duration>> {
        let mut file = self.open()?;
        // Closing the file unlocks it.
        if !bounded::try_lock(&file)? {
            return self.is_held(clock());
        }
        self.trouble().held = None;
        // A time read before the lock would be too early: another process may have sent a request meanwhile.
        let now = clock();
        let mut bytes = [0; 8];
        let free = match file.read_exact(&mut bytes) {
            Ok(()) => Duration::from_micros(u64::from_le_bytes(bytes)),
            Err(_) => Duration::ZERO,
        };
        let wait = free.saturating_sub(now);
        // A small budget itself leaves a moment this far away.
        if !wait.is_zero() && wait <= FURTHEST.max(interval) {
            return Ok(Err(wait));
        }
        let free = u64::try_from((now + interval).as_micros()).unwrap_or(u64::MAX);
        file.rewind()?;
        file.write_all(&free.to_le_bytes())?;
        Ok(Ok(()))
    }

    /// Another process has the lock: the caller retries in a moment, for a while.
    fn is_held(&self, now: Duration) -> io::Result<Result<(), Duration>> {
        let since = *self.trouble().held.get_or_insert(now);
        if now.saturating_sub(since) < LOCK_TIMEOUT && since <= now {
            return Ok(Err(PAUSE));
        }
        let message = format!("another process has held its lock for more than {} s", LOCK_TIMEOUT.as_secs());
        Err(io::Error::new(io::ErrorKind::TimedOut, message))
    }

    fn trouble(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[expect(clippy::disallowed_methods, reason = "it opens a file of this program, and reads only from a regular one")]
    fn open(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&self.path).or_else(|_| {
            folder::create_private(self.path.parent().unwrap_or(&self.path))?;
            options.open(&self.path)
        })?;
        // Reading from a pipe or a device could wait forever.
        if file.metadata()?.is_file() {
            Ok(file)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
        }
    }
}

impl SharedRateLimit for SharedFile {
    fn take(&self, interval: Duration) -> Result<Duration, Duration> {
        let began = Instant::now();
        // Finer than a `Timestamp`: a limit may be hundreds per second.
        let clock = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let taken = off_the_worker(self.is_slow.load(Relaxed), || Self::take(self, clock, interval));
        self.is_slow.store(began.elapsed() > SLOW, Relaxed);
        taken.map(|()| began.elapsed())
    }
}

/// Runs file operations; if they are slow, without blocking other tasks on this thread. That turns another thread into
/// a worker, and each worker that handles responses keeps a heap of its own, so this must not be the default.
#[expect(clippy::disallowed_methods, reason = "the watcher's decision is not a future and takes milliseconds at most")]
fn off_the_worker<T>(is_slow: bool, work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) if is_slow => tokio::task::block_in_place(work),
        // Tests have one thread, or no runtime.
        _ => work(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A child that another test starts holds the lock until it runs its program.
    fn take_at(shared: &SharedFile, now: Duration, interval: Duration) -> Result<(), Duration> {
        loop {
            match shared.take_shared(|| now, interval).expect("taken") {
                Err(PAUSE) => std::thread::sleep(PAUSE),
                taken => return taken,
            }
        }
    }

    #[test]
    fn the_first_process_takes_a_request_and_the_others_wait() {
        let folder = tempfile::tempdir().expect("a folder");
        let shared = |gateway: &str| SharedFile::new(folder.path(), &GatewayId::new(gateway), Route::Status);
        let (one, other, elsewhere) = (shared("https://a/dev"), shared("https://a/dev"), shared("https://b/dev"));
        let (now, interval) = (Duration::from_secs(1_000), Duration::from_millis(200));
        let take = |shared: &SharedFile, millis: u64| take_at(shared, now + Duration::from_millis(millis), interval);
        assert_eq!(take(&one, 0), Ok(()));
        assert_eq!(take(&other, 50), Err(Duration::from_millis(150)));
        assert_eq!(take(&elsewhere, 50), Ok(()));
        assert_eq!(take(&other, 200), Ok(()));
        assert_eq!(take(&one, 200), Err(Duration::from_millis(200)));
    }

    #[test]
    fn a_budget_of_any_size_is_shared() {
        let folder = tempfile::tempdir().expect("a folder");
        for (place, seconds) in [("a", 119), ("b", 120), ("c", 121), ("d", 200), ("e", 86_400)] {
            let shared = || SharedFile::new(folder.path(), &GatewayId::new(place), Route::Status);
            let (now, interval) = (Duration::from_secs(1_000), Duration::from_secs(seconds));
            assert_eq!(take_at(&shared(), now, interval), Ok(()));
            assert_eq!(take_at(&shared(), now, interval), Err(interval));
            let later = now + Duration::from_secs(1);
            assert_eq!(take_at(&shared(), later, interval), Err(interval.saturating_sub(Duration::from_secs(1))));
            assert_eq!(take_at(&shared(), now + interval, interval), Ok(()));
        }
    }

    #[test]
    fn the_time_counts_from_when_the_lock_is_held() {
        let folder = tempfile::tempdir().expect("a folder");
        let shared = SharedFile::new(folder.path(), &GatewayId::new("https://a/dev"), Route::Status);
        let (now, interval) = (Duration::from_secs(1_000), Duration::from_millis(200));
        let is_locked = || {
            let other = shared.open().expect("a file");
            assert!(!bounded::try_lock(&other).expect("tried"), "nothing can leave meanwhile");
            now
        };
        while shared.take_shared(is_locked, interval).expect("taken") == Err(PAUSE) {}
        assert_eq!(take_at(&shared, now + Duration::from_millis(50), interval), Err(Duration::from_millis(150)));
    }

    #[test]
    fn a_clock_that_was_set_back_and_a_broken_file_block_no_request() {
        let folder = tempfile::tempdir().expect("a folder");
        let shared = SharedFile::new(folder.path(), &GatewayId::new("https://a/dev"), Route::Status);
        let interval = Duration::from_millis(200);
        assert_eq!(take_at(&shared, Duration::from_secs(100_000), interval), Ok(()));
        assert_eq!(take_at(&shared, Duration::from_secs(1_000), interval), Ok(()));
        std::fs::write(&shared.path, "abc").expect("broken");
        assert_eq!(take_at(&shared, Duration::from_secs(1_000), interval), Ok(()));
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_its_place_is_not_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let shared = SharedFile::new(folder.path(), &GatewayId::new("https://a/dev"), Route::Status);
        folder::create_private(shared.path.parent().expect("a folder")).expect("a folder");
        let made = std::process::Command::new("mkfifo").arg(&shared.path).status().expect("mkfifo is everywhere");
        assert!(made.success());
        let interval = Duration::from_millis(200);
        let error = shared.take_shared(|| Duration::from_secs(1_000), interval).expect_err("no file");
        assert_eq!(error.to_string(), "it is not a regular file");
        assert_eq!(shared.take(|| Duration::from_secs(1_000), interval), Ok(()), "for itself");
    }

    #[test]
    fn a_held_lock_is_not_waited_for_and_given_up_after_a_while() {
        let folder = tempfile::tempdir().expect("a folder");
        let shared = SharedFile::new(folder.path(), &GatewayId::new("https://a/dev"), Route::Status);
        let (now, interval) = (Duration::from_secs(1_000), Duration::from_millis(200));
        let other = shared.open().expect("a file");
        other.lock().expect("locked");
        let take = |millis: u64| shared.take_shared(|| now + Duration::from_millis(millis), interval);
        assert_eq!(take(0).expect("held"), Err(PAUSE));
        assert_eq!(take(1_999).expect("held"), Err(PAUSE));
        assert!(take(2_000).expect_err("given up").to_string().contains("another process has held its lock"));
        assert_eq!(shared.take(|| now + LOCK_TIMEOUT, interval), Ok(()), "for itself");
        drop(other);
        assert_eq!(take(3_000).expect("free"), Ok(()));
        assert_eq!(take(3_000).expect("free"), Err(interval), "shared again");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_slow_file_system_does_not_block_other_tasks() {
        let (progress, made) = mpsc::channel();
        let slow = tokio::spawn(async move {
            off_the_worker(true, || {
                made.recv_timeout(Duration::from_secs(20)).expect("another task continues meanwhile");
            });
        });
        tokio::spawn(async move { progress.send(()).expect("it is waited for") }).await.expect("it has ended");
        slow.await.expect("it has ended");
    }
}
