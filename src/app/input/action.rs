//! Everything that a key can mean: one vocabulary for the configuration, the help and the code.

/// Where a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Among the panes.
    Browse,
    /// In the timeline, before what holds among all panes.
    Timeline,
    /// In the list of executions, before what holds among all panes.
    List,
    /// In the pane of an input or output, before what holds among all panes.
    Text,
    /// In a list to choose from by typing.
    Pick,
    /// In the start form.
    Form,
    /// While a filter is typed.
    Filter,
    /// While a search, a path or a jq filter is typed.
    Prompt,
    /// In a form that asks for a file.
    File,
    /// Choosing what to copy or save.
    Copy,
    /// In the form that asks whether a stop or a redrive is meant.
    Control,
    /// On the page of a batch.
    Batch,
    /// In a page to read: help, messages.
    Page,
    /// On the page that tells the faults of the configuration.
    Faults,
}

impl Context {
    /// All of them, in the order of the help.
    pub const ALL: [Self; 14] = [
        Self::Browse,
        Self::List,
        Self::Text,
        Self::Timeline,
        Self::Pick,
        Self::Form,
        Self::Filter,
        Self::Prompt,
        Self::File,
        Self::Copy,
        Self::Control,
        Self::Batch,
        Self::Page,
        Self::Faults,
    ];

    /// Its heading in the help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Browse => "Everywhere among the panes",
            Self::List => "In the list of executions",
            Self::Text => "In input and output",
            Self::Timeline => "In the timeline",
            Self::Pick => "Choosing by typing",
            Self::Form => "The start form",
            Self::Filter => "Typing a filter",
            Self::Prompt => "Typing a search, a path or a jq filter",
            Self::File => "Choosing a file",
            Self::Copy => "Choosing what to copy or save",
            Self::Control => "Stopping and redriving",
            Self::Batch => "Many starts from one file",
            Self::Page => "This page and the messages",
            Self::Faults => "Faults of the configuration",
        }
    }
}

impl Action {
    /// Whether it starts, stops or changes executions, which `read-only` takes away.
    pub fn changes_executions(self) -> bool {
        matches!(
            self,
            Self::Start | Self::StartAgain | Self::StartNow | Self::StartMany | Self::Stop | Self::Redrive | Self::GoOn
        )
    }
}

macro_rules! actions {
    ($($action:ident, $name:literal, $label:literal, $help:literal;)*) => {
        /// What a key means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $(#[doc = $help] $action,)*
        }

        impl Action {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$action,)*];

            /// Its name in the configuration.
            pub fn name(self) -> &'static str {
                match self { $(Self::$action => $name,)* }
            }

            /// A word or two for the footer.
            pub fn label(self) -> &'static str {
                match self { $(Self::$action => $label,)* }
            }

            /// A sentence for the help.
            pub fn help(self) -> &'static str {
                match self { $(Self::$action => $help,)* }
            }
        }
    };
}

