//! Starting one execution: the machine picker, the form, earlier inputs, and the start request.

pub mod earlier;
pub mod edit;
pub mod form;
pub mod inputs;
pub mod pick;
pub mod update;
