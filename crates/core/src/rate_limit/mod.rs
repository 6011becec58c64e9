//! How many requests per second leave for an endpoint, shared by all processes of a store.

mod limiter;
mod log_turns;
mod shared_file;
mod start_limits;

pub(crate) use limiter::RateLimiter;
pub use limiter::SharedRateLimit;
pub(crate) use log_turns::LOG_REQUESTS_PER_SECOND;
pub use log_turns::LogTurns;
pub use shared_file::SharedFile;
pub(crate) use start_limits::StartRateLimits;
