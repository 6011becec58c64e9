//! The timeline: a line with a bar for each step, and the text of the selected step beside or below them.
//!
//! ```text
//! ┏ Timeline of order-4711 ━━━━━━━━━━━━━━━━━━━━━━┓┌ Charge · Input ───────┐
//! ┃ ✔ Receive     ▏█                       12 ms ┃│ Task · lambda · invoke │
//! ┃ ● Prepare     ▏ ████████████████        6.2 s ┃│ FAILED after 3 attempts│
//! ┃   ✔ Charge    ▏ ██████                  2.0 s ┃│ {                      │
//! ┃ ▸   ✖ Charge ↻2 ██████                  2.0 s ┃│   "order": 4711        │
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛└────────────────────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{BorderType, Paragraph, Wrap};

use crate::app::model::Model;
use crate::app::shell::geometry::{Geometry, first_visible};
use crate::app::shell::overlay::Overlay;
use crate::app::timeline::{Row, StepKind, StepStatus, Timeline, TimelineFocus};
use crate::format::clock;
use crate::format::text::{column, fit, visible, width};
use crate::ui::payload;
use crate::ui::theme::Theme;
use crate::ui::widgets::{framed, scroll_bar};
use stepgate_core::domain::{Timestamp, elapsed};

/// The width of the duration column.
const DURATION: usize = 9;
/// The minimum width for bars.
const WITH_BARS: usize = 56;

pub(super) fn render(model: &Model, timeline: &Timeline, theme: &Theme, frame: &mut Frame<'_>, geometry: &Geometry) {
    let (steps, text) = geometry.timeline_areas();
    let has_keys = matches!(model.shell().overlay(), Overlay::None | Overlay::Prompt(_));
    let in_text = timeline.focus() == TimelineFocus::Text;
    if !in_text || text.is_some() {
        render_steps(model, timeline, has_keys && !in_text, theme, frame, steps);
    }
    match text {
        Some(text) => render_text(timeline, has_keys && in_text, theme, frame, text),
        None if in_text => render_text(timeline, has_keys, theme, frame, steps),
        None => {}
    }
}

/// Draws the frame of a part and returns the area inside.
fn frame_of(title: Line<'static>, has_keys: bool, theme: &Theme, frame: &mut Frame<'_>, area: Rect) -> Rect {
    let (style, kind) = if has_keys { (theme.focus, BorderType::Thick) } else { (theme.border, BorderType::Plain) };
    framed(title, style, kind, frame, area)
}

fn render_steps(model: &Model, timeline: &Timeline, has_keys: bool, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let name = model
        .list()
        .executions()
        .get(timeline.of())
        .map(|row| visible(row.arn.name()).into_owned())
        .unwrap_or_default();
    let caveat = match timeline.caveat() {
        Some(caveat) => format!("· {caveat} "),
        None => String::new(),
    };
    let room = usize::from(area.width).saturating_sub(18 + width(&caveat)).clamp(8, 60);
    let title = Line::styled(format!(" Timeline of {} {caveat}", fit(&name, room)), theme.strong);
    let inner = frame_of(title, has_keys, theme, frame, area);
    let message = match (timeline.failure(), timeline.rows().is_empty()) {
        (Some(failure), _) => Some((failure.to_string(), theme.bad)),
        (None, true) if timeline.is_whole() => Some(("No state has been entered yet.".to_owned(), theme.dim)),
        (None, true) => Some(("Reading the history.".to_owned(), theme.dim)),
        (None, false) => None,
    };
    if let Some((message, style)) = message {
        let text = Paragraph::new(visible(&message).into_owned()).style(style).wrap(Wrap { trim: true });
        frame.render_widget(text, inner.inner(Margin::new(1, 0)));
        return;
    }
    let height = usize::from(inner.height);
    let top = first_visible(timeline.selected_place(), timeline.rows().len(), height);
    for (line, (row, depth)) in timeline.rows().iter().skip(top).take(height).enumerate() {
        let Some(shown) = RowView::new(timeline, *row, *depth) else { continue };
        let is_selected = timeline.selected_place() == top + line;
        let style = match (is_selected, has_keys) {
            (true, true) => Some(theme.selected),
            (true, false) => Some(theme.chosen),
            _ => None,
        };
        let y = inner.y + u16::try_from(line).unwrap_or(0);
        let text = row_line(model, timeline, &shown, style, theme, usize::from(inner.width));
        frame.render_widget(text, Rect { y, height: 1, ..inner });
    }
    scroll_bar(frame, area, inner, top, timeline.rows().len(), theme);
}

/// The contents of a row: a step or an attempt.
struct RowView {
    name: String,
    kind: StepKind,
    is_attempt: bool,
    status: StepStatus,
    began: Timestamp,
    ended: Option<Timestamp>,
    depth: usize,
}

impl RowView {
    fn new(timeline: &Timeline, row: Row, depth: usize) -> Option<Self> {
        let step = timeline.steps().get(row.step())?;
        let (name, status, began, ended) = match row {
            Row::Step(_) => {
                let retries = step.attempts.len() - 1;
                let retries = if retries > 0 { format!(" ↻{retries}") } else { String::new() };
                (format!("{}{retries}", step.name), step.status, step.began, step.ended)
            }
            Row::Attempt(_, number) => {
                let attempt = step.attempts.get(number)?;
                (format!("attempt {}", number + 1), attempt.status, attempt.began, attempt.ended)
            }
        };
        // With several attempts, their number already says what is folded.
        let has_attempts = matches!(row, Row::Step(_)) && step.attempts.len() > 1;
        let inside = if timeline.is_folded(row) && !has_attempts { timeline.child_count(row) } else { 0 };
        let name = if inside > 0 { format!("{name} … {inside}") } else { name };
        let is_attempt = matches!(row, Row::Attempt(..));
        Some(Self { name, kind: step.kind, is_attempt, status, began, ended, depth })
    }
}

