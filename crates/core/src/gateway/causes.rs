//! The errors behind an error.

use std::error::Error;
use std::io;

/// The first error of this type among an error, what it wraps, and what it was caused by.
pub(super) fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // What an `io::Error` wraps is not its source: its source is the source of that.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = wrapped.and_then(|wrapped| find(wrapped)) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// The innermost error of the system: TLS and HTTP wrap it in others of the same type, whose kind tells nothing.
pub(super) fn innermost<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e io::Error> {
    let found = find::<io::Error>(error)?;
    let wrapped = found.get_ref().and_then(|wrapped| innermost(wrapped));
    Some(wrapped.or_else(|| innermost(found.source()?)).unwrap_or(found))
}

/// The words of the innermost cause.
pub(super) fn words(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
