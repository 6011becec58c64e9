//! Hostile files, pipes and children.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Instant;

use super::lines::Line;
use super::*;

const SMALL: Limits = Limits { bytes: 64 * 1024, time: Duration::from_millis(300) };
/// Far longer than a limit, far shorter than forever.
const SOON: Duration = Duration::from_secs(20);

fn fifo(folder: &Path) -> PathBuf {
    let path = folder.join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo is everywhere");
    assert!(made.success());
    path
}

#[test]
fn reading_ends_by_size_or_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let small = folder.path().join("small");
    std::fs::write(&small, "\u{feff}text\n").expect("written");
    let large = folder.path().join("large");
    std::fs::write(&large, vec![b'x'; 64 * 1024 + 1]).expect("written");
    let exact = folder.path().join("exact");
    std::fs::write(&exact, vec![b'x'; 64 * 1024]).expect("written");
    let pipe = fifo(folder.path());
    let read_small = |path: &Path| text_file(path, SMALL).map_err(|error| error.to_string());
    let began = Instant::now();
    assert_eq!(read_small(&small), Ok("text\n".into()));
    assert_eq!(read_small(&exact).map(|text| text.len()), Ok(64 * 1024));
    assert_eq!(read_small(&large), Err("it has more than 64 KiB".into()));
    assert_eq!(read_small(Path::new("/dev/zero")), Err("it has more than 64 KiB".into()));
    assert_eq!(read_small(Path::new("/dev/null")), Ok(String::new()));
    assert_eq!(read_small(&pipe), Err("it did not end within 1 s".into()));
    assert!(read_small(folder.path()).expect_err("a folder").contains("directory"));
    assert!(read_small(Path::new("/no/such/file")).expect_err("none").contains("No such file"));
    assert!(began.elapsed() < SOON);
}

#[test]
fn a_pipe_is_read_to_its_end_but_not_beyond_its_deadline() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = fifo(folder.path());
    let writer = pipe.clone();
    let writing = std::thread::spawn(move || {
        std::fs::OpenOptions::new().write(true).open(writer).and_then(|mut file| file.write_all(b"from a pipe"))
    });
    let limits = Limits { time: SOON, ..SMALL };
    assert_eq!(text_file(&pipe, limits).expect("read"), "from a pipe");
    writing.join().expect("ended").expect("written");
    // A writer that writes a little and never ends.
    let mut held = std::fs::OpenOptions::new().read(true).write(true).open(&pipe).expect("opened");
    held.write_all(b"a beginning").expect("written");
    let began = Instant::now();
    assert!(matches!(text_file(&pipe, SMALL), Err(ReadError::TooSlow(_))));
    assert!(began.elapsed() < SOON);
}

#[test]
fn encodings_are_recognized_and_byte_order_marks_removed() {
    let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<_>>();
    let small: fn(u16) -> [u8; 2] = u16::to_le_bytes;
    let big: fn(u16) -> [u8; 2] = u16::to_be_bytes;
    for (bytes, expected) in [
        (b"\xef\xbb\xbf{}".to_vec(), Ok("{}")),
        ("{\"\u{feff}\":1}".into(), Ok("{\"\u{feff}\":1}")),
        (Vec::new(), Ok("")),
        (b"\0".to_vec(), Ok("\0")),
        (utf16("\u{feff}{}", small), Err("it is UTF-16 text; save it as UTF-8")),
        (utf16("\u{feff}{}", big), Err("it is UTF-16 text; save it as UTF-8")),
        (utf16("{}", small), Err("it is UTF-16 text; save it as UTF-8")),
        (utf16("{}", big), Err("it is UTF-16 text; save it as UTF-8")),
        (b"\xff\xfe\0\0{\0\0\0".to_vec(), Err("it is UTF-32 text; save it as UTF-8")),
        (b"caf\xe9".to_vec(), Err("it is not UTF-8 text: byte 4 cannot be part of it")),
    ] {
        let found = text(bytes.clone()).map_err(|error| error.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{bytes:?}");
    }
}

#[test]
fn lines_have_a_limit_each() {
    let lines = |text: &str| {
        let (mut lines, mut found) = (Lines::new(text.as_bytes(), 4), Vec::new());
        while let Some(Line::Whole(line)) = lines.next_line().expect("read") {
            found.push(String::from_utf8(line).expect("text"));
        }
        found
    };
    assert_eq!(lines("abcd\n\na\n"), ["abcd", "", "a"]);
    assert_eq!(lines("abcd\nx"), ["abcd", "x"]);
    assert_eq!(lines("ab\nabcde\nx"), ["ab"]);
    let mut endless = Lines::new(std::io::repeat(b'x'), 1_000);
    assert_eq!(endless.next_line().expect("read"), Some(Line::TooLong));
}

/// The output of a shell command within the small limits.
async fn printed(script: &str, time: Duration) -> Result<String, String> {
    let mut command = tokio::process::Command::new("sh");
    // What is left behind must not hold the standard error of the tests open.
    command.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.kill_on_drop(true).spawn().expect("sh is everywhere");
    let (status, bytes) = output(&mut child, Limits { time, ..SMALL }).await.map_err(|error| error.to_string())?;
    Ok(format!("{}:{}", status.code().unwrap_or(-1), String::from_utf8_lossy(&bytes)))
}

#[tokio::test]
async fn a_child_is_read_until_it_ends_but_not_what_it_leaves_behind() {
    let began = Instant::now();
    assert_eq!(printed("echo secret", SOON).await, Ok("0:secret\n".into()));
    assert_eq!(printed("sleep 60 & echo secret", SOON).await, Ok("0:secret\n".into()));
    assert_eq!(printed("sleep 60 & exit 3", SOON).await, Ok("3:".into()));
    assert_eq!(printed("exec >&-; exit 0", SOON).await, Ok("0:".into()));
    assert_eq!(printed("yes", SOON).await, Err("it has more than 64 KiB".into()));
    assert_eq!(printed("yes & yes", SOON).await, Err("it has more than 64 KiB".into()));
    assert_eq!(printed("exec sleep 60", SMALL.time).await, Err("it did not end within 1 s".into()));
    assert_eq!(printed("exec >&-; exec sleep 60", SMALL.time).await, Err("it did not end within 1 s".into()));
    let all = printed("head -c 65536 /dev/zero | tr '\\0' x; exit 0", SOON).await.expect("just within the limit");
    assert_eq!(all.len(), 65536 + 2);
    assert!(began.elapsed() < SOON);
}
