//! The frame around the features: panes and their geometry, overlays, pages, messages, endpoints and setup.

pub(crate) mod banner;
pub(crate) mod content;
pub(crate) mod detail;
pub(crate) mod end_notifier;
pub(crate) mod endpoint_choice;
pub(crate) mod endpoint_picker;
pub(crate) mod endpoint_stats;
pub(crate) mod endpoints;
pub(crate) mod geometry;
pub(crate) mod help;
pub(crate) mod notice;
pub(crate) mod notice_cause;
pub(crate) mod overlay;
pub(crate) mod page;
pub(crate) mod page_keys;
pub(crate) mod page_line;
pub(crate) mod pane;
pub(crate) mod setup;
mod terminal;
mod title;

use jiff::tz::TimeZone;
use ratatui::layout::Size;

use crate::app::keys::action::Context;
use end_notifier::EndNotifier;
use endpoints::Endpoints;
use geometry::PaneLayout;
use help::Help;
use notice::{About, Level, Notices};
use overlay::Overlay;
use pane::Pane;
use setup::{MouseOwner, Setup};
use stepgate_core::domain::Timestamp;
use terminal::Terminal;

/// The state that no other feature owns.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The time of the last [`crate::app::Msg::Clock`].
    now: Timestamp,
    zone: TimeZone,
    is_read_only: bool,
    terminal: Terminal,
    endpoints: Endpoints,
    notices: Notices,
    end_notifier: EndNotifier,
    focus: Pane,
    /// The pane with details that last had the focus.
    detail: Pane,
    pane_layout: PaneLayout,
    overlay: Overlay,
    /// How often an overlay has been opened or closed.
    overlay_changes: u64,
    /// The help, over everything else.
    help: Option<Box<Help>>,
    /// The number of the last page or filter request, which identifies its reply.
    requests: u64,
}

impl Shell {
    /// Returns the initial state.
    pub(in crate::app) fn new(setup: &Setup) -> Self {
        let mut notices = Notices::default();
        if let Some(greeting) = &setup.greeting {
            notices.show(About::Event, Level::Info, greeting, setup.now);
        }
        let overlay = match setup.config_errors.as_slice() {
            [] => Overlay::None,
            errors => Overlay::ConfigErrors(errors.to_vec(), 0),
        };
        Self {
            now: setup.now,
            zone: setup.zone.clone(),
            is_read_only: setup.read_only,
            terminal: Terminal::new(setup.size, setup.mouse, setup.now),
            endpoints: Endpoints::new(setup.endpoints.clone()),
            notices,
            end_notifier: EndNotifier::default(),
            focus: Pane::Machines,
            detail: Pane::Output,
            pane_layout: PaneLayout::Split,
            overlay,
            overlay_changes: 0,
            help: None,
            requests: 0,
        }
    }

    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Sets the time, and returns the notification to send now.
    pub(in crate::app) fn set_time(&mut self, now: Timestamp) -> Option<String> {
        self.now = now;
        self.endpoints.stats_mut().drop_old(now);
        self.notices.expire(now);
        self.end_notifier.due(now)
    }

    /// Adds the message for the end of an execution, and returns the notification to send now.
    pub(in crate::app) fn notify_of_end(&mut self, text: String) -> Option<String> {
        self.end_notifier.add(text, self.now)
    }

    /// Returns whether the screen changes without an event.
    pub(in crate::app) fn is_live(&self) -> bool {
        self.endpoints.stats().has_traffic()
            || self.endpoints.stats().outages().next().is_some()
            || self.end_notifier.is_pending()
            || self.notices.is_expiring()
    }

    /// Returns the time zone for display.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Returns whether starting, stopping and redriving are disabled.
    pub fn is_read_only(&self) -> bool {
        self.is_read_only
    }

    /// Returns the terminal's size.
    pub fn size(&self) -> Size {
        self.terminal.size
    }

    /// Sets the terminal's size.
    pub(in crate::app) fn resize(&mut self, size: Size) {
        self.terminal.size = size;
    }

    /// Returns whether the terminal has the focus.
    pub(in crate::app) fn has_terminal_focus(&self) -> bool {
        self.terminal.has_focus
    }

    /// Sets whether the terminal has the focus.
    pub(in crate::app) fn set_terminal_focus(&mut self, has_focus: bool) {
        self.terminal.has_focus = has_focus;
    }

    /// Makes the program handle the mouse instead of the terminal, or the reverse; returns who does now.
    pub(in crate::app) fn toggle_mouse(&mut self) -> MouseOwner {
        self.terminal.mouse = match self.terminal.mouse {
            MouseOwner::Terminal => MouseOwner::Program,
            MouseOwner::Program => MouseOwner::Terminal,
        };
        self.terminal.mouse
    }

