//! How often executions are asked about.

use std::time::Duration;

/// The shortest time between two questions about one execution.
pub(super) const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);
/// A new execution is asked about this long after its start: many end at once, and asking earlier
/// than that only finds them running.
pub(super) const FIRST_LOOK: Duration = Duration::from_millis(250);
/// The same for the one that the user looks at. A state machine with a single Pass state takes 69 ms.
pub(super) const FIRST_LOOK_SELECTED: Duration = Duration::from_millis(70);
/// An execution is asked about again after this part of its age.
pub(super) const AGE_PARTS: u32 = 20;
