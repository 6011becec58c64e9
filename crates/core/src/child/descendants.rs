//! Kills the descendants of this process where a process group cannot be used, since others share it.

use std::collections::HashMap;

use rustix::process::{Pid, Signal, getpid, kill_process};

/// Kills all descendants of this process.
pub(super) fn kill_descendants() {
    for process in descendants(getpid().as_raw_nonzero().get(), &parents()) {
        if let Some(process) = Pid::from_raw(process) {
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

/// Returns the descendants of a process, children after their parents.
fn descendants(of: i32, parents: &[(i32, i32)]) -> Vec<i32> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for (process, parent) in parents {
        children.entry(*parent).or_default().push(*process);
    }
    let mut found = children.remove(&of).unwrap_or_default();
    let mut at = 0;
    while let Some(process) = found.get(at) {
        found.extend(children.remove(process).unwrap_or_default());
        at += 1;
    }
    found
}

/// Returns each process with its parent.
fn parents() -> Vec<(i32, i32)> {
    let table = if cfg!(target_os = "linux") { from_proc() } else { Vec::new() };
    if table.is_empty() {
        from_ps(&super::printed("ps", &["-A", "-o", "pid=,ppid="]).unwrap_or_default())
    } else {
        table
    }
}

#[expect(clippy::disallowed_methods, reason = "the supervisor has nothing else to do, and `/proc` does not block")]
fn from_proc() -> Vec<(i32, i32)> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let processes = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    let parent = |process: i32| {
        let limits = crate::bounded::Limits::SECRET;
        let stat = crate::bounded::file(format!("/proc/{process}/stat").as_ref(), limits).ok()?;
        // The name, in parentheses, may contain any characters.
        let stat = String::from_utf8_lossy(&stat).into_owned();
        let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
        Some((process, parent))
    };
    processes.filter_map(parent).collect()
}

fn from_ps(printed: &[u8]) -> Vec<(i32, i32)> {
    let pair = |line: &str| {
        let mut numbers = line.split_whitespace().map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    String::from_utf8_lossy(printed).lines().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descendants_are_found_at_any_depth_and_others_left_out() {
        let table = from_ps(b"  1 0\n 10 1\n 11 10\n 12 11\n 13 10\n 20 1\n 21 20\nx y\n");
        assert_eq!(descendants(10, &table), [11, 13, 12]);
        assert_eq!(descendants(21, &table), Vec::<i32>::new());
    }

    #[test]
    fn the_parent_of_this_process_is_in_the_table() {
        let us = getpid().as_raw_nonzero().get();
        assert!(parents().iter().any(|(process, _)| *process == us));
    }
}
