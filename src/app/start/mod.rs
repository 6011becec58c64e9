//! Starting one execution: the machine picker, the form, earlier inputs, and the start request.

pub(crate) mod edit;
pub(crate) mod form;
pub(crate) mod input_choice;
pub(crate) mod input_picker;
pub(crate) mod layout;
pub(crate) mod pick;
mod show;
pub(crate) mod starts;
mod synchronous;
mod typing_start;
pub(crate) mod unresolved;
pub(crate) mod update;
mod whole_input;
