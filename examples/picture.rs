//! Prints a picture of README: the real screen with a made-up day's work.
//!
//! `cargo run --example picture -- timeline > docs/timeline.svg`; without a name, the list (docs/screen.svg).

use std::process::ExitCode;

#[path = "../tests/support/pictures.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod pictures;
#[path = "../tests/support/render.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod render;
#[path = "../tests/support/scene.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod scene;

use pictures::PICTURES;

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_else(|| "list".to_owned());
    let Some(picture) = PICTURES.iter().find(|picture| picture.name == name) else {
        let names = PICTURES.map(|picture| picture.name).join(", ");
        eprintln!("unknown picture; expected one of {names}: `{name}`");
        return ExitCode::from(2);
    };
    let buffer = render::drawn(&(picture.scene)(), &stepgate::ui::Theme::dark());
    print!("{}", render::picture_of(&buffer));
    ExitCode::SUCCESS
}
