//! Drawing of a [`Model`]: one screen region per file. Drawing changes nothing, and any model can be drawn at any
//! size.
//!
//! ```text
//!  stepgate   dev · ap-northeast-1 · api-key      ● 2 running  ✖ 1 failed  ✔ 9 succeeded  4.8/5 req/s
//! ┌ Machines ────────┐┌ Executions ───────────────────────────┐┌ Status ────────────────────┐
//! │▸ order-pipeline 2││● RUNNING    order-4711           0:12 ││ RUNNING                    │
//! │  nightly-report  ││✔ SUCCEEDED  order-4710         28.1 s │├ Input ─────────────────────┤
//! │  pass            ││✖ FAILED     order-4709  Boom    3.0 s ││ { "order": 4711 }          │
//! │                  ││                                       │├ Output ────────────────────┤
//! └──────────────────┘└───────────────────────────────────────┘└────────────────────────────┘
//!  n start  Enter open  / filter  ? help  q quit
//! ```

pub(crate) mod color;
pub(crate) mod theme;

mod batch;
mod control;
mod copy;
mod definition;
mod endpoints;
mod executions;
mod field;
mod file;
mod footer;
mod form;
mod groups;
mod guard;
mod header;
mod hints;
mod input_picker;
mod link;
mod machines;
mod notice;
mod open;
mod page;
mod palette;
mod payload;
mod picker;
mod removal;
mod status;
pub(crate) mod symbols;
mod timeline;
mod useful;
mod widgets;

use ratatui::Frame;

use crate::app::guard::Purpose;
use crate::app::model::Model;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;

pub(crate) use link::Link;
pub use symbols::Symbols;
pub use theme::Theme;

/// Returns the links of the screen.
pub(crate) fn links(model: &Model, theme: &Theme) -> Vec<Link> {
    // Other overlays cover the pane.
    let is_visible = matches!(model.shell().overlay(), Overlay::None | Overlay::Filter(..) | Overlay::Prompt(_))
        && model.shell().help().is_none();
    let status = model.geometry().pane(Pane::Status).filter(|_| is_visible && !model.is_covered());
    status.and_then(|area| status::link(model, theme, area)).into_iter().collect()
}

/// Draws the whole screen.
pub fn view(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    render(model, theme, frame);
    theme.symbols.apply(frame.buffer_mut());
}

fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    if model.shell().help().is_some() || matches!(model.shell().overlay(), Overlay::ConfigErrors(..)) {
        page::render(model, theme, frame, frame.area());
        return;
    }
    let geometry = model.geometry();
    header::render(model, theme, frame, geometry.header);
    if let Some(tabs) = geometry.tabs.filter(|_| !model.is_covered()) {
        header::render_tabs(model, theme, frame, tabs);
    }
    if let Some(found) = model.reader().definition() {
        definition::render(model, found, theme, frame, geometry.overlay());
    } else if let Some(timeline) = model.timeline() {
        timeline::render(model, timeline, theme, frame, &geometry);
    }
    for pane in Pane::ALL {
        let Some(area) = geometry.pane(pane).filter(|_| !model.is_covered()) else { continue };
        match pane {
            Pane::Machines => machines::render(model, theme, frame, area),
            Pane::Executions => executions::render(model, theme, frame, area),
            Pane::Status => status::render(model, theme, frame, area),
            Pane::Input => payload::render_input(model, theme, frame, area),
            Pane::Output => payload::render_output(model, theme, frame, area),
        }
    }
    notice::render(model, theme, frame, geometry.notice);
    footer::render(model, theme, frame, geometry.footer);
    match model.shell().overlay() {
        Overlay::Pick(picker) => picker::render(model, picker, theme, frame, geometry.overlay()),
        Overlay::Endpoints(picker) => endpoints::render(model, picker, theme, frame, geometry.overlay()),
        Overlay::Palette(found) => palette::render(found, theme, frame, geometry.overlay()),
        Overlay::Inputs(picker) => input_picker::render(picker, theme, frame, geometry.overlay()),
        Overlay::Start(form) => form::render(model, form, theme, frame, geometry.overlay()),
        Overlay::File(form) => file::render(model, form, theme, frame, geometry.overlay()),
        Overlay::Copy(menu) => copy::render(model, *menu, theme, frame, geometry.overlay()),
        Overlay::Save(form) => copy::render_save(form, theme, frame, geometry.overlay()),
        Overlay::Control(form) => control::render(model, form, theme, frame, geometry.overlay()),
        Overlay::Guard(guard) => {
            match &guard.purpose {
                Purpose::Start(form) => form::render(model, form, theme, frame, geometry.overlay()),
                Purpose::StartMany(form) => file::render(model, form, theme, frame, geometry.overlay()),
                Purpose::ContinueBatch(_) => batch::render(model, theme, frame, frame.area()),
                Purpose::StartNow(_) => {}
            }
            guard::render(model, guard, theme, frame, geometry.overlay());
        }
        Overlay::Removal(removal) => removal::render(model, removal, theme, frame, geometry.overlay()),
        Overlay::Open(form) => open::render(form, theme, frame, geometry.overlay()),
        Overlay::Messages(_) | Overlay::Controlled(_) | Overlay::Compare(_) => {
            page::render(model, theme, frame, frame.area());
        }
        Overlay::Batch => batch::render(model, theme, frame, frame.area()),
        Overlay::ForgetBatch(_) => {
            batch::render(model, theme, frame, frame.area());
            removal::render_forget(model, theme, frame, geometry.overlay());
        }
        Overlay::None | Overlay::Filter(..) | Overlay::Prompt(_) | Overlay::ConfigErrors(..) => {}
    }
}
