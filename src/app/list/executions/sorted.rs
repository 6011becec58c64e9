//! Sorted lists without duplicates, and the key that rows are sorted by.

use stepgate_core::domain::{ExecutionId, Timestamp};

/// The place of a row in the list: its start, and its id where two began at once.
pub(super) type Key = (Timestamp, ExecutionId);

pub(super) fn insert<T: Ord>(list: &mut Vec<T>, item: T) {
    if let Err(place) = list.binary_search(&item) {
        list.insert(place, item);
    }
}

pub(super) fn remove<T: Ord>(list: &mut Vec<T>, item: &T) {
    if let Ok(place) = list.binary_search(item) {
        list.remove(place);
    }
}
