//! Numbers in a line that a person can write.

/// Two numbers; those that are missing are 0.
pub fn pair(line: &str) -> (u16, u16) {
    let mut numbers = line.split_whitespace().map(|word| word.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}
