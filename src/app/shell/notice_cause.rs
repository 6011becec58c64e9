//! What the message on the screen is about, as it is now: the one rule by which messages disappear with their cause.

use crate::app::batch::Batch;
use crate::app::list::row::{Row, RowState};
use crate::app::model::Model;
use crate::app::shell::notice::{About, Cause};
use stepgate_core::domain::ExecutionId;

/// Hides the message on the screen if its cause has gone.
pub(in crate::app) fn settle(model: &mut Model) {
    if let Some(about) = model.shell.notices().about() {
        let cause = cause(model, about);
        model.shell.notices_mut().settle(cause);
    }
}

fn cause(model: &Model, about: About) -> Cause {
    match about {
        About::Event => Cause::Lasting,
        About::Screen => Cause::Screen {
            overlay: (model.shell.overlay_changes(), model.shell.overlay().revision()),
            focus: model.shell.focus(),
            selected: model.selected().map(|row| row.id),
            filter: model.list.executions().filter().map(str::to_owned),
            views: [model.timeline.is_some(), model.reader.definition().is_some()],
        },
        About::Row(id) => Cause::Row(row_state(model, id)),
        About::Batch => {
            let latest = model.batches.latest();
            Cause::Batch {
                can_continue: latest.is_some_and(Batch::can_continue),
                is_locked_out: latest.is_some_and(Batch::waits_for_credentials),
                is_open: model.shell.overlay().is_batch_page(),
            }
        }
    }
}

fn row_state(model: &Model, id: ExecutionId) -> Option<(&'static str, bool)> {
    let state = |row: &Row| match row.state {
        RowState::Unresolved(_) => "unresolved",
        RowState::NeverStarted(_) => "not started",
        RowState::Lost(..) => "lost",
        RowState::Started | RowState::Synchronous(_) | RowState::Seen(_) => "started",
    };
    model.list.executions().get(id).map(|row| (state(row), row.poll_failure.is_some()))
}
