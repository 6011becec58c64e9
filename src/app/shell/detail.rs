//! The heights of the status, input and output panes, by their contents.

use crate::app::shell::pane::Pane;

/// From this height, all three have room.
pub(super) const ROOM_FOR_ALL: u16 = 24;
/// The borders of a pane.
const BORDERS: u16 = 2;
/// A pane with one row.
const LEAST: u16 = 3;

/// The rows of the contents. They change with the execution and when a text arrives, not with time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ContentRows {
    /// The status.
    pub status: u16,
    /// The input.
    pub input: u16,
    /// The output, or error and cause.
    pub output: u16,
}

/// Returns the heights of status, input and output, whose sum is the total. Each is as high as its contents; if that is too
/// much, the focused one of the texts (else the output) gets most of the room. What is left goes to the output.
pub(super) fn heights(total: u16, rows: ContentRows, focus: Pane) -> [u16; 3] {
    let needed = |rows: u16| rows.saturating_add(BORDERS).max(LEAST);
    let most = if focus == Pane::Status { total / 2 } else { total / 3 };
    let status = needed(rows.status).min(most.max(4)).min(total);
    let rest = total - status;
    let (input, output) = (needed(rows.input), needed(rows.output));
    // The one without focus keeps its contents, or at least this part.
    let (share, most) = ((rest * 2 / 5).max(LEAST), rest.saturating_sub(LEAST));
    let input = match focus {
        Pane::Input => input.min(rest.saturating_sub(output.min(share))),
        _ => input.min(share.max(rest.saturating_sub(output))),
    };
    let input = input.min(most);
    [status, input, rest - input]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn panes_are_as_high_as_their_contents_and_the_output_gets_the_rest() {
        let rows = |status, input, output| ContentRows { status, input, output };
        assert_eq!(heights(37, rows(7, 1, 4), Pane::Executions), [9, 3, 25]);
        assert_eq!(heights(37, rows(7, 12, 4), Pane::Executions), [9, 14, 14]);
        // Not everything fits.
        assert_eq!(heights(37, rows(7, 100, 4), Pane::Executions), [9, 22, 6]);
        assert_eq!(heights(37, rows(7, 100, 100), Pane::Executions), [9, 11, 17]);
        assert_eq!(heights(37, rows(7, 100, 100), Pane::Input), [9, 17, 11]);
        assert_eq!(heights(37, rows(7, 100, 4), Pane::Input), [9, 22, 6]);
        // A long status gives way, unless it has the focus.
        assert_eq!(heights(21, rows(15, 1, 1), Pane::Executions), [7, 3, 11]);
        assert_eq!(heights(21, rows(15, 1, 1), Pane::Status), [10, 3, 8]);
    }

    proptest! {
        #[test]
        fn the_panes_fill_the_room(total in 0_u16..500, status in 0_u16..40, input: u16, output: u16, focus in 0_usize..5) {
            let rows = ContentRows { status, input, output };
            let heights = heights(total, rows, Pane::ALL[focus]);
            prop_assert_eq!(heights.iter().sum::<u16>(), total);
            if total >= 12 {
                prop_assert!(heights.iter().all(|height| *height >= LEAST), "{:?}", heights);
            }
        }
    }
}
