//! The status pane: how the selected execution goes, and what the watcher does about it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};

use crate::app::list::expected_duration::Expectation;
use crate::app::list::row::{Group, Row, RowState};
use crate::app::model::Model;
use crate::app::shell::pane::Pane;
use crate::format::clock;
use crate::format::text::{fit, visible};
use crate::format::wrap::wrap;
use crate::ui::executions::duration;
use crate::ui::theme::{Theme, sign};
use crate::ui::widgets::{frame_of, heading, labelled};
use stepgate_core::domain::{MachineType, UnresolvedStart};

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let inner = frame_of(model, Pane::Status, heading("Status", theme), theme, frame, area);
    let Some(row) = model.selected() else {
        frame.render_widget(Line::styled(" No execution selected.", theme.dim), inner);
        return;
    };
    let lines = lines(row, model, theme, inner);
    frame.render_widget(Text::from(lines), inner);
}

fn lines(row: &Row, model: &Model, theme: &Theme, area: Rect) -> Vec<Line<'static>> {
    let width = area.width;
    let style = theme.execution(row).patch(theme.strong);
    let mut lines = vec![Line::from(vec![
        Span::styled(format!(" {} {} ", sign(row), visible(row.word())), style),
        Span::styled(duration(row, model, clock::running), theme.strong),
        expected(row, model, theme),
    ])];
    if let Some(Expectation::Late(span)) = model.expected_durations.expectation(row, model.now) {
        lines.push(labelled("usually", &format!("about {}", clock::running(span)), width, theme));
    }
    let times = times(row, model);
    lines.push(Line::styled(fit(&format!(" {times}"), usize::from(width)).into_owned(), theme.dim));
    lines.push(labelled("name", row.arn.name(), width, theme));
    let origin = format!("{} · {}", row.machine_name, row.endpoint);
    lines.push(labelled("machine", &origin, width, theme));
    // What is known now comes before the first reason: there may be no room for both.
    if let Some(failure) = &row.trouble {
        let is_over = row.next_question.is_none();
        let words = if is_over { failure.to_string() } else { format!("{}{}", failure.summary(), again(row, model)) };
        lines.extend(told(&words, width, theme));
    }
    match &row.standing {
        RowState::Lost(failure, _) => lines.extend(told(&failure.to_string(), width, theme)),
        RowState::Unresolved(unresolved) | RowState::NeverStarted(unresolved) => {
            lines.extend(told(&why(unresolved), width, theme))
        }
        RowState::Started | RowState::Seen(_) => {}
    }
    if let Some(warning) = &row.warning {
        lines.extend(told(&format!("Warning: {warning}."), width, theme));
    }
    if let Some(seen) = row.seen() {
        if let Some(count) = seen.redrive.count.filter(|count| *count > 0) {
            let date = seen.redrive.date.map(|date| clock::moment(date, model.now, &model.zone)).unwrap_or_default();
            lines.push(labelled("redriven", &format!("{}, last {date}", times_of(count)), width, theme));
        }
        if row.group().is_unsuccessful()
            && let Some(redrive) = &seen.redrive.status
        {
            lines.push(labelled("redrive", redrive, width, theme));
        }
    }
    lines.extend(arn(row, theme, width, usize::from(area.height).saturating_sub(lines.len())));
    lines
}

/// How long it is expected to take in all.
fn expected(row: &Row, model: &Model, theme: &Theme) -> Span<'static> {
    match model.expected_durations.expectation(row, model.now) {
        Some(Expectation::About(span)) => Span::styled(format!(" of about {}", clock::running(span)), theme.dim),
        Some(Expectation::Late(_)) => Span::styled(" · unusually late", theme.warning),
        None => Span::default(),
    }
}

/// The ARN, whole where there is room for it. A start of an EXPRESS machine has none before its answer.
fn arn(row: &Row, theme: &Theme, width: u16, height: usize) -> Vec<Line<'static>> {
    if let RowState::Unresolved(unresolved) | RowState::NeverStarted(unresolved) = &row.standing
        && unresolved.order.machine_type == MachineType::Express
    {
        return Vec::new();
    }
    let whole = wrap(&visible(row.arn.as_str()), usize::from(width.saturating_sub(2)));
    if whole.len() > height.max(1) {
        return vec![labelled("arn", row.arn.as_str(), width, theme)];
    }
    whole.into_iter().map(|line| Line::styled(format!(" {line}"), theme.dim)).collect()
}

/// Why there is a doubt, or no execution.
fn why(unresolved: &UnresolvedStart) -> String {
    let reason = match &unresolved.reason {
        Some(failure) => failure.to_string(),
        None => "The program ended before an answer came.".to_owned(),
    };
    match unresolved.order.machine_type {
        MachineType::Express => format!("{reason} EXPRESS starts are sent once and have no status to check."),
        MachineType::Standard | MachineType::Unknown => reason,
    }
}

/// What went wrong, in as many lines as it needs.
fn told(text: &str, width: u16, theme: &Theme) -> impl Iterator<Item = Line<'static>> {
    let style = theme.warning;
    let lines = wrap(&visible(text), usize::from(width.saturating_sub(2)));
    lines.into_iter().map(move |line| Line::styled(format!(" {line}"), style))
}

fn times_of(count: u32) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// When it began and ended, and how old this knowledge is while it runs.
fn times(row: &Row, model: &Model) -> String {
    let moment = |at| clock::moment(at, model.now, &model.zone);
    let started = match row.standing {
        RowState::Unresolved(_) | RowState::NeverStarted(_) => format!("sent {}", moment(row.started)),
        _ => format!("started {}", moment(row.started)),
    };
    if let Some(stop) = row.seen().and_then(|seen| seen.stop_date) {
        return format!("{started} · ended {}", moment(stop));
    }
    match (row.answered, row.group()) {
        (Some(answered), Group::Running) => {
            let ago = model.now.since(answered).as_secs();
            let again = if row.trouble.is_none() { again(row, model) } else { String::new() };
            format!("{started} · answered {ago} s ago{again}")
        }
        (None, Group::Running) => format!("{started} · asking"),
        _ if matches!(row.standing, RowState::Unresolved(_)) => format!("{started}{}", again(row, model)),
        _ => started,
    }
}

/// When it is asked about again; nothing when that is a matter of a second.
fn again(row: &Row, model: &Model) -> String {
    match row.next_question.map(|next| next.since(model.now).as_secs()) {
        Some(seconds @ 2..) => format!(" · again in {seconds} s"),
        _ => String::new(),
    }
}
