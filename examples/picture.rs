//! Prints the picture of README: the real screen with a made-up day's work.
//!
//! `cargo run --example picture > docs/screen.svg`

#[path = "../tests/support/render.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod render;
#[path = "../tests/support/scene.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod scene;

fn main() {
    let buffer = render::drawn(&scene::for_the_picture(), &stepgate::ui::Theme::dark());
    print!("{}", render::picture_of(&buffer));
}
