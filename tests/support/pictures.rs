//! Pictures of the screen: those of README, and others for judging it.

use stepgate::app::{Model, Msg, update};

use super::scene::{at_work, press};
use super::scenes::{in_batch, timeline};

/// A picture: its name, its file in docs/ if README shows it, and what the screen shows.
pub struct Picture {
    pub name: &'static str,
    pub file: Option<&'static str>,
    pub scene: fn() -> Model,
}

pub const PICTURES: [Picture; 10] = [
    Picture { name: "list", file: Some("screen.svg"), scene: list },
    Picture { name: "timeline", file: Some("timeline.svg"), scene: || timeline(140, 14, "space down down") },
    Picture { name: "failure", file: Some("failure.svg"), scene: failure },
    Picture { name: "list-80", file: None, scene: || at_work(80, 24) },
    Picture { name: "list-120", file: None, scene: || at_work(120, 40) },
    Picture { name: "list-200", file: None, scene: || at_work(200, 50) },
    Picture { name: "form-error", file: None, scene: form_error },
    Picture { name: "batch", file: None, scene: || in_batch(120, 40, 5) },
    Picture { name: "help-timeline", file: None, scene: || timeline(120, 40, "?") },
    Picture { name: "groups", file: None, scene: groups },
];

/// The start form with an input that is no JSON.
fn form_error() -> Model {
    let mut model = at_work(120, 40);
    press(&mut model, "n 注文処理 enter tab order-4712 tab ctrl-end");
    update(&mut model, Msg::Paste(",\n\"items\": [1, 2,, 3]".into()));
    model
}

/// The list by machine.
fn groups() -> Model {
    let mut model = at_work(120, 40);
    press(&mut model, "u");
    model
}

/// The list, and a finished order.
fn list() -> Model {
    let mut model = at_work(140, 28);
    press(&mut model, "j j j j");
    model
}

/// The error and cause of an order that failed.
fn failure() -> Model {
    let mut model = at_work(140, 24);
    press(&mut model, "G enter");
    model
}
