//! The definition of an execution's state machine, over the whole body.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::BorderType;

use crate::app::model::Model;
use crate::app::reader::definition::{Definition, DefinitionStage};
use crate::format::text::visible;
use crate::ui::payload;
use crate::ui::theme::Theme;
use crate::ui::widgets::framed;

pub(super) fn render(model: &Model, definition: &Definition, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let machine =
        model.list().executions().get(definition.of()).map_or_else(String::new, |row| row.machine.name().to_owned());
    let title = format!("Definition of {}", visible(&machine));
    let title = payload::title(&title, Some(definition.document()), theme, area.width);
    let inner = framed(title, theme.focus, BorderType::Thick, frame, area);
    match definition.stage() {
        DefinitionStage::Reading(_) => payload::message_in("Reading the definition.", theme, frame, inner),
        DefinitionStage::Here => payload::text(definition.document(), true, theme, frame, area, inner),
        DefinitionStage::Failed(failure) => {
            payload::message_in(&visible(&failure.to_string()), theme, frame, inner);
        }
    }
}
