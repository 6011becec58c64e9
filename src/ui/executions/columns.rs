//! The columns of the execution list: which of them fit, and how wide they are.

/// The cells before the first column: the cursor or mark, the symbol of the status and a space.
const PREFIX: usize = 3;
/// Names, machines and statuses are shortened to this before another column is omitted.
const MIN_NAME: usize = 10;
const MIN_MACHINE: usize = 7;
const MIN_STATUS: usize = 10;
/// One that is longer than this takes nothing from the other.
const FAIR_NAME: usize = 24;
const FAIR_MACHINE: usize = 16;
/// An error takes what the other columns leave; with less than this it is omitted.
const MIN_ERROR: usize = 10;
/// With less than this for an error, names and machines are shortened.
const FAIR_ERROR: usize = 24;

/// The widest text of each column, including the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Widths {
    /// The header of the name and of the machine, with the sort mark if it has it.
    pub(super) name_label: usize,
    pub(super) machine_label: usize,
    pub(super) status: usize,
    pub(super) name: usize,
    pub(super) machine: usize,
    pub(super) started: usize,
    pub(super) duration: usize,
    /// 0 if no row in view has an error or a warning.
    pub(super) error: usize,
}

/// The width of each column without the gap to its right; 0 if omitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) status: usize,
    pub(super) name: usize,
    pub(super) machine: usize,
    pub(super) started: usize,
    pub(super) duration: usize,
    /// The cells to the right of the others, for an error or a progress bar.
    pub(super) rest: usize,
    /// The cells between columns.
    pub(super) gap: usize,
}

impl Columns {
    /// Plans the columns for this many cells. As they get fewer, error, duration, the word of the status, start time and
    /// machine disappear, in this order. More cells never take a column away.
    pub(super) fn new(cells: usize, widths: &Widths) -> Self {
        let loose = Self::with_gap(2, cells, widths);
        let has_all = loose.duration > 0 && (widths.error == 0 || loose.has_error());
        let is_whole = loose.name >= widths.name.min(FAIR_NAME) && loose.machine >= widths.machine.min(FAIR_MACHINE);
        if has_all && is_whole { loose } else { Self::with_gap(1, cells, widths) }
    }

    fn with_gap(gap: usize, cells: usize, widths: &Widths) -> Self {
        let mut columns = Self {
            status: widths.status.min(MIN_STATUS),
            name: widths.name.min(MIN_NAME.max(widths.name_label)),
            machine: widths.machine.min(MIN_MACHINE.max(widths.machine_label)),
            started: widths.started,
            duration: widths.duration,
            rest: 0,
            gap,
        };
        let omissions: [fn(&mut Self); 4] = [
            |columns| columns.duration = 0,
            |columns| columns.status = 0,
            |columns| columns.started = 0,
            |columns| columns.machine = 0,
        ];
        for omit in omissions {
            if columns.used() > cells {
                omit(&mut columns);
            }
        }
        let has_all = columns.duration > 0;
        let mut spare = cells.saturating_sub(columns.used());
        if has_all && widths.error > 0 && spare >= gap + MIN_ERROR {
            spare = spare.saturating_sub(gap + widths.error.clamp(MIN_ERROR, FAIR_ERROR));
        }
        columns.widen(widths, &mut spare);
        if has_all {
            columns.rest = cells.saturating_sub(columns.used() + gap);
        }
        columns
    }

    /// Gives cells to the status, then to the name and the machine: first to the one of which less is shown.
    fn widen(&mut self, widths: &Widths, spare: &mut usize) {
        if self.status > 0 {
            self.status += take(spare, widths.status.saturating_sub(self.status));
        }
        let (name, machine) = (widths.name.min(FAIR_NAME), widths.machine.min(FAIR_MACHINE));
        let has_machine = self.machine > 0;
        while *spare > 0 && (self.name < name || has_machine && self.machine < machine) {
            let is_name_shorter = self.name * machine <= self.machine * name;
            let is_name = !has_machine || self.machine >= machine || self.name < name && is_name_shorter;
            *if is_name { &mut self.name } else { &mut self.machine } += 1;
            *spare -= 1;
        }
        self.name += take(spare, widths.name.saturating_sub(self.name));
        if has_machine {
            self.machine += take(spare, widths.machine.saturating_sub(self.machine));
        }
    }

    /// Returns whether errors have a column.
    pub(super) fn has_error(&self) -> bool {
        self.rest >= MIN_ERROR
    }

    fn used(&self) -> usize {
        let columns = [self.status, self.name, self.machine, self.started, self.duration];
        let shown = columns.iter().filter(|cells| **cells > 0).count();
        PREFIX + columns.iter().sum::<usize>() + self.gap * shown.saturating_sub(1)
    }
}

