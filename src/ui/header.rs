//! The first line: program name, endpoint, counts of executions and request rate; and the tabs of a narrow screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::model::Model;
use crate::app::shell::endpoint_picker::ALL;
use crate::app::shell::geometry::tabs;
use crate::format::severity::Severity;
use crate::format::text::{visible, width};
use crate::ui::theme::{Theme, sign};
use stepgate_core::domain::Outcome;

/// The maximum number of latest executions shown as symbols.
const MOST_LATEST: usize = 20;
/// The minimum number; fewer are not shown.
const FEWEST_LATEST: usize = 5;

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let room = usize::from(area.width);
    let needed = |spans: &[Span<'_>]| spans.iter().map(|span| width(&span.content)).sum::<usize>();
    let brand = Span::styled(" stepgate ", theme.accent);
    let endpoints = model.shell().endpoints();
    let endpoint = match endpoints.shown() {
        Some(endpoint) => {
            let name = Span::styled(format!(" {} ", visible(endpoint.name.as_str())), theme.endpoint(endpoint.color));
            let details = (!endpoint.summary.is_empty()).then(|| format!("· {} ", visible(&endpoint.summary)));
            Some((name, Span::styled(details.unwrap_or_default(), theme.dim)))
        }
        None if endpoints.are_all_shown() => {
            Some((Span::styled(format!(" {ALL} "), theme.strong), Span::styled(String::new(), theme.dim)))
        }
        None => None,
    };
    // Signs and words if they fit, otherwise words, otherwise the symbols of the list.
    let rate = rate(model, theme);
    let in_full = counts(model, theme, |count, word, sign| format!(" {sign} {count} {word} "));
    let in_words = counts(model, theme, |count, word, _| format!(" {count} {word} "));
    let in_signs = counts(model, theme, |count, _, sign| format!(" {sign}{count}"));
    let cells = |span: &Span<'_>| width(&span.content);
    let (name, details) = endpoint.as_ref().map_or((0, 0), |(name, details)| (cells(name), cells(details)));
    let without_details = room.saturating_sub(needed(&rate) + name + cells(&brand));
    let fits = |counts: &[Span<'_>], room: usize| needed(counts) <= room;
    let with_details = without_details.saturating_sub(details);
    let counts = if fits(&in_full, with_details) {
        in_full
    } else if fits(&in_words, with_details) {
        in_words
    } else if fits(&in_full, without_details) {
        in_full
    } else if fits(&in_words, without_details) {
        in_words
    } else {
        in_signs
    };
    let right = [counts, rate].concat();
    // If there is not enough room, the details are omitted first, then the program name, then the endpoint.
    let mut left = room.saturating_sub(needed(&right));
    let reserve = |span: Span<'static>, left: &mut usize| {
        let fits = width(&span.content) <= *left;
        *left -= if fits { width(&span.content) } else { 0 };
        fits.then_some(span)
    };
    let mut spans = Vec::new();
    if let Some((name, details)) = endpoint {
        let name = reserve(name, &mut left);
        let brand = reserve(brand, &mut left);
        let details = if name.is_some() && brand.is_some() { reserve(details, &mut left) } else { None };
        spans.extend([brand, name, details].into_iter().flatten());
    } else {
        spans.extend(reserve(brand, &mut left));
    }
    spans.extend(latest(model, theme, left));
    frame.render_widget(Line::from(spans), area);
    frame.render_widget(Line::from(right).right_aligned(), area);
}

/// Returns the symbols of the latest executions, the newest on the right, if there is room.
fn latest(model: &Model, theme: &Theme, room: usize) -> Vec<Span<'static>> {
    let signs = room.saturating_sub(2).min(MOST_LATEST);
    if signs < FEWEST_LATEST || model.list().executions().len() < 2 {
        return Vec::new();
    }
    let latest = model.list().executions().latest(signs).map(|row| Span::styled(sign(row), theme.execution(row)));
    std::iter::once(Span::raw(" ")).chain(latest).collect()
}

fn counts(model: &Model, theme: &Theme, text: fn(usize, &str, &str) -> String) -> Vec<Span<'static>> {
    let counts = model.list().executions().counts();
    let groups = [
        (counts.running, "running", "●", theme.running),
        (counts.failed, "failed", "✖", theme.severity(Severity::of(Outcome::Failed))),
        (counts.timed_out, "timed out", "◷", theme.severity(Severity::of(Outcome::TimedOut))),
        (counts.aborted, "aborted", "■", theme.severity(Severity::of(Outcome::Aborted))),
        (counts.lost, "unknown", "?", theme.warning),
        (counts.not_started, "not started", "-", theme.warning),
        (counts.done, "succeeded", "✔", theme.good),
    ];
    let some = groups.into_iter().filter(|(count, ..)| *count > 0);
    some.map(|(count, word, sign, style)| Span::styled(text(count, word, sign), style)).collect()
}

/// Returns the request rate and the budget of the endpoints that are shown, together.
fn rate(model: &Model, theme: &Theme) -> Vec<Span<'static>> {
    let endpoints = model.shell().endpoints();
    let shown = endpoints.shown().map_or(endpoints.list(), std::slice::from_ref);
    if shown.is_empty() {
        return Vec::new();
    }
    let (mut rate, mut budget, mut limit) = (0.0, 0.0, 0.0);
    for endpoint in shown {
        rate += endpoints.stats().rate(&endpoint.name);
        budget += endpoint.budget;
        limit += endpoints.stats().polling_rate(&endpoint.name).unwrap_or(endpoint.budget).min(endpoint.budget);
    }
    let style = if rate > 0.0 { theme.text } else { theme.dim };
    // Throttled: the current limit and the configured one.
    if limit < budget * 0.99 && model.list().executions().counts().running > 0 {
        return vec![
            Span::styled(format!("  {rate:.1}/"), style),
            Span::styled(format!("{limit:.1}↓{budget}"), theme.warning),
            Span::styled(" req/s ", style),
        ];
    }
    vec![Span::styled(format!("  {rate:.1}/{budget} req/s "), style)]
}

/// Draws the tabs.
pub(super) fn render_tabs(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let mut line = Line::from(" ");
    for (pane, title) in tabs(area.width, model.shell().focus()) {
        let style = if pane == model.shell().focus() { theme.selected } else { theme.dim };
        line.push_span(Span::styled(title, style));
        line.push_span(" ");
    }
    frame.render_widget(line, area);
}