fn row_line(
    model: &Model,
    timeline: &Timeline,
    shown: &RowView,
    chosen: Option<Style>,
    theme: &Theme,
    cells: usize,
) -> Line<'static> {
    let of = |own: Style| chosen.map_or(own, |chosen| own.patch(chosen));
    let status = of(theme.step(shown.status));
    let text = of(if shown.is_attempt || shown.kind != StepKind::State { theme.dim } else { theme.text });
    let mark = if chosen.is_some() { "▸" } else { " " };
    // Deep nesting must leave room for the names.
    let indent = " ".repeat((shown.depth * 2).min(cells / 4));
    let name_cells = if cells < WITH_BARS { cells.saturating_sub(DURATION + 2) } else { cells * 2 / 5 };
    let head = format!("{indent}{} ", sign(shown));
    let name = column(&visible(&shown.name), name_cells.saturating_sub(width(&head) + 1));
    let mut spans = vec![Span::styled(mark, of(theme.text)), Span::styled(head, status), Span::styled(name, text)];
    let end = shown.ended.unwrap_or_else(|| model.now().max(shown.began));
    let took = match (shown.kind, shown.ended) {
        (StepKind::Redrive, _) => clock::moment(shown.began, model.now(), model.shell().zone()),
        (_, Some(_)) => elapsed::finished(end.since(shown.began)),
        (_, None) => elapsed::running(end.since(shown.began)),
    };
    if cells >= WITH_BARS {
        let room = cells - name_cells - DURATION - 2;
        let (before, bar) = bar(shown, end, whole(model, timeline), room);
        spans.push(Span::styled(" ".repeat(before), of(theme.text)));
        spans.push(Span::styled(bar.clone(), status));
        spans.push(Span::styled(" ".repeat(room.saturating_sub(before + width(&bar))), of(theme.text)));
    }
    let took = fit(&took, DURATION).into_owned();
    let missing = (DURATION + 1).saturating_sub(width(&took));
    spans.push(Span::styled(format!("{}{took} ", " ".repeat(missing)), of(theme.dim)));
    Line::from(spans)
}

/// Returns the time of the first event, and of the last event or now while it runs.
fn whole(model: &Model, timeline: &Timeline) -> (Timestamp, Timestamp) {
    let (began, last) = timeline.steps().span();
    (began, if timeline.steps().has_ended() { last } else { model.now().max(last) })
}

/// Returns the empty cells before a row's bar, and the bar, at least one cell long.
fn bar(shown: &RowView, end: Timestamp, (from, until): (Timestamp, Timestamp), room: usize) -> (usize, String) {
    let span = until.since(from).as_millis().max(1);
    let room_millis = u128::try_from(room).unwrap_or(0);
    let cell = |at: Timestamp| usize::try_from(at.since(from).as_millis() * room_millis / span).unwrap_or(0).min(room);
    let before = cell(shown.began).min(room.saturating_sub(1));
    let length = cell(end).saturating_sub(before).max(1);
    let body = match shown.kind {
        StepKind::Redrive => "┆",
        _ if shown.is_attempt => "─",
        StepKind::State => "█",
        StepKind::Branch | StepKind::Iteration => "━",
    };
    (before, body.repeat(if shown.kind == StepKind::Redrive { 1 } else { length }))
}

/// Returns the symbol for a status.
fn sign(shown: &RowView) -> &'static str {
    match (shown.kind, shown.status) {
        (StepKind::Redrive, _) => "↻",
        (_, StepStatus::Running) => "●",
        (_, StepStatus::Succeeded) => "✔",
        (_, StepStatus::Caught) => "!",
        (_, StepStatus::Failed) => "✖",
        (_, StepStatus::TimedOut) => "◷",
        (_, StepStatus::Aborted) => "■",
    }
}

fn render_text(timeline: &Timeline, has_keys: bool, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let Some(row) = timeline.selected() else {
        frame_of(Line::default(), has_keys, theme, frame, area);
        return;
    };
    let title = timeline.which().title();
    let title = payload::title(title, timeline.document().filter(|_| has_keys), theme, area.width);
    let inner = frame_of(title, has_keys, theme, frame, area);
    let facts = timeline.facts(row);
    let lines = facts.len().min(usize::from(inner.height));
    for (index, (text, is_bad)) in facts.into_iter().take(lines).enumerate() {
        let style = if is_bad { theme.bad } else { theme.dim };
        let text = fit(&visible(&text), usize::from(inner.width).saturating_sub(2)).into_owned();
        let y = inner.y + u16::try_from(index).unwrap_or(0);
        frame.render_widget(Line::styled(format!(" {text}"), style), Rect { y, height: 1, ..inner });
    }
    let used = u16::try_from(lines).unwrap_or(0);
    let below = Rect { y: inner.y + used, height: inner.height - used, ..inner };
    match timeline.document() {
        Some(document) => payload::text(document, has_keys, theme, frame, area, below),
        None => payload::message_in(&timeline.absence_message(), theme, frame, below),
    }
}
