//! What a terminal sends: keys, pastes and responses, split between reads at any byte.
#![cfg_attr(fuzzing, no_main)]

use stepgate::runtime::decoded;

/// The same bytes mean the same in one piece, in two and one by one.
pub fn run(data: &[u8]) {
    let whole = decoded([data]);
    assert_eq!(decoded(data.chunks(1)), whole);
    let (first, second) = data.split_at(data.len() / 2);
    assert_eq!(decoded([first, second]), whole);
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
