//! The part that makes the generated names of this run unique.

/// Returns the suffix of generated execution names: 64 random bits in 13 characters.
pub(in crate::cli) fn name_suffix() -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let (mut random, _) = uuid::Uuid::new_v4().as_u64_pair();
    // Six bits of a version 4 UUID are fixed; the other half replaces them.
    random ^= uuid::Uuid::new_v4().as_u64_pair().1.rotate_left(32);
    let digit = |shift: u32| char::from(DIGITS[usize::try_from(random >> shift & 31).unwrap_or(0)]);
    (0..13).map(|index| digit(index * 5)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn runs_have_different_suffixes_of_one_length() {
        let suffixes: BTreeSet<String> = (0..10_000).map(|_| name_suffix()).collect();
        assert_eq!(suffixes.len(), 10_000);
        assert!(
            suffixes.iter().all(|suffix| suffix.len() == 13 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        );
        // Every character takes part: none is fixed.
        let is_fixed =
            |at: usize| suffixes.iter().map(|suffix| suffix.as_bytes()[at]).collect::<BTreeSet<_>>().len() < 16;
        assert_eq!((0..13).find(|at| is_fixed(*at)), None);
    }
}
