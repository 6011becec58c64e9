//! The status pane: the state of the selected execution and of polling it.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span, Text};

use crate::app::copy::pages::execution_page;
use crate::app::list::expected_duration::Expectation;
use crate::app::list::row::{Group, Row, RowState};
use crate::app::model::Model;
use crate::app::shell::pane::Pane;
use crate::format::clock;
use crate::format::text::{fit, visible};
use crate::format::wrap::wrap;
use crate::ui::link::Link;
use crate::ui::theme::{Theme, sign};
use crate::ui::widgets::{duration, frame_of, heading, labelled};
use stepgate_core::domain::{MachineType, UnresolvedStart, elapsed};

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let inner = frame_of(model, Pane::Status, heading("Status", theme), theme, frame, area);
    let Some(row) = model.selected() else {
        frame.render_widget(Line::styled(" No execution selected.", theme.dim), inner);
        return;
    };
    let lines = lines(row, model, theme, inner);
    frame.render_widget(Text::from(lines), inner);
}

/// Returns the area of the ARN, which links to the page of the execution in the AWS console.
pub(super) fn link(model: &Model, theme: &Theme, area: Rect) -> Option<Link> {
    let row = model.selected()?;
    let url = execution_page(row).ok()?;
    let inner = area.inner(Margin::new(1, 1));
    let above = facts(row, model, theme, inner.width).len();
    let rows = u16::try_from(arn(row, theme, inner, above).len()).ok()?;
    let y = inner.y.saturating_add(u16::try_from(above).ok()?);
    let area = Rect { y, height: rows, ..inner }.intersection(inner);
    (!area.is_empty()).then_some(Link { area, url })
}

fn lines(row: &Row, model: &Model, theme: &Theme, area: Rect) -> Vec<Line<'static>> {
    let mut lines = facts(row, model, theme, area.width);
    let above = lines.len();
    lines.extend(arn(row, theme, area, above));
    lines
}

/// Returns everything but the ARN, which comes last.
fn facts(row: &Row, model: &Model, theme: &Theme, width: u16) -> Vec<Line<'static>> {
    let style = theme.execution(row).patch(theme.strong);
    let mut lines = vec![Line::from(vec![
        Span::styled(format!(" {} {} ", sign(row), row.status_text()), style),
        Span::styled(duration(row, model), theme.strong),
        expected(row, model, theme),
    ])];
    if let Some(Expectation::Late(span)) = model.list().expected_durations().expectation(row, model.now()) {
        lines.push(labelled("usually", &format!("about {}", elapsed::running(span)), width, theme));
    }
    let times = times(row, model);
    lines.push(Line::styled(fit(&format!(" {times}"), usize::from(width)).into_owned(), theme.dim));
    lines.push(labelled("name", row.arn.name(), width, theme));
    let origin = format!("{} · {}", row.machine_name, row.endpoint);
    lines.push(labelled("machine", &origin, width, theme));
    // The latest failure before the original reason: there may be no room for both.
    if let Some(failure) = &row.poll_failure {
        let is_final = row.next_poll.is_none();
        let text =
            if is_final { failure.to_string() } else { format!("{}{}", failure.summary(), next_poll(row, model)) };
        lines.extend(warning_lines(&text, width, theme));
    }
    match &row.state {
        RowState::Lost(failure, _) => lines.extend(warning_lines(&failure.to_string(), width, theme)),
        RowState::Unresolved(unresolved) | RowState::NeverStarted(unresolved) => {
            lines.extend(warning_lines(&start_failure(unresolved), width, theme));
        }
        RowState::Started | RowState::Synchronous(_) | RowState::Seen(_) => {}
    }
    if let Some(warning) = &row.warning {
        lines.extend(warning_lines(&format!("Warning: {warning}."), width, theme));
    }
    if let Some(seen) = row.seen() {
        if let Some(count) = seen.redrive.count.filter(|count| *count > 0) {
            let date = seen
                .redrive
                .date
                .map(|date| clock::moment(date, model.now(), model.shell().zone()))
                .unwrap_or_default();
            lines.push(labelled("redriven", &format!("{}, last {date}", times_of(count)), width, theme));
        }
        if row.group().is_unsuccessful()
            && let Some(redrive) = &seen.redrive.status
        {
            lines.push(labelled("redrive", redrive, width, theme));
        }
    }
    lines
}

