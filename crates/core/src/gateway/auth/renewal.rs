//! Decides when credentials are looked up again, and whether a request waits for it. Pure: takes the time and the
//! results of look-ups, returns steps, which `credential_cache` carries out.
//!
//! | credentials | a request |
//! |---|---|
//! | none | looks up |
//! | good for more than a minute, or without an expiry | uses them |
//! | about to expire | uses them; a look-up runs beside it, with pauses that end at the expiry |
//! | about to expire before a look-up could end | uses them |
//! | in the last 200 ms | waits for the expiry |
//! | expired | looks up, again for 2 s if that brings the same: a source's cache may be that coarse |
//! | expired already when they were looked up | uses them: only the gateway can tell; looks up, with pauses |
//! | expired, and the gateway still accepts them | uses them; a look-up runs beside it, with pauses |
//! | refused | looks up once, then uses what there is |
//!
//! So no pause spans the expiry, and none delays a request. Only [`Renewal::again_at`], for callers that wait without
//! sending requests, pauses after failed look-ups.

use std::time::{Duration, SystemTime};

/// How long before the expiry renewals begin: a response may take that long.
const BEFORE_EXPIRY: Duration = Duration::from_secs(60);
/// A request sent in the last moment may arrive after the expiry.
const LAST_MOMENT: Duration = Duration::from_millis(200);
/// How long after the expiry a source's cache may still return expired credentials.
const SLACK: Duration = Duration::from_secs(2);
const SLACK_PAUSE: Duration = Duration::from_millis(250);
/// Between look-ups while the credentials are good: half of the time that is left, within these limits.
const SHORTEST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The pause after the first failed look-up; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// The next step of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Send the request with the credentials.
    Use,
    /// Send it, and look up new credentials in the background.
    UseAndLookUp,
    /// Look up credentials, then decide again.
    LookUp,
    /// Wait until this moment, then decide again.
    WaitUntil(SystemTime),
}

