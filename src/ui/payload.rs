//! The input and output panes: laid-out JSON, of which only the lines in sight are drawn.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::document::DocumentLine;
use crate::app::model::Model;
use crate::app::pane::Pane;
use crate::app::payloads::{Output, Scrolled};
use crate::app::text::{fit, visible};
use crate::ui::theme::Theme;
use crate::ui::widgets::{frame_of, heading, scroll_bar};

pub(super) fn render_input(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let inner = frame_of(model, Pane::Input, heading("Input", theme), theme, frame, area);
    if !model.payloads.no_input.is_empty() {
        let words = Paragraph::new(model.payloads.no_input).style(theme.dim).wrap(Wrap { trim: true });
        frame.render_widget(words, padded(inner));
        return;
    }
    lines(&model.payloads.input, theme, frame, padded(inner));
    bar(&model.payloads.input, theme, frame, area, inner);
}

pub(super) fn render_output(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let title = match &model.payloads.output {
        Output::Error(..) => "Error and cause",
        _ => "Output",
    };
    let inner = frame_of(model, Pane::Output, heading(title, theme), theme, frame, area);
    match &model.payloads.output {
        Output::Nothing => {}
        Output::Words(words) => {
            frame.render_widget(Paragraph::new(*words).style(theme.dim).wrap(Wrap { trim: true }), padded(inner));
        }
        Output::Output(scrolled) => {
            lines(scrolled, theme, frame, padded(inner));
            bar(scrolled, theme, frame, area, inner);
        }
        Output::Error(error, scrolled) => {
            let error = error.as_deref().unwrap_or("(no error name)");
            let line = Line::styled(fit(&visible(error), usize::from(padded(inner).width)).into_owned(), theme.bad);
            frame.render_widget(line, padded(inner));
            let below = Rect { y: inner.y.saturating_add(1), height: inner.height.saturating_sub(1), ..inner };
            lines(scrolled, theme, frame, padded(below));
            bar(scrolled, theme, frame, area, below);
        }
    }
}

/// A cell free at either side.
fn padded(area: Rect) -> Rect {
    area.inner(Margin::new(1, 0))
}

fn lines(scrolled: &Scrolled, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    for (index, line) in scrolled.document.window(scrolled.top, usize::from(area.height)).iter().enumerate() {
        let y = area.y + u16::try_from(index).unwrap_or(0);
        frame.render_widget(styled(line, theme), Rect { y, height: 1, ..area });
    }
}

fn styled<'l>(line: &'l DocumentLine, theme: &Theme) -> Line<'l> {
    let indent = Span::raw(" ".repeat(line.indent));
    let pieces = line.spans.iter().map(|span| Span::styled(&*span.text, theme.token(span.token)));
    std::iter::once(indent).chain(pieces).collect()
}

fn bar(scrolled: &Scrolled, theme: &Theme, frame: &mut Frame<'_>, area: Rect, inner: Rect) {
    // In the output pane the error's name takes a line from the document.
    let taken = usize::from(area.height.saturating_sub(2).saturating_sub(inner.height));
    scroll_bar(frame, area, scrolled.top, scrolled.document.len() + taken, theme);
}