/// Returns the expected total duration.
fn expected(row: &Row, model: &Model, theme: &Theme) -> Span<'static> {
    match model.list().expected_durations().expectation(row, model.now()) {
        Some(Expectation::About(span)) => Span::styled(format!(" of about {}", elapsed::running(span)), theme.dim),
        Some(Expectation::Passed(span)) => {
            Span::styled(format!(" · usually about {}", elapsed::running(span)), theme.dim)
        }
        Some(Expectation::Late(_)) => Span::styled(" · longer than usual", theme.warning),
        None => Span::default(),
    }
}

/// Returns the ARN, wrapped if there is room. A start of an EXPRESS machine has none before its response.
fn arn(row: &Row, theme: &Theme, area: Rect, above: usize) -> Vec<Line<'static>> {
    let (width, height) = (area.width, usize::from(area.height).saturating_sub(above));
    if row.start().is_some_and(|start| start.order.machine_type == MachineType::Express) {
        return Vec::new();
    }
    let whole = wrap(&visible(row.arn.as_str()), usize::from(width.saturating_sub(2)));
    if whole.len() > height.max(1) {
        return vec![labelled("arn", row.arn.as_str(), width, theme)];
    }
    whole.into_iter().map(|line| Line::styled(format!(" {line}"), theme.dim)).collect()
}

/// Returns why a start is unresolved or did not start.
fn start_failure(unresolved: &UnresolvedStart) -> String {
    let reason = match &unresolved.reason {
        Some(failure) => failure.to_string(),
        None => "The program ended before the response arrived.".to_owned(),
    };
    match unresolved.order.machine_type {
        // Its advice says more.
        MachineType::Express if unresolved.reason.as_ref().is_some_and(|reason| reason.remedy.is_some()) => reason,
        MachineType::Express => format!("{reason} EXPRESS starts are sent once and have no status to check."),
        MachineType::Standard | MachineType::Unknown => reason,
    }
}

/// Wraps a warning or failure.
fn warning_lines(text: &str, width: u16, theme: &Theme) -> impl Iterator<Item = Line<'static>> {
    let style = theme.warning;
    let lines = wrap(&visible(text), usize::from(width.saturating_sub(2)));
    lines.into_iter().map(move |line| Line::styled(format!(" {line}"), style))
}

fn times_of(count: u32) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// Returns the start and end, or the age of the last response while it runs.
fn times(row: &Row, model: &Model) -> String {
    let moment = |at| clock::moment(at, model.now(), model.shell().zone());
    let started = match row.state {
        RowState::Unresolved(_) | RowState::NeverStarted(_) => format!("sent {}", moment(row.started)),
        _ => format!("started {}", moment(row.started)),
    };
    if let Some(stop) = row.seen().and_then(|seen| seen.stop_date) {
        return format!("{started} · ended {}", moment(stop));
    }
    match (row.answered, row.group()) {
        (Some(answered), Group::Running) => {
            let ago = elapsed::rounded(model.now().since(answered));
            let again = if row.poll_failure.is_none() { next_poll(row, model) } else { String::new() };
            format!("{started} · polled {ago} ago{again}")
        }
        _ if matches!(row.state, RowState::Synchronous(_)) => {
            format!("{started} · the outcome arrives with the response")
        }
        (None, Group::Running) => format!("{started} · polling"),
        _ if matches!(row.state, RowState::Unresolved(_)) => format!("{started}{}", next_poll(row, model)),
        _ => started,
    }
}

/// Returns when it is polled again; empty if within a second.
fn next_poll(row: &Row, model: &Model) -> String {
    match row.next_poll.map(|next| next.since(model.now()).as_secs()) {
        Some(seconds @ 2..) => format!(" · again in {seconds} s"),
        _ => String::new(),
    }
}
