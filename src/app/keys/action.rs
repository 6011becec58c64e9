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
    /// The confirmation of a stop or redrive, or the dialog to type the name of an endpoint.
    Control,
    /// The confirmation before executions are removed from the list, or the unsent lines of a batch.
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
            Self::Control => "In the dialog to stop, redrive or confirm",
            Self::Removal => "In the dialog to remove or forget",
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
    Open, "open", "open", "Open the selection: the start form of a machine, the output of an execution, the text of a step, the execution of a batch line";
    Start, "start", "start", "Start a machine: choose it, then edit its input";
    StartAgain, "start-again", "start again", "Start the machine again with the input of the selected execution";
    StartNow, "start-now", "start now", "Start the selected NOT STARTED row under its own name";
    StartMany, "start-many", "batch", "Start a batch: one execution for each line of a file; or show the current batch";
    ContinueBatch, "go-on", "continue", "Continue with the unsent lines of the batch";
    StopBatch, "stop-batch", "stop", "Stop the batch; unsent lines are kept";
    ForgetBatch, "forget-batch", "forget the rest", "Forget the unsent lines of the batch, after a confirmation";
    Filter, "filter", "filter", "Filter the list by name, machine, status or error; also status:failed, machine:NAME, endpoint:NAME";
    OnlyFailed, "only-failed", "only failed", "Show only executions that failed, timed out or were aborted; again: all";
    OnlyMachine, "only-machine", "only this machine", "Show only executions of the same machine; again: all";
    Sort, "sort", "sort", "Sort by the next column: start time, name, machine, status, duration";
    ReverseSort, "reverse-sort", "reverse sort", "Reverse the sort order";
    GroupByMachine, "group-by-machine", "by machine", "Group by machine, with statistics; again: ungroup";
    NextFailure, "next-failure", "next failed", "Go to the next execution or step that failed, timed out or was aborted";
    PreviousFailure, "previous-failure", "previous failed", "Go to the previous execution or step that failed, timed out or was aborted";
    FullScreen, "full-screen", "full screen", "Toggle full screen for the focused pane";
    Find, "find", "search", "Search; a capital letter makes it case-sensitive";
    NextMatch, "next-match", "next match", "Go to the next match";
    PreviousMatch, "previous-match", "previous match", "Go to the previous match";
    GoToPath, "go-to-path", "go to path", "Go to a path, such as .order.total";
    Jq, "jq", "jq", "Filter the text with jq as you type; an empty filter shows all of it";
    Fold, "fold", "fold", "Fold or unfold the object or array under the cursor";
    FoldAll, "fold-all", "fold all", "Fold everything";
    UnfoldAll, "unfold-all", "unfold all", "Unfold everything";
    Raw, "raw", "raw", "Toggle between received and formatted text";
    Wrap, "wrap", "wrap", "Toggle wrapping of long lines";
    Left, "left", "left", "Scroll left while lines are not wrapped";
    Right, "right", "right", "Scroll right while lines are not wrapped";
    Mark, "mark", "mark", "Mark or unmark the execution, to stop, redrive, remove or compare several";
    MarkAll, "mark-all", "mark all", "Mark all executions in the list; again: unmark them";
    Stop, "stop", "stop", "Stop the marked executions, or the selected one";
    Redrive, "redrive", "redrive", "Redrive the marked executions, or the selected one";
    Everyone, "everyone", "everyone's", "Toggle between everyone's executions and yours; needs the route list";
    OpenExecution, "open-execution", "open execution", "Open any execution by its ARN or name, and add it to the list; :open NAME opens it at once";
    Remove, "remove", "remove", "Remove the marked executions, or the selected one, from the list and the store";
    Timeline, "timeline", "timeline", "Show the steps of the execution over time; needs the route history";
    Definition, "definition", "definition", "Show the state machine's definition; needs the route definition";
    FoldStep, "fold-step", "fold", "Fold or unfold the step";
    NextText, "next-text", "next text", "Show the next text of the step: input, parameters, result, output, variables, error or cause";
    PreviousText, "previous-text", "previous text", "Show the previous text of the step";
    Compare, "compare", "compare", "Compare two marked executions, or the marked one with the selected one";
    Copy, "copy", "copy", "Copy the execution's ARN, name, input, output, error, a URL, or a command that starts the same execution";
    Save, "save", "save", "Save the execution's input, output or anything else that can be copied to a file";
    CopyThis, "copy-this", "under the cursor", "Copy the value under the cursor, or else the ARN";
    CopyArn, "copy-arn", "ARN", "Copy the ARN";
    CopyName, "copy-name", "name", "Copy the name";
    CopyInput, "copy-input", "input", "Copy the input";
    CopyOutput, "copy-output", "output or cause", "Copy the output, or the cause of a failure";
    CopyError, "copy-error", "error", "Copy the error name";
    CopyCurl, "copy-curl", "curl command", "Copy a curl command for the same start, without secrets";
    CopyCommand, "copy-command", "stepgate command", "Copy a stepgate command for the same start";
    CopyConsole, "copy-console", "console URL", "Copy the URL of the execution's page in the AWS console";
    CopyMachineConsole, "copy-machine-console", "machine URL", "Copy the URL of the machine's page in the AWS console";
    CopyTrace, "copy-trace", "X-Ray URL", "Copy the URL of the execution's X-Ray trace";
    OpenConsole, "open-console", "AWS console", "Open the selected execution or machine in the AWS console";
    NextPane, "next-pane", "next pane", "Go to the next pane";
    PreviousPane, "previous-pane", "previous pane", "Go to the previous pane";
    PaneRight, "pane-right", "pane to the right", "Go to the next pane; stop at the last";
    PaneLeft, "pane-left", "pane to the left", "Go to the previous pane; stop at the first";
    Up, "up", "up", "Up one line";
    Down, "down", "down", "Down one line";
    PageUp, "page-up", "page up", "Up one page";
    PageDown, "page-down", "page down", "Down one page";
    Top, "top", "top", "Go to the first line";
    Bottom, "bottom", "bottom", "Go to the last line";
    Palette, "palette", "commands", "Run any action by its name";
    Endpoint, "endpoint", "endpoint", "Choose the endpoint to show, or all; :endpoint NAME shows it at once";
    EndpointNumber, "endpoint-number", "endpoint by number", "Show the endpoint with this number; 0 shows all";
    Mouse, "mouse", "mouse", "Toggle mouse support";
    Messages, "messages", "messages", "Show recent messages in full";
    Dismiss, "dismiss", "dismiss", "Dismiss the message; then clear the filter, leave full screen and groups, unmark all, return to the list";
    Help, "help", "help", "Show this help";
    TryNow, "try-now", "retry now", "Retry failed endpoints now instead of waiting";
    Redraw, "redraw", "redraw", "Redraw the screen";
    Suspend, "suspend", "suspend", "Suspend; fg in the shell resumes";
    Quit, "quit", "quit", "Quit, or leave the groups. Executions keep running";
    QuitAtOnce, "quit-at-once", "quit", "Quit from any pane, view or page";
    Accept, "accept", "choose", "Accept";
    Cancel, "cancel", "back", "Go back";
    Submit, "submit", "start", "Start the execution";
    Reset, "reset", "clear form", "Clear the form";
    Follow, "follow", "watch existing", "Watch the existing execution that has this name";
    NextField, "next-field", "next field", "Go to the next field";
    NextEndpoint, "next-endpoint", "next endpoint", "Switch to the next endpoint that has this machine";
    Complete, "complete", "complete", "Complete the word: a file, a member name, a filter word or a command; again: the next candidate";
    CompleteBack, "complete-back", "previous", "Complete with the previous candidate";
    Format, "format", "format", "Format the input as indented JSON";
    Inputs, "inputs", "inputs", "Choose a preset or an earlier input";
    EditExternally, "edit-externally", "$EDITOR", "Edit the input in $VISUAL or $EDITOR";
    Undo, "undo", "undo", "Undo";
    Redo, "redo", "redo", "Redo";
    Reload, "reload", "reload", "Reload the configuration";
}
