//! Generated names of executions: `7f3k-order-5qxh2mzc8t0vr`.
//!
//! Lists cut names at the end, so the first four characters tell them apart. The rest makes a name unique: Step Functions
//! recognizes a repeated start by its name.

use crate::domain::execution_name::{ExecutionName, NameError};

/// Without vowels, so that no words form, and without characters that look like others (0, 1, l).
const DIGITS: &[u8; 28] = b"23456789bcdfghjkmnpqrstvwxyz";
/// The number of codes of four characters.
const CODES: u64 = 28 * 28 * 28 * 28;
/// Has no factor in common with `CODES`, so that no code recurs before all have been used. As its golden section, it
/// spreads consecutive codes evenly, so that they differ in the first character.
const STEP: u64 = 379_879;
/// Characters that the longest name leaves for the machine and the count.
const MAX_CHARS: usize = 80;

/// Generates the names of one run of the program.
#[derive(Debug, Clone)]
pub struct NameGenerator {
    launch: String,
    count: u64,
}

impl NameGenerator {
    /// Creates a generator from a text that is different for every run of the program.
    pub fn new(launch: &str) -> Self {
        Self { launch: launch.to_owned(), count: 0 }
    }

    /// Returns a name that no run of the program has generated before, for an execution of this machine.
    pub fn next(&mut self, machine: &str) -> Result<ExecutionName, NameError> {
        let count = self.count;
        self.count += 1;
        let unique = match count / CODES {
            0 => self.launch.clone(),
            round => format!("{}-{round}", self.launch),
        };
        let room = MAX_CHARS.saturating_sub("7f3k--".len() + unique.len());
        let code = self.code(count);
        let name = match &*readable(machine, room) {
            "" => format!("{code}-{unique}"),
            machine => format!("{code}-{machine}-{unique}"),
        };
        ExecutionName::parse(&name)
    }

    /// Returns the first four characters of the name with this number.
    fn code(&self, count: u64) -> String {
        // FNV-1a: runs begin at different codes.
        let first = self
            .launch
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let code = (first % CODES + count % CODES * STEP) % CODES;
        let digit = |place: u32| char::from(DIGITS[usize::try_from(code / 28_u64.pow(place) % 28).unwrap_or(0)]);
        [digit(3), digit(2), digit(1), digit(0)].iter().collect()
    }
}

/// Returns the beginning of a machine's name. AWS advises against characters other than ASCII: `CloudWatch` cannot log them.
fn readable(machine: &str, room: usize) -> String {
    let is_readable = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let readable: String = machine.chars().filter(is_readable).take(room).collect();
    readable.trim_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn names(launch: &str, machine: &str, count: usize) -> Vec<String> {
        let mut generator = NameGenerator::new(launch);
        (0..count).map(|_| generator.next(machine).expect("a name").to_string()).collect()
    }

    #[test]
    fn a_name_begins_with_its_code_and_its_machine() {
        for (machine, part) in [
            ("order", "-order-"),
            ("Order_2.b", "-Order_2.b-"),
            ("注文", "-"),
            ("注文-eu", "-eu-"),
            ("", "-"),
            ("a b/c:d\u{202e}", "-abcd-"),
            ("...", "-"),
        ] {
            let name = &names("5qxh2mzc8t0vr", machine, 1)[0];
            assert_eq!(&name[4..], format!("{part}5qxh2mzc8t0vr"), "{machine}");
        }
        let long = &names("5qxh2mzc8t0vr", &"x".repeat(100), 1)[0];
        assert_eq!(long.len(), 80);
    }

    #[test]
    fn a_hundred_thousand_names_differ_and_so_do_their_beginnings() {
        let names = names("5qxh2mzc8t0vr", "order", 100_000);
        let codes: BTreeSet<&str> = names.iter().map(|name| &name[..4]).collect();
        assert_eq!(codes.len(), names.len());
        assert!(names.windows(2).all(|pair| pair[0][..1] != pair[1][..1]), "neighbours begin with the same character");
    }

    #[test]
    fn names_stay_unique_after_every_code_was_used() {
        let mut generator = NameGenerator::new("launch");
        let first = generator.next("m").expect("a name");
        generator.count = CODES;
        let again = generator.next("m").expect("a name");
        assert_eq!(again.as_str(), format!("{first}-1"));
        generator.count = u64::MAX - 1;
        assert!(generator.next(&"x".repeat(80)).is_ok());
    }

    proptest! {
        #[test]
        fn names_of_any_runs_and_machines_are_valid_and_differ(
            launches in prop::collection::btree_set("[0-9a-z]{13}", 2..5), machine in "\\PC{0,90}", count in 1_usize..50,
        ) {
            let mut seen = BTreeSet::new();
            for launch in &launches {
                for name in names(launch, &machine, count) {
                    prop_assert!(name.is_ascii() && name.len() <= 80);
                    prop_assert!(name.bytes().take(4).all(|byte| DIGITS.contains(&byte)), "{name}");
                    prop_assert!(ExecutionName::chosen(&name).is_ok(), "{name}");
                    prop_assert!(seen.insert(name));
                }
            }
        }

        #[test]
        fn every_code_belongs_to_one_number(one in 0..CODES, other in 0..CODES, launch in "[0-9a-z]{1,13}") {
            let generator = NameGenerator::new(&launch);
            prop_assert_eq!(one == other, generator.code(one) == generator.code(other));
        }
    }
}
