//! Detects which signals were ignored when the program was started.
//!
//! Querying a disposition is `unsafe`, so it is read from `/proc` or `ps`.

use std::sync::OnceLock;

#[cfg(any(target_os = "linux", target_os = "android"))]
use stepgate_core::bounded::{Limits, Source};

/// Whether this signal was ignored. The first call must precede any signal handler.
pub(in crate::runtime) fn is_ignored(number: i32) -> bool {
    static IGNORED: OnceLock<u64> = OnceLock::new();
    let ignored = IGNORED.get_or_init(|| mask().unwrap_or(0));
    u32::try_from(number - 1).is_ok_and(|bit| ignored.checked_shr(bit).is_some_and(|rest| rest & 1 == 1))
}

/// Returns the ignored signals; bit 0 is signal 1.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn mask() -> Option<u64> {
    // Without the thread that reads files elsewhere: this one cannot block, and the first frame waits for it.
    let status = Source::open("/proc/self/status".as_ref(), Limits::FILE).ok()?.whole().ok()?;
    let mask = std::str::from_utf8(&status).ok()?.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// Returns the ignored signals; bit 0 is signal 1.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn mask() -> Option<u64> {
    let id = std::process::id().to_string();
    let printed = stepgate_core::child::printed("ps", &["-o", "sigignore=", "-p", &id]).ok()?;
    u64::from_str_radix(std::str::from_utf8(&printed).ok()?.trim(), 16).ok()
}
