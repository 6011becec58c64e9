//! When credentials are looked up again, and whether a request waits for it. Pure: the time and the results of look-ups
//! come in, steps come out; `holder` carries them out.
//!
//! | credentials | a request |
//! |---|---|
//! | none | looks up |
//! | good for more than a minute, or without an expiry | uses them |
//! | about to expire | uses them; a look-up runs beside it, with pauses that end at the expiry |
//! | in the last 200 ms | waits for the expiry |
//! | expired | looks up, again for 2 s if that brings the same: a source's cache may be that coarse |
//! | expired, and the gateway still takes them | uses them; a look-up runs beside it, with pauses |
//! | refused | looks up once, then uses what there is |
//!
//! So no pause spans the expiry, and none delays a request. Only [`Renewal::again_at`], for whoever waits without sending
//! anything, has pauses after look-ups that brought nothing.

use std::time::{Duration, SystemTime};

/// How long before they expire renewals begin: a response may take that long.
const BEFORE_EXPIRY: Duration = Duration::from_secs(60);
/// What leaves in the last moment may arrive after it.
const LAST_MOMENT: Duration = Duration::from_millis(200);
/// How long after the expiry a source may still bring expired credentials from its cache.
const SLACK: Duration = Duration::from_secs(2);
const SLACK_PAUSE: Duration = Duration::from_millis(250);
/// Between look-ups while the credentials are good: half of the time that is left, within these limits.
const SHORTEST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// After the first look-up that brought nothing; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// What a request does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Use the credentials.
    Use,
    /// Use them, and look others up for later requests.
    UseAndLookUp,
    /// Look up, and ask again.
    LookUp,
    /// Wait until this moment, and ask again.
    WaitUntil(SystemTime),
}

/// What a look-up has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brought {
    /// Credentials that were not there before.
    Others,
    /// The same ones.
    Same,
    /// It has failed.
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Good,
    /// The gateway has taken them after their expiry: one of the clocks is wrong.
    AcceptedLate,
    /// Since this moment.
    Refused(SystemTime),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    expires: Option<SystemTime>,
    standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LookUp {
    began: SystemTime,
    ended: SystemTime,
    brought: Brought,
}

/// What is known of the credentials at hand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Renewal {
    held: Option<Held>,
    last: Option<LookUp>,
    /// Look-ups in a row that did not help.
    in_vain: u32,
}

impl Renewal {
    /// What a request does now. It `has_looked` if it has waited for a look-up already.
    pub(super) fn step(&self, now: SystemTime, has_looked: bool) -> Step {
        let Some(held) = self.held else { return Step::LookUp };
        match (held.standing, held.expires) {
            (Standing::Refused(_), _) if has_looked => Step::Use,
            (Standing::Refused(_), _) => Step::LookUp,
            (Standing::Good, None) => Step::Use,
            (Standing::AcceptedLate, _) => self.beside(now, LONGEST_PAUSE),
            (Standing::Good, Some(expires)) => self.before_and_after(expires, now, has_looked),
        }
    }

    fn before_and_after(&self, expires: SystemTime, now: SystemTime, has_looked: bool) -> Step {
        let left = expires.duration_since(now).unwrap_or_default();
        let pause_over = self.last.map(|last| last.ended + SLACK_PAUSE).filter(|over| now < *over);
        let is_last_word = self.last.is_some_and(|last| last.began >= expires + SLACK);
        if left > BEFORE_EXPIRY {
            Step::Use
        } else if left > LAST_MOMENT {
            self.beside(now, self.pause_before(expires))
        } else if !left.is_zero() {
            Step::WaitUntil(expires)
        } else if !has_looked {
            Step::LookUp
        } else if is_last_word {
            // Whether they are still good is for the gateway to say.
            Step::Use
        } else {
            pause_over.map_or(Step::LookUp, Step::WaitUntil)
        }
    }

    fn beside(&self, now: SystemTime, pause: Duration) -> Step {
        // A clock that was set back does not make the pause longer.
        let pauses = self.last.is_some_and(|last| now >= last.ended && now < last.ended + pause);
        if pauses { Step::Use } else { Step::UseAndLookUp }
    }

    fn pause_before(&self, expires: SystemTime) -> Duration {
        match self.last {
            Some(LookUp { ended, brought: Brought::Others | Brought::Same, .. }) => {
                let left = expires.duration_since(ended).unwrap_or_default();
                (left / 2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
            }
            _ => LONGEST_PAUSE,
        }
    }

    /// A look-up has ended. `expires` is when what it has brought expires.
    pub(super) fn looked_up(
        &mut self,
        began: SystemTime,
        now: SystemTime,
        brought: Brought,
        expires: Option<SystemTime>,
    ) {
        match (brought, &mut self.held) {
            (Brought::Same, Some(held)) => held.expires = expires,
            (Brought::Others | Brought::Same, held) => *held = Some(Held { expires, standing: Standing::Good }),
            (Brought::Nothing, _) => {}
        }
        self.last = Some(LookUp { began, ended: now, brought });
        self.in_vain = if self.is_bad(now) { self.in_vain.saturating_add(1) } else { 0 };
    }

    /// The gateway has refused the credentials at hand.
    pub(super) fn refused(&mut self, now: SystemTime) {
        if let Some(held) = &mut self.held {
            held.standing = Standing::Refused(now);
        }
    }

    /// The gateway has taken them in a request that was sent at this moment. A response may come after the expiry, or
    /// after a later request was refused.
    pub(super) fn accepted(&mut self, sent: SystemTime) {
        let Some(held) = &mut self.held else { return };
        match held.standing {
            Standing::Refused(since) if sent < since => {}
            _ if has_expired(held.expires, sent) => held.standing = Standing::AcceptedLate,
            _ => held.standing = Standing::Good,
        }
    }

    pub(super) fn is_refused(&self) -> bool {
        self.held.is_some_and(|held| matches!(held.standing, Standing::Refused(_)))
    }

    /// Whether requests fail until a look-up brings others.
    pub(super) fn is_bad(&self, now: SystemTime) -> bool {
        match self.held {
            None => self.last.is_some(),
            Some(Held { standing: Standing::Refused(_), .. }) => true,
            Some(Held { standing: Standing::AcceptedLate, .. }) => false,
            Some(Held { standing: Standing::Good, expires }) => has_expired(expires, now),
        }
    }

    /// When the next look-up is worth it for those who wait for others without sending anything, if nothing changes.
    pub(super) fn again_at(&self) -> Option<SystemTime> {
        let last = self.last?.ended;
        let doublings = self.in_vain.saturating_sub(1).min(8);
        Some(last + (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE))
    }
}

fn has_expired(expires: Option<SystemTime>, now: SystemTime) -> bool {
    expires.is_some_and(|expires| now >= expires)
}

#[cfg(test)]
mod tests;
