//! How many requests per second leave for an endpoint, shared by all processes of a store.

mod file;
mod limiter;
mod starts;

pub use file::SharedFile;
pub(crate) use limiter::RateLimiter;
pub use limiter::SharedRateLimit;
pub(crate) use starts::StartRateLimits;
