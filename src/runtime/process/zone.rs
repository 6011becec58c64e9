//! The local time zone. jiff lists every zone of the system before it reads one, which delays the first frame by more
//! than anything else that is read.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use stepgate_core::bounded::{Limits, Source};

/// The zone of the system.
const SYSTEM: &str = "/etc/localtime";
/// The folder of all zones.
const ZONES: &str = "/usr/share/zoneinfo/";

/// Returns the zone that `TZ` names, or else that of the system.
pub(crate) fn local_zone() -> TimeZone {
    let is_usual = cfg!(unix) && std::env::var_os("TZDIR").is_none();
    let path = is_usual.then(|| file(std::env::var_os("TZ").as_deref())).flatten();
    path.and_then(|path| read(&path)).unwrap_or_else(TimeZone::system)
}

/// Returns the file of a zone; `None` if finding it needs jiff's rules, such as those for `EST5EDT,M3.2.0,M11.1.0`.
fn file(tz: Option<&OsStr>) -> Option<PathBuf> {
    let Some(tz) = tz else { return Some(SYSTEM.into()) };
    let text = tz.to_str()?;
    let text = text.strip_prefix(':').unwrap_or(text);
    let name = text.strip_prefix(ZONES).unwrap_or(text);
    let is_part = |part: &str| {
        let mut bytes = part.bytes();
        bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_-+".contains(&byte))
    };
    name.split('/').all(is_part).then(|| Path::new(ZONES).join(name))
}

/// Reads a zone; `None` if it is not a zone.
fn read(path: &Path) -> Option<TimeZone> {
    let bytes = Source::open(path, Limits::FILE).ok()?.whole().ok()?;
    // Times are shown without the name of the zone.
    TimeZone::tzif("Local", &bytes).ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_read_from_its_file_alone() {
        let named = |name: &str| Some(PathBuf::from(format!("{ZONES}{name}")));
        for (tz, expected) in [
            (None, Some(PathBuf::from(SYSTEM))),
            (Some("America/New_York"), named("America/New_York")),
            (Some(":America/New_York"), named("America/New_York")),
            (Some(":/usr/share/zoneinfo/Asia/Tokyo"), named("Asia/Tokyo")),
            (Some("/usr/share/zoneinfo/America/Argentina/Ushuaia"), named("America/Argentina/Ushuaia")),
            (Some("Etc/GMT+5"), named("Etc/GMT+5")),
            (Some("EST5EDT"), named("EST5EDT")),
            // Left to jiff.
            (Some(""), None),
            (Some(":"), None),
            (Some("EST5EDT,M3.2.0,M11.1.0"), None),
            (Some("<+03>-3"), None),
            (Some("../zoneinfo/America/New_York"), None),
            (Some("/etc/localtime"), None),
            (Some("America//New_York"), None),
            (Some("America/"), None),
        ] {
            assert_eq!(file(tz.map(OsStr::new)), expected, "{tz:?}");
        }
    }

    #[test]
    fn the_zone_is_the_one_that_jiff_finds() {
        let Ok(names) = std::fs::read_to_string(format!("{ZONES}tzdata.zi")) else {
            assert!(!Path::new(ZONES).exists() || cfg!(not(target_os = "linux")), "a list of the zones");
            return;
        };
        let names = names.lines().filter_map(|line| line.strip_prefix("Z ")?.split(' ').next());
        let mut count = 0;
        for name in names {
            let zone = file(Some(OsStr::new(name))).and_then(|path| read(&path)).expect("a zone");
            let other = TimeZone::get(name).expect("a zone");
            for second in (-2_000_000_000_i64..4_000_000_000).step_by(9_876_543) {
                let at = jiff::Timestamp::from_second(second).expect("a time");
                assert_eq!(zone.to_offset(at), other.to_offset(at), "{name} at {at}");
            }
            count += 1;
        }
        assert!(count > 300, "{count} zones");
    }

    #[test]
    fn what_is_not_a_zone_is_left_to_jiff() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("zone");
        assert_eq!(read(&path), None);
        assert_eq!(read(folder.path()), None);
        std::fs::write(&path, "no zone").expect("written");
        assert_eq!(read(&path), None);
    }
}
