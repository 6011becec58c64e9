//! Sorted lists without duplicates, and the default sort key of rows.

use stepgate_core::domain::{ExecutionId, Timestamp};

/// The start of a row, and its id as a tiebreaker.
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