    /// Returns when the user last pressed a key, pasted or used the mouse.
    pub(in crate::app) fn last_input(&self) -> Timestamp {
        self.terminal.last_input
    }

    /// Records that the user does something now.
    pub(in crate::app) fn on_input(&mut self) {
        self.terminal.last_input = self.now;
    }

    /// Returns the endpoints in the configuration.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Returns the endpoints, mutably.
    pub(in crate::app) fn endpoints_mut(&mut self) -> &mut Endpoints {
        &mut self.endpoints
    }

    /// Returns the messages to the user.
    pub fn notices(&self) -> &Notices {
        &self.notices
    }

    /// Returns the messages to the user, mutably.
    fn notices_mut(&mut self) -> &mut Notices {
        &mut self.notices
    }

    /// Shows a message about something that has happened.
    pub(in crate::app) fn show(&mut self, level: Level, text: impl Into<String>) {
        self.show_about(About::Event, level, text);
    }

    /// Shows a message about what the last key applied to. It disappears when the form closes or changes, or another row, pane or
    /// view takes its place.
    pub(in crate::app) fn reply(&mut self, level: Level, text: impl Into<String>) {
        self.show_about(About::Screen, level, text);
    }

    /// Shows a message that disappears when what it is about changes.
    pub(in crate::app) fn show_about(&mut self, about: About, level: Level, text: impl Into<String>) {
        self.notices.show(about, level, text, self.now);
    }

    /// Adds a message to the messages page only, because the screen shows it in another way.
    pub(in crate::app) fn log(&mut self, level: Level, text: impl Into<String>) {
        self.notices.log(level, text, self.now);
    }

    /// Dismisses the message on the screen and returns whether there was one.
    pub(in crate::app) fn dismiss_notice(&mut self) -> bool {
        self.notices.dismiss()
    }

    /// Returns the focused pane.
    pub fn focus(&self) -> Pane {
        self.focus
    }

    /// Focuses a pane.
    pub(in crate::app) fn set_focus(&mut self, pane: Pane) {
        self.focus = pane;
        if matches!(pane, Pane::Status | Pane::Input | Pane::Output) {
            self.detail = pane;
        }
    }

    /// Returns the pane with details that last had the focus.
    pub(in crate::app) fn detail(&self) -> Pane {
        self.detail
    }

    /// Returns how the panes share the screen.
    pub fn pane_layout(&self) -> PaneLayout {
        self.pane_layout
    }

    /// Sets how the panes share the screen.
    pub(in crate::app) fn set_pane_layout(&mut self, layout: PaneLayout) {
        self.pane_layout = layout;
    }

    /// Returns what covers the panes.
    pub fn overlay(&self) -> &Overlay {
        &self.overlay
    }

    /// Returns what covers the panes, mutably.
    pub(in crate::app) fn overlay_mut(&mut self) -> &mut Overlay {
        &mut self.overlay
    }

    /// Opens an overlay in place of the current one.
    pub(in crate::app) fn open(&mut self, overlay: Overlay) {
        self.overlay_changes += 1;
        self.overlay = overlay;
    }

    /// Closes the overlay, and shows what it was opened over.
    pub(in crate::app) fn close_overlay(&mut self) {
        self.open(self.overlay.below());
    }

    /// Closes the overlay and returns it.
    pub(in crate::app) fn take_overlay(&mut self) -> Overlay {
        self.overlay_changes += 1;
        std::mem::replace(&mut self.overlay, Overlay::None)
    }

    /// Returns how often an overlay has been opened or closed.
    fn overlay_changes(&self) -> u64 {
        self.overlay_changes
    }

    /// Returns the open help. What it covers stays open and handles everything except keys, pastes and the mouse.
    pub fn help(&self) -> Option<&Help> {
        self.help.as_deref()
    }

    /// Returns the open help, mutably.
    pub(in crate::app) fn help_mut(&mut self) -> Option<&mut Help> {
        self.help.as_deref_mut()
    }

    /// Returns the first visible line of the open page.
    fn top_mut(&mut self) -> Option<&mut usize> {
        match &mut self.help {
            Some(help) => Some(help.top_mut()),
            None => self.overlay.top_mut(),
        }
    }

    /// Opens the help for the current contexts.
    pub(in crate::app) fn open_help(&mut self, contexts: Vec<Context>) {
        self.help = Some(Box::new(Help::new(contexts)));
    }

    /// Closes the help.
    pub(in crate::app) fn close_help(&mut self) {
        self.help = None;
    }

    /// Returns the number that identifies the reply to the next page or filter request.
    pub(in crate::app) fn next_request(&self) -> u64 {
        self.requests + 1
    }

    /// Counts a request that is about to be sent.
    pub(in crate::app) fn count_request(&mut self) {
        self.requests += 1;
    }
}
