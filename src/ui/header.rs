//! The first line: who we are, which endpoint, how many executions, how many requests; and the tabs
//! of a narrow screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::model::Model;
use crate::app::pane::Pane;
use crate::app::text::{visible, width};
use crate::ui::theme::Theme;

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let room = usize::from(area.width);
    let mut left = vec![Span::styled(" stepgate ", theme.accent)];
    let counts = counts(model, theme);
    let rate = rate(model, theme);
    // What does not fit is left out, from the least important on: details, rate, endpoint.
    let needed = |spans: &[Span<'_>]| spans.iter().map(|span| width(&span.content)).sum::<usize>();
    let mut used = needed(&left) + needed(&counts);
    if let Some(endpoint) = model.endpoint() {
        let name = Span::styled(format!(" {} ", visible(endpoint.name.as_str())), theme.strong);
        let details = Span::styled(
            if endpoint.summary.is_empty() { String::new() } else { format!("· {} ", visible(&endpoint.summary)) },
            theme.dim,
        );
        if used + width(&name.content) <= room {
            used += width(&name.content);
            left.push(name);
            if used + width(&details.content) + needed(&rate) <= room {
                used += width(&details.content);
                left.push(details);
            }
        }
    }
    let with_rate = used + needed(&rate) <= room;
    let right = if with_rate { [counts, rate].concat() } else { counts };
    frame.render_widget(Line::from(left), area);
    frame.render_widget(Line::from(right).right_aligned(), area);
}

fn counts(model: &Model, theme: &Theme) -> Vec<Span<'static>> {
    let counts = model.executions.counts();
    let mut spans = Vec::new();
    let groups = [
        (counts.running, "running", theme.running),
        (counts.failed, "failed", theme.bad),
        (counts.lost, "unknown", theme.warning),
        (counts.done, "done", theme.good),
    ];
    for (count, word, style) in groups {
        if count > 0 {
            spans.push(Span::styled(format!(" {count} {word} "), style));
        }
    }
    spans
}

fn rate(model: &Model, theme: &Theme) -> Vec<Span<'static>> {
    let Some(endpoint) = model.endpoint() else { return Vec::new() };
    let rate = model.traffic.rate(&endpoint.name);
    let style = if rate > 0.0 { theme.text } else { theme.dim };
    vec![Span::styled(format!("  {rate:.1}/{} req/s ", endpoint.budget), style)]
}

/// The tabs; where not all titles fit, those that are not open are cut to their first letters.
pub(super) fn render_tabs(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let whole: usize = Pane::ALL.iter().map(|pane| pane.title().len() + 1).sum();
    let fits = whole <= usize::from(area.width);
    let spans = Pane::ALL.iter().map(|pane| {
        let title = if fits || *pane == model.focus { pane.title() } else { &pane.title()[..3] };
        let style = if *pane == model.focus { theme.selected } else { theme.dim };
        Span::styled(title, style)
    });
    let mut line = Line::default();
    for span in spans {
        line.push_span(span);
        line.push_span(" ");
    }
    frame.render_widget(line, area);
}
