//! The frame around the features: panes and their geometry, overlays, pages, messages and setup.

pub mod banner;
pub mod end_notifier;
pub mod endpoint_stats;
pub mod geometry;
pub mod notice;
pub mod overlay;
pub mod page;
pub mod page_line;
pub mod pages;
pub mod pane;
pub mod setup;
