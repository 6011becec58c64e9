//! Detects which signals were ignored when the program was started.
//!
//! Querying a disposition is `unsafe`, so it is read from `/proc` or `ps`.

use std::sync::OnceLock;

/// Whether this signal was ignored. The first call must precede any signal handler.
pub(super) fn is_ignored(number: i32) -> bool {
    static IGNORED: OnceLock<u64> = OnceLock::new();
    let ignored = IGNORED.get_or_init(|| mask().unwrap_or(0));
    u32::try_from(number - 1).is_ok_and(|bit| ignored.checked_shr(bit).is_some_and(|rest| rest & 1 == 1))
}

/// Returns the ignored signals; bit 0 is signal 1.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn mask() -> Option<u64> {
    let status =
        stepgate_core::bounded::text_file("/proc/self/status".as_ref(), stepgate_core::bounded::Limits::FILE).ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// Returns the ignored signals; bit 0 is signal 1.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn mask() -> Option<u64> {
    let id = std::process::id().to_string();
    let printed = stepgate_core::child::printed("ps", &["-o", "sigignore=", "-p", &id]).ok()?;
    u64::from_str_radix(std::str::from_utf8(&printed).ok()?.trim(), 16).ok()
}
