//! Searches the chain of errors behind an error.

use std::error::Error;
use std::io;

/// Returns the first error of this type in the chain of sources, including those that an `io::Error` wraps.
pub(super) fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // The wrapped error of an `io::Error` is not its source: `source` skips it.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = wrapped.and_then(|wrapped| find(wrapped)) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// Returns the innermost `io::Error`: TLS and HTTP wrap it in others, whose kind says nothing.
pub(super) fn innermost_io<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e io::Error> {
    let found = find::<io::Error>(error)?;
    let wrapped = found.get_ref().and_then(|wrapped| innermost_io(wrapped));
    Some(wrapped.or_else(|| innermost_io(found.source()?)).unwrap_or(found))
}

/// Returns the message of the innermost error.
pub(super) fn root_message(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