/// The result of a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LookUpResult {
    /// Different credentials.
    New,
    /// The same credentials as before.
    Same,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CacheState {
    Good,
    /// The gateway has accepted them after their expiry: one of the clocks is wrong.
    AcceptedLate,
    /// Since this moment.
    Refused(SystemTime),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CachedCredentials {
    expires: Option<SystemTime>,
    state: CacheState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LookUp {
    started: SystemTime,
    ended: SystemTime,
    result: LookUpResult,
    /// Whether the expiry is another one than before.
    is_new_expiry: bool,
}

/// What is known about the current credentials.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Renewal {
    held: Option<CachedCredentials>,
    last: Option<LookUp>,
    /// Number of look-ups for bad credentials since some were accepted last.
    last_failed_refresh: u32,
}

impl Renewal {
    /// Returns the next step of a request. `has_looked` says whether it has already waited for a look-up.
    pub(super) fn step(&self, now: SystemTime, has_looked: bool) -> Step {
        let Some(held) = self.held else { return Step::LookUp };
        match (held.state, held.expires) {
            (CacheState::Refused(_), _) if has_looked => Step::Use,
            (CacheState::Refused(_), _) => Step::LookUp,
            (CacheState::Good, None) => Step::Use,
            (CacheState::AcceptedLate, _) => self.beside(now, LONGEST_PAUSE),
            (CacheState::Good, Some(expires)) => self.before_and_after(expires, now, has_looked),
        }
    }

    fn before_and_after(&self, expires: SystemTime, now: SystemTime, has_looked: bool) -> Step {
        let left = expires.duration_since(now).unwrap_or_default();
        let pause_over = self.last.map(|last| last.ended + SLACK_PAUSE).filter(|over| now < *over);
        let is_final = self.last.is_some_and(|last| last.started >= expires + SLACK);
        if left > BEFORE_EXPIRY {
            Step::Use
        } else if left > LAST_MOMENT && left <= LAST_MOMENT + self.duration() {
            // A look-up would end after the expiry, perhaps with what the source had before it, and delay the next one.
            Step::Use
        } else if left > LAST_MOMENT {
            self.beside(now, self.pause_before(expires))
        } else if self.were_short_lived(expires) && (has_looked || self.is_recent(now, SHORTEST_PAUSE)) {
            // Another look-up would return no better ones: the source's expiry or one of the clocks is wrong.
            Step::Use
        } else if !left.is_zero() {
            Step::WaitUntil(expires)
        } else if !has_looked {
            Step::LookUp
        } else if is_final {
            // Only the gateway can tell whether they are still good.
            Step::Use
        } else {
            pause_over.map_or(Step::LookUp, Step::WaitUntil)
        }
    }

    fn beside(&self, now: SystemTime, pause: Duration) -> Step {
        if self.is_recent(now, pause) { Step::Use } else { Step::UseAndLookUp }
    }

    /// Returns how long the last look-up took. A slow one does not prevent those before the expiry.
    fn duration(&self) -> Duration {
        let took = self.last.and_then(|last| last.ended.duration_since(last.started).ok());
        took.unwrap_or_default().min(SLACK)
    }

    /// A clock that was set back does not make the pause longer.
    fn is_recent(&self, now: SystemTime, pause: Duration) -> bool {
        self.last.is_some_and(|last| now >= last.ended && now < last.ended + pause)
    }

    /// Returns whether the last look-up returned credentials that had expired or were about to, with a new expiry: a
    /// source's cache returns the known one.
    fn were_short_lived(&self, expires: SystemTime) -> bool {
        self.last.is_some_and(|last| last.is_new_expiry && expires <= last.ended + LAST_MOMENT)
    }

    fn pause_before(&self, expires: SystemTime) -> Duration {
        match self.last {
            Some(LookUp { ended, result: LookUpResult::New | LookUpResult::Same, .. }) => {
                let left = expires.duration_since(ended).unwrap_or_default();
                (left / 2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
            }
            _ => LONGEST_PAUSE,
        }
    }

    /// Records that a look-up has ended. `expires` is the expiry of its result.
    pub(super) fn looked_up(
        &mut self,
        started: SystemTime,
        now: SystemTime,
        result: LookUpResult,
        expires: Option<SystemTime>,
    ) {
        // Others than refused ones may be refused, too. Then a request looks up again at once, which counts only once.
        let was_bad = self.is_bad(now);
        let is_of_the_same_attempt = self.is_recent(started, FIRST_PAUSE);
        let is_new_expiry = result != LookUpResult::Failed && self.held.is_none_or(|held| held.expires != expires);
        match (result, &mut self.held) {
            (LookUpResult::Same, Some(held)) => held.expires = expires,
            (LookUpResult::New | LookUpResult::Same, held) => {
                *held = Some(CachedCredentials { expires, state: CacheState::Good });
            }
            (LookUpResult::Failed, _) => {}
        }
        self.last = Some(LookUp { started, ended: now, result, is_new_expiry });
        if self.is_bad(now) || was_bad && !is_of_the_same_attempt {
            self.last_failed_refresh = self.last_failed_refresh.saturating_add(1);
        }
    }

    /// Records that the gateway has refused the current credentials.
    pub(super) fn refused(&mut self, now: SystemTime) {
        if let Some(held) = &mut self.held {
            held.state = CacheState::Refused(now);
        }
    }

    /// Records that the gateway has accepted them in a request that was sent at this moment. The response may arrive
    /// after the expiry, or after a later request was refused.
    pub(super) fn accepted(&mut self, sent: SystemTime) {
        let Some(held) = &mut self.held else { return };
        match held.state {
            CacheState::Refused(since) if sent < since => return,
            _ if has_expired(held.expires, sent) => held.state = CacheState::AcceptedLate,
            _ => held.state = CacheState::Good,
        }
        self.last_failed_refresh = 0;
    }

    pub(super) fn is_refused(&self) -> bool {
        self.held.is_some_and(|held| matches!(held.state, CacheState::Refused(_)))
    }

    /// Returns whether requests fail until a look-up returns other credentials.
    pub(super) fn is_bad(&self, now: SystemTime) -> bool {
        match self.held {
            None => self.last.is_some(),
            Some(CachedCredentials { state: CacheState::Refused(_), .. }) => true,
            Some(CachedCredentials { state: CacheState::AcceptedLate, .. }) => false,
            Some(CachedCredentials { state: CacheState::Good, expires }) => has_expired(expires, now),
        }
    }

    /// Returns when those who wait without sending anything should look up again, if nothing changes.
    pub(super) fn again_at(&self) -> Option<SystemTime> {
        let last = self.last?.ended;
        let doublings = self.last_failed_refresh.saturating_sub(1).min(8);
        Some(last + (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE))
    }
}

fn has_expired(expires: Option<SystemTime>, now: SystemTime) -> bool {
    expires.is_some_and(|expires| now >= expires)
}

#[cfg(test)]
mod tests;
