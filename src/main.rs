//! stepgate
fn main() {}
