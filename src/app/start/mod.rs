//! Starting one execution: the machine picker, the form, earlier inputs, and the start request.

pub mod edit;
pub mod form;
pub mod input_choice;
pub mod input_picker;
pub mod pick;
pub mod starts;
pub mod unresolved;
pub mod update;