fn take(spare: &mut usize, cells: usize) -> usize {
    let taken = cells.min(*spare);
    *spare -= taken;
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::shell::detail::ContentRows;
    use crate::app::shell::geometry::{Arrangement, Geometry, PaneLayout};
    use crate::app::shell::pane::Pane;
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use ratatui::layout::Size;

    const WIDTHS: Widths = Widths {
        name_label: 4,
        machine_label: 7,
        status: 10,
        name: 24,
        machine: 15,
        started: 8,
        duration: 8,
        error: 16,
    };

    /// The columns that are visible, besides the name.
    fn shown(columns: &Columns, widths: &Widths) -> Vec<&'static str> {
        let all = [
            (widths.error > 0 && columns.has_error(), "error"),
            (columns.duration > 0, "duration"),
            (columns.status > 0, "status"),
            (columns.started > 0, "started"),
            (columns.machine > 0, "machine"),
        ];
        all.into_iter().filter_map(|(is_shown, name)| is_shown.then_some(name)).collect()
    }

    /// The cells of the list on screens of growing width: on low screens, and on higher ones.
    static LISTS: LazyLock<Vec<Vec<usize>>> = LazyLock::new(|| {
        let cells = |width, height| {
            let arrangement = Arrangement {
                focus: Pane::Executions,
                detail: Pane::Output,
                pane_layout: PaneLayout::Split,
                notice_lines: 0,
                machine_lines: 5,
                rows: ContentRows::default(),
            };
            let geometry = Geometry::new(Size::new(width, height), &arrangement);
            let list = geometry.pane(Pane::Executions).expect("it is visible");
            // One is a margin; see `executions::render`.
            usize::from(geometry.inner(list).width) - 1
        };
        [10, 30].map(|height| (30..300).map(|width| cells(width, height)).collect()).into()
    });

    #[test]
    fn columns_disappear_from_the_right_as_the_width_shrinks() {
        let shown = |cells| shown(&Columns::new(cells, &WIDTHS), &WIDTHS);
        assert_eq!(shown(120), ["error", "duration", "status", "started", "machine"]);
        assert_eq!(shown(60), ["duration", "status", "started", "machine"]);
        assert_eq!(shown(45), ["status", "started", "machine"]);
        assert_eq!(shown(38), ["started", "machine"]);
        assert_eq!(shown(26), ["machine"]);
        assert!(shown(15).is_empty());
    }

    #[test]
    fn names_and_machines_are_whole_where_there_is_room() {
        let columns = Columns::new(120, &WIDTHS);
        assert_eq!((columns.name, columns.machine, columns.rest), (24, 15, 120 - 3 - 65 - 5 * 2));
        // An error is no reason to shorten a name, unless there is no room for a fair part of it.
        assert_eq!(Columns::new(96, &WIDTHS).name, 24);
        let narrow = Columns::new(78, &WIDTHS);
        assert!(narrow.name > 10 && narrow.has_error(), "{narrow:?}");
        // One long name leaves the machines whole.
        let columns = Columns::new(100, &Widths { name: 80, error: 0, ..WIDTHS });
        assert_eq!((columns.machine, columns.name), (15, 100 - 3 - 10 - 15 - 8 - 8 - 4 * 2));
    }

    proptest! {
        #[test]
        fn a_wider_screen_never_shows_fewer_columns(
            (status, name, machine) in (9_usize..16, 4_usize..100, 7_usize..100),
            (started, duration, error) in (7_usize..=11, 8_usize..=11, 0_usize..100),
            (is_by_name, is_by_machine) in any::<(bool, bool)>(),
        ) {
            let (name_label, machine_label) = (if is_by_name { 6 } else { 4 }, if is_by_machine { 9 } else { 7 });
            let (name, machine) = (name.max(name_label), machine.max(machine_label));
            let widths = Widths { name_label, machine_label, status, name, machine, started, duration, error };
            for cells in LISTS.iter() {
                let mut before = Vec::new();
                for cells in cells {
                    let now = shown(&Columns::new(*cells, &widths), &widths);
                    prop_assert!(before.iter().all(|column| now.contains(column)), "{cells}: {before:?}, then {now:?}");
                    before = now;
                }
            }
        }

        #[test]
        fn a_row_never_exceeds_the_list(
            cells in 0_usize..300,
            (status, name, machine) in (0_usize..11, 4_usize..200, 7_usize..200),
            (started, duration, error) in (7_usize..20, 8_usize..12, 0_usize..400),
        ) {
            let (name_label, machine_label) = (6.min(name), 9.min(machine));
            let widths = Widths { name_label, machine_label, status, name, machine, started, duration, error };
            let columns = Columns::new(cells, &widths);
            let rest = if columns.rest > 0 { columns.rest + columns.gap } else { 0 };
            prop_assert!(columns.used() + rest <= cells.max(PREFIX + MIN_NAME.max(name_label)), "{columns:?}");
            prop_assert!(columns.name <= name && columns.machine <= machine);
            prop_assert!(columns.name >= name_label && (columns.machine == 0 || columns.machine >= machine_label));
            // Cells are kept free for an error only where it is shown.
            let is_cut = columns.name < name || columns.machine > 0 && columns.machine < machine;
            prop_assert!(error == 0 || !is_cut || columns.has_error() || columns.rest == 0, "{columns:?}");
        }
    }
}
