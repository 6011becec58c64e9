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
