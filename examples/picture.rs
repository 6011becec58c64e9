//! Prints a screen as an SVG picture: one of README's, another one for judging the screen, or any scene of the tests.
//!
//! `cargo run --example picture -- timeline > docs/timeline.svg`; without a name, the list (docs/screen.svg).
//! `cargo run --example picture -- 'all marked' 40x10 light`; the themes are `dark`, `light` and `plain` (no colours).

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
#[path = "../tests/support/scenes.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod scenes;

use pictures::PICTURES;
use render::{ON_DARK, ON_LIGHT};
use stepgate::app::{Msg, update};
use stepgate::ui::Theme;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let name = words.first().map_or("list", String::as_str);
    let size = words.get(1).and_then(|size| size.split_once('x'));
    let size = size.and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    let picture = PICTURES.iter().find(|picture| picture.name == name).map(|picture| (picture.scene)());
    let (width, height) = size.unwrap_or((80, 24));
    let scene = || scenes::scenes(width, height).into_iter().find(|(scene, _)| *scene == name);
    let Some(mut model) = picture.or_else(|| Some(scene()?.1)) else {
        let pictures = PICTURES.iter().map(|picture| picture.name);
        let names: Vec<&str> = pictures.chain(scenes::scenes(80, 24).into_iter().map(|(name, _)| name)).collect();
        eprintln!("unknown picture `{name}`; expected one of {}", names.join(", "));
        return ExitCode::from(2);
    };
    if size.is_some() {
        update(&mut model, Msg::Resized(width, height));
    }
    let (theme, defaults) = match words.get(2).map(String::as_str) {
        Some("light") => (Theme::light(), ON_LIGHT),
        Some("plain") => (Theme::plain(), ON_DARK),
        _ => (Theme::dark(), ON_DARK),
    };
    print!("{}", render::picture_of(&render::drawn(&model, &theme), defaults));
    ExitCode::SUCCESS
}
