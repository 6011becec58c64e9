//! Where the input and output of a row are.

/// The location of a row's payloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadLocation {
    /// In the row, if it has any.
    Here,
    /// In the store.
    InStore,
    /// Being read from the store.
    Reading,
    /// Not stored, because of the configuration or a full disk.
    NotStored,
    /// In the store, but unreadable.
    Unreadable,
    /// Dropped to save memory, since there is no store.
    Dropped,
}

impl PayloadLocation {
    /// Returns whether they are or will be read from the store.
    pub fn is_coming(self) -> bool {
        matches!(self, Self::InStore | Self::Reading)
    }

    /// Returns the message for a missing input.
    pub fn why_absent(self) -> &'static str {
        match self {
            Self::Here => "It arrives with the first response.",
            Self::InStore | Self::Reading => "Reading it from the store.",
            Self::NotStored => "Not stored: [store] payloads = false, or the disk was full.",
            Self::Unreadable => "It cannot be read from the store. See the messages (m).",
            Self::Dropped => "No longer in memory: without a store, only the latest inputs and outputs are kept.",
        }
    }
}
