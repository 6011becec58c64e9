//! The gateway whose executions are in the list, or all.

use crate::app::list::executions::Executions;
use crate::app::list::executions::view::View;
use crate::app::list::row::Row;
use stepgate_core::domain::GatewayId;

impl Executions {
    /// Shows only the executions of a gateway, or all. Hidden rows lose their marks: what is not in the list must not be
    /// stopped.
    pub(in crate::app) fn set_scope(&mut self, scope: Option<GatewayId>) {
        if scope == self.scope {
            return;
        }
        self.scope = scope;
        let query = self.view.as_ref().and_then(View::query).cloned();
        self.view = View::new(self.scope.clone(), query, self.order());
        self.search_again();
        self.rebuild_view();
        let (rows, scope) = (&self.rows, &self.scope);
        let is_shown = |row: &Row| scope.as_ref().is_none_or(|scope| row.gateway == *scope);
        self.marked.retain(|id| rows.get(*id).is_some_and(is_shown));
        self.revision += 1;
        self.select_first_if_hidden();
    }

    /// Returns whether a row belongs to the gateway that is shown.
    pub fn is_in_scope(&self, row: &Row) -> bool {
        self.scope.as_ref().is_none_or(|scope| row.gateway == *scope)
    }
}
