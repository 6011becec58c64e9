//! Actions, the meanings of keys: one vocabulary for the configuration, the help and the code.

/// The context in which a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// The panes.
    Browse,
    /// The list of executions; precedes `Browse`.
    List,
    /// A text; precedes `Browse`, `Timeline` or `Definition`.
    Text,
    /// The timeline.
    Timeline,
    /// The definition of a state machine.
    Definition,
    /// A picker.
    Pick,
    /// The start form.
    Form,
    /// The filter line.
    Filter,
    /// The prompt for a search, a path or a jq filter.
    Prompt,
    /// A file form.
    File,
    /// The menu of what to copy or save.
    Copy,
    /// The confirmation of a stop or redrive.
    Control,
    /// The confirmation before executions are removed from the list.
    Removal,
    /// The prompt for an execution to open.
    Open,
    /// The batch page.
    Batch,
    /// The help.
    Help,
    /// The search in the help.
    HelpSearch,
    /// Other pages, such as the messages.
    Page,
    /// The page with errors in the configuration.
    ConfigErrors,
}

impl Context {
    /// All contexts in the order of the help.
    pub const ALL: [Self; 19] = [
        Self::Browse,
        Self::List,
        Self::Text,
        Self::Timeline,
        Self::Definition,
        Self::Pick,
        Self::Form,
        Self::Filter,
        Self::Prompt,
        Self::File,
        Self::Copy,
        Self::Control,
        Self::Removal,
        Self::Open,
        Self::Batch,
        Self::Help,
        Self::HelpSearch,
        Self::Page,
        Self::ConfigErrors,
    ];

    /// Returns the heading in the help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Browse => "In all panes",
            Self::List => "In the list of executions",
            Self::Text => "In input and output",
            Self::Timeline => "In the timeline",
            Self::Definition => "In a definition",
            Self::Pick => "In pickers and the command palette",
            Self::Form => "In the start form",
            Self::Filter => "In the filter",
            Self::Prompt => "In a search, path or jq prompt",
            Self::File => "In file prompts",
            Self::Copy => "In the menu to copy or save",
            Self::Control => "In the dialog to stop or redrive",
            Self::Removal => "In the dialog to remove executions",
            Self::Open => "In the prompt to open an execution",
            Self::Batch => "On the batch page",
            Self::Help => "In this help",
            Self::HelpSearch => "In the search of this help",
            Self::Page => "On the messages and other pages",
            Self::ConfigErrors => "On the page of configuration errors",
        }
    }

    /// Returns whether characters are typed there.
    pub(crate) fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Pick
                | Self::Form
                | Self::Filter
                | Self::Prompt
                | Self::File
                | Self::Control
                | Self::Open
                | Self::HelpSearch
        )
    }

    /// Returns the same within a sentence, such as `in the timeline`.
    pub(crate) fn place(self) -> String {
        let mut place = self.title().to_owned();
        place[..1].make_ascii_lowercase();
        place
    }
}

impl Action {
    /// Returns whether it starts, stops or redrives executions, which `read-only` disables.
    pub fn changes_executions(self) -> bool {
        matches!(
            self,
            Self::Start
                | Self::StartAgain
                | Self::StartNow
                | Self::StartMany
                | Self::Stop
                | Self::Redrive
                | Self::ContinueBatch
        )
    }
}

macro_rules! actions {
    ($($action:ident, $name:literal, $label:literal, $help:literal;)*) => {
        /// The meaning of a key.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $(#[doc = $help] $action,)*
        }

        impl Action {
            /// All actions.
            pub const ALL: &[Self] = &[$(Self::$action,)*];

            /// Returns the name in the configuration.
            pub fn name(self) -> &'static str {
                match self { $(Self::$action => $name,)* }
            }

            /// Returns the label for the footer.
            pub fn label(self) -> &'static str {
                match self { $(Self::$action => $label,)* }
            }

            /// Returns the help text.
            pub fn help(self) -> &'static str {
                match self { $(Self::$action => $help,)* }
            }
        }
    };
}

