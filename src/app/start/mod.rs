//! Starting one execution: picking a machine, the form, earlier inputs, and the start itself.

pub mod earlier;
pub mod edit;
pub mod form;
pub mod inputs;
pub mod pick;
pub mod update;
