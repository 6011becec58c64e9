//! The panes of the screen.

/// A pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pane {
    /// The machines.
    Machines,
    /// The executions.
    Executions,
    /// The status of the selected execution.
    Status,
    /// Its input.
    Input,
    /// Its output, or error and cause.
    Output,
}

impl Pane {
    /// All panes in focus order.
    pub const ALL: [Self; 5] = [Self::Machines, Self::Executions, Self::Status, Self::Input, Self::Output];

    /// Returns the heading.
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

/// A movement in a list or text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// By a number of lines, down if positive.
    By(isize),
    /// By a number of pages, down if positive.
    Pages(isize),
    /// To the first line.
    First,
    /// To the last line.
    Last,
}

impl Step {
    /// Returns the movement in lines for a pane of this height.
    pub fn lines(self, height: usize) -> isize {
        match self {
            Self::By(by) => by,
            Self::Pages(pages) => pages.saturating_mul(isize::try_from(height.max(1)).unwrap_or(isize::MAX)),
            // Half of the range, so that adding it to an index cannot overflow.
            Self::First => isize::MIN / 2,
            Self::Last => isize::MAX / 2,
        }
    }
}
