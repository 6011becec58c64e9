//! How many requests per second leave for an endpoint, shared by all processes of a store.

mod limiter;
mod shared_file;
mod start_limits;

pub(crate) use limiter::RateLimiter;
pub use limiter::SharedRateLimit;
pub use shared_file::SharedFile;
pub(crate) use start_limits::StartRateLimits;