actions! {
    Open, "open", "open", "Start the selected machine; show the output of the selected execution; in the timeline, read the step";
    Start, "start", "start", "Choose a machine and start it";
    StartAgain, "start-again", "start again", "Start again with the input of the selected execution";
    StartNow, "start-now", "start now", "Start the UNSTARTED row under its own name";
    StartMany, "start-many", "start many", "Start many executions from a file with an input on each line";
    ContinueBatch, "go-on", "continue", "Continue with the lines that have not been started";
    StopBatch, "stop-batch", "stop", "Stop starting lines of the file; unsent lines are kept";
    ForgetBatch, "forget-batch", "forget the rest", "Forget the lines that have not been started";
    Filter, "filter", "filter", "Filter the list by name, machine, status or error; or status:failed, machine:NAME, endpoint:NAME";
    OnlyFailed, "only-failed", "only unsuccessful", "Show only executions that ended unsuccessfully; or all again";
    OnlyMachine, "only-machine", "only this machine", "Show only executions of the same machine; or all again";
    Sort, "sort", "sort", "Sort by the next column: start, name, machine, status, duration";
    ReverseSort, "reverse-sort", "reverse", "Reverse the sort order";
    GroupByMachine, "group-by-machine", "by machine", "Group by machine, with statistics; or ungroup";
    NextFailure, "next-failure", "next unsuccessful", "Go to the next one that ended unsuccessfully";
    PreviousFailure, "previous-failure", "previous unsuccessful", "Go to the previous one that ended unsuccessfully";
    FullScreen, "full-screen", "full screen", "Toggle full screen for the pane";
    Find, "find", "search", "Search; ignores case unless you type a capital letter";
    NextMatch, "next-match", "next match", "Go to the next match";
    PreviousMatch, "previous-match", "previous match", "Go to the previous match";
    GoToPath, "go-to-path", "path", "Go to a path, such as .order.total";
    Jq, "jq", "jq", "Filter the text with jq while typing; an empty filter removes it";
    Fold, "fold", "fold", "Fold or unfold the object or array under the cursor";
    FoldAll, "fold-all", "fold all", "Fold everything";
    UnfoldAll, "unfold-all", "unfold all", "Unfold everything";
    Raw, "raw", "raw", "Show the text as received, or formatted";
    Wrap, "wrap", "wrap", "Cut long lines, or wrap them";
    Left, "left", "left", "Scroll left if long lines are cut";
    Right, "right", "right", "Scroll right if long lines are cut";
    Mark, "mark", "mark", "Mark or unmark the execution for stop, redrive and compare";
    MarkAll, "mark-all", "mark all", "Mark all executions in the list; or unmark them";
    Stop, "stop", "stop", "Stop the marked executions, or the selected one";
    Redrive, "redrive", "redrive", "Redrive the marked executions, or the selected one";
    Everyone, "everyone", "everyone's", "Show everyone's executions, or only those that you started or named; needs the route list";
    OpenExecution, "open-execution", "open execution", "Open an execution by ARN or name, and add it to the list";
    Remove, "remove", "remove", "Remove the marked executions, or the selected one, from the list and the history";
    Timeline, "timeline", "timeline", "Show the execution's steps over time; needs the route history";
    Definition, "definition", "definition", "Show the definition of the state machine; needs the route definition";
    FoldStep, "fold-step", "fold", "Fold or unfold the step";
    NextText, "next-text", "next text", "Show the next text of the step: input, parameters, result, output, variables, error and cause";
    PreviousText, "previous-text", "previous text", "Show the previous text of the step";
    Compare, "compare", "compare", "Compare the marked execution with the selected one, or two marked ones";
    Copy, "copy", "copy", "Copy part of the execution";
    Save, "save", "save", "Save part of the execution to a file";
    CopyThis, "copy-this", "under the cursor", "Copy the value under the cursor, or the ARN";
    CopyArn, "copy-arn", "ARN", "Copy the ARN";
    CopyName, "copy-name", "name", "Copy the name";
    CopyInput, "copy-input", "input", "Copy the input";
    CopyOutput, "copy-output", "output or cause", "Copy the output or the cause";
    CopyError, "copy-error", "error", "Copy the error name";
    CopyCurl, "copy-curl", "curl command", "Copy a curl command that repeats the start, without secrets";
    CopyCommand, "copy-command", "stepgate command", "Copy a stepgate command that repeats the start";
    CopyConsole, "copy-console", "console URL", "Copy the URL of the execution in the AWS console";
    CopyMachineConsole, "copy-machine-console", "machine's URL", "Copy the URL of the machine in the AWS console";
    CopyTrace, "copy-trace", "X-Ray URL", "Copy the URL of the execution's X-Ray trace";
    OpenConsole, "open-console", "console", "Open the execution in the AWS console; in the machines, the machine";
    NextPane, "next-pane", "next pane", "Go to the next pane";
    PreviousPane, "previous-pane", "previous pane", "Go to the previous pane";
    PaneRight, "pane-right", "pane to the right", "Go to the next pane, up to the last";
    PaneLeft, "pane-left", "pane to the left", "Go to the previous pane, up to the first";
    Up, "up", "up", "Up one line";
    Down, "down", "down", "Down one line";
    PageUp, "page-up", "page up", "Up one page";
    PageDown, "page-down", "page down", "Down one page";
    Top, "top", "top", "To the first line";
    Bottom, "bottom", "bottom", "To the last line";
    Palette, "palette", "all commands", "List all actions and run one";
    Endpoint, "endpoint", "endpoint", "Choose the endpoint to show, or all; :endpoint NAME chooses it by name";
    EndpointNumber, "endpoint-number", "endpoint", "Show all endpoints (0), or one by its number";
    Mouse, "mouse", "mouse", "Toggle mouse support";
    Messages, "messages", "messages", "Show the last messages in full";
    Dismiss, "dismiss", "dismiss", "Dismiss the message, then the filter, the groups, the marks and full screen; then go back to the list";
    Help, "help", "help", "Show the keys";
    TryNow, "try-now", "retry now", "Retry failed endpoints now";
    Redraw, "redraw", "redraw", "Redraw the screen";
    Suspend, "suspend", "suspend", "Suspend to the shell (fg returns)";
    Quit, "quit", "quit", "Leave the groups; or quit. Executions keep running";
    QuitAtOnce, "quit-at-once", "quit", "Quit from any pane, view or page";
    Accept, "accept", "choose", "Accept";
    Cancel, "cancel", "back", "Go back";
    Submit, "submit", "start", "Start the execution";
    Reset, "reset", "clear form", "Clear the form";
    Follow, "follow", "watch it", "Watch the existing execution with this name";
    NextField, "next-field", "next field", "Go to the next field";
    NextEndpoint, "next-endpoint", "other endpoint", "Switch to the next endpoint that has the machine";
    Complete, "complete", "complete", "Complete the word: a file, a member name, a word of the filter, a command; again for the next one";
    CompleteBack, "complete-back", "previous", "Complete with the previous one";
    Format, "format", "format", "Format the input: a line for each member and item";
    Inputs, "inputs", "other inputs", "Choose a preset or an earlier input";
    EditExternally, "edit-externally", "$EDITOR", "Edit the input in $VISUAL or $EDITOR";
    Undo, "undo", "undo", "Undo";
    Redo, "redo", "redo", "Redo";
    Reload, "reload", "reload", "Reload the configuration";
}
