//! The regions of the screen.

/// One of the five regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pane {
    /// What can be started.
    Machines,
    /// What was started.
    Executions,
    /// How the selected one goes.
    Status,
    /// What went into it.
    Input,
    /// What came out of it.
    Output,
}

impl Pane {
    /// In the order in which the focus goes round.
    pub const ALL: [Self; 5] = [Self::Machines, Self::Executions, Self::Status, Self::Input, Self::Output];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Machines => "Machines",
            Self::Executions => "Executions",
            Self::Status => "Status",
            Self::Input => "Input",
            Self::Output => "Output",
        }
    }
}

/// How far a key goes in a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many lines, down if positive.
    By(isize),
    /// So many times the pane's height.
    Pages(isize),
    /// To the first line.
    First,
    /// To the last line.
    Last,
}

impl Step {
    /// In lines, for a pane of this height.
    pub fn lines(self, height: usize) -> isize {
        match self {
            Self::By(by) => by,
            Self::Pages(pages) => pages.saturating_mul(isize::try_from(height.max(1)).unwrap_or(isize::MAX)),
            // Half of the range, so that adding it to a place cannot overflow.
            Self::First => isize::MIN / 2,
            Self::Last => isize::MAX / 2,
        }
    }
}