actions! {
    Open, "open", "open", "Start the selected machine; show the selected execution's output";
    Start, "start", "start", "Choose a machine and start it";
    StartAgain, "start-again", "start again", "Start again with the input of the selected execution";
    StartNow, "start-now", "start now", "Start what is marked UNSTARTED, under its own name";
    StartMany, "start-many", "start many", "Start many executions from a file with an input on each line";
    GoOn, "go-on", "go on", "Go on with the lines that have not been started";
    StopBatch, "stop-batch", "stop", "Start no more lines of the file; the rest waits";
    ForgetBatch, "forget-batch", "forget the rest", "Forget the lines that have not been started";
    Filter, "filter", "filter", "Show only executions with these letters in name, machine, status or error; or status:failed, machine:NAME";
    OnlyFailed, "only-failed", "only unsuccessful", "Show only executions that ended unsuccessfully; or all again";
    OnlyMachine, "only-machine", "only this machine", "Show only executions of the same machine; or all again";
    Sort, "sort", "sort", "Sort by the next column: start, name, machine, status, duration";
    ReverseSort, "reverse-sort", "reverse", "Reverse the sort order";
    GroupByMachine, "group-by-machine", "by machine", "Group by machine, with statistics; or ungroup";
    NextFailure, "next-failure", "next unsuccessful", "Go to the next one that ended unsuccessfully";
    PreviousFailure, "previous-failure", "previous unsuccessful", "Go to the previous one that ended unsuccessfully";
    FullScreen, "full-screen", "full screen", "Give the pane the whole screen, or take it back";
    Find, "find", "search", "Search in the text; without capitals in it, capitals do not matter";
    NextMatch, "next-match", "next match", "Go to the next match";
    PreviousMatch, "previous-match", "match before", "Go to the match before";
    GoToPath, "go-to-path", "path", "Go to a path, such as .order.total";
    Jq, "jq", "jq", "Filter the text with jq while typing; an empty filter takes it away";
    Fold, "fold", "fold", "Fold what the cursor is on, or open it";
    FoldAll, "fold-all", "fold all", "Fold everything";
    UnfoldAll, "unfold-all", "open all", "Open everything that is folded";
    Raw, "raw", "raw", "Show the text as it was received, or laid out";
    Wrap, "wrap", "wrap", "Cut long lines, or let them go on in the next row";
    Left, "left", "left", "To the left, where long lines are cut";
    Right, "right", "right", "To the right, where long lines are cut";
    Mark, "mark", "mark", "Mark the execution, for stop, redrive and compare; or take the mark away";
    MarkAll, "mark-all", "mark all", "Mark all that the list shows; or take all marks away";
    Stop, "stop", "stop", "Stop what is marked, or the selected execution";
    Redrive, "redrive", "redrive", "Redrive what is marked, or the selected execution";
    Timeline, "timeline", "timeline", "Show the execution's steps over time, where the gateway has the route history";
    Definition, "definition", "definition", "Show the definition that the execution runs by, where the gateway has the route definition";
    FoldStep, "fold-step", "fold", "Hide what is in the step, or show it again";
    NextText, "next-text", "next text", "Show another text of the step: input, parameters, result, output, variables, error and cause";
    Compare, "compare", "compare", "Compare the marked execution with the selected one, or two that are marked";
    Copy, "copy", "copy", "Copy something of the execution";
    Save, "save", "save", "Save something of the execution to a file";
    CopyThis, "copy-this", "under the cursor", "Take what the cursor is on: a value of the text, or the ARN";
    CopyArn, "copy-arn", "ARN", "Take the ARN";
    CopyName, "copy-name", "name", "Take the name";
    CopyInput, "copy-input", "input", "Take the input";
    CopyOutput, "copy-output", "output or cause", "Take the output, or the cause";
    CopyError, "copy-error", "error", "Take the error's name";
    CopyCurl, "copy-curl", "curl command", "Take a curl command that starts the same; secrets are named, not told";
    CopyCommand, "copy-command", "stepgate command", "Take a stepgate command that starts the same";
    NextPane, "next-pane", "next pane", "Go to the next pane";
    PreviousPane, "previous-pane", "previous pane", "Go to the pane before";
    Up, "up", "up", "One up";
    Down, "down", "down", "One down";
    PageUp, "page-up", "page up", "A page up";
    PageDown, "page-down", "page down", "A page down";
    Top, "top", "top", "To the first";
    Bottom, "bottom", "bottom", "To the last";
    Palette, "palette", "all commands", "List every action with its key, and do one";
    Mouse, "mouse", "mouse", "Toggle mouse support";
    Messages, "messages", "messages", "Show the last messages in full";
    Dismiss, "dismiss", "dismiss", "Take the message away, then the filter; then go back to the list";
    Help, "help", "help", "Show the keys";
    TryNow, "try-now", "try now", "Ask endpoints that have failed again at once";
    Redraw, "redraw", "redraw", "Redraw the screen";
    Suspend, "suspend", "suspend", "Go back to the shell for a while (fg returns)";
    Quit, "quit", "quit", "Quit; executions run on";
    QuitAtOnce, "quit-at-once", "quit", "Quit from anywhere";
    Accept, "accept", "choose", "Take it";
    Cancel, "cancel", "back", "Go back without it";
    Submit, "submit", "start", "Start the execution";
    Reset, "reset", "clear form", "Clear the form";
    Follow, "follow", "watch it", "Watch the execution that has the name already";
    NextField, "next-field", "next field", "Go between name and input";
    Inputs, "inputs", "other inputs", "Choose among presets and earlier inputs, the newest first";
    EditExternally, "edit-externally", "$EDITOR", "Edit the input in $VISUAL or $EDITOR";
    Undo, "undo", "undo", "Undo";
    Redo, "redo", "redo", "Redo";
    Reload, "reload", "read again", "Read the configuration again";
}
