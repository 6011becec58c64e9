//! How often executions are polled.

use std::time::Duration;

/// The shortest time between two status requests for one execution.
pub(super) const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);
/// Delay before the first status request of a new execution: many end within it, and an earlier request only finds them
/// running.
pub(super) const FIRST_LOOK: Duration = Duration::from_millis(250);
/// The same for the selected execution. A state machine with a single Pass state takes 69 ms.
pub(super) const FIRST_LOOK_SELECTED: Duration = Duration::from_millis(70);
/// An execution is polled again after this fraction of its age.
pub(super) const AGE_PARTS: u32 = 20;
