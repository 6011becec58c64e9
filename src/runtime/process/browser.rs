//! Opens URLs with the desktop's browser.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::process::Stdio;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::app::Msg;
use stepgate_core::child;
use stepgate_core::task;

/// How long an opener may take to report that it failed. One that runs longer is the browser itself.
const PATIENCE: Duration = Duration::from_secs(3);

/// A program that opens a URL, and its arguments without the URL.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Opener {
    program: String,
    arguments: Vec<String>,
}

impl Opener {
    fn new(program: &str, arguments: &[&str]) -> Self {
        Self { program: program.to_owned(), arguments: arguments.iter().map(|text| (*text).to_owned()).collect() }
    }
}

/// Opens the URL beside the terminal UI, and sends the result.
pub(in crate::runtime) fn open_for_ui(url: String, messages: mpsc::Sender<Msg>) {
    task::spawn(async move {
        let opening = url.clone();
        let opened = task::run(async move { open_on_desktop(&opening).await }).await;
        let opened = opened.unwrap_or_else(|error| Err(error.to_string()));
        // The receiver is closed when the program ends.
        let _ = messages.send(Msg::UrlOpened(url, opened)).await;
    });
}

/// Opens the URL beside the terminal UI, or returns why that is not possible. Without a desktop, the programs would start a
/// browser in the terminal, or on a remote computer.
async fn open_on_desktop(url: &str) -> Result<(), String> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match missing_desktop(is_set, std::env::consts::OS) {
        Some(why) => Err(why.to_owned()),
        None => open_url(url).await,
    }
}

/// Returns why there is no desktop. A program in BROWSER may reach one, as in editors that work on other machines.
fn missing_desktop(is_set: impl Fn(&str) -> bool, system: &str) -> Option<&'static str> {
    let any = |names: &[&str]| names.iter().any(|name| is_set(name));
    if any(&["BROWSER", "DISPLAY", "WAYLAND_DISPLAY"]) {
        None
    } else if any(&["SSH_CONNECTION", "SSH_TTY"]) {
        Some("this is a session over SSH")
    } else if matches!(system, "macos" | "windows") || any(&["WSL_DISTRO_NAME", "WSL_INTEROP"]) {
        None
    } else {
        Some("there is no desktop")
    }
}

/// Opens the URL, or returns why that is not possible.
pub(crate) async fn open_url(url: &str) -> Result<(), String> {
    let is_wsl = ["WSL_DISTRO_NAME", "WSL_INTEROP"].iter().any(|name| std::env::var_os(name).is_some());
    let browser = std::env::var("BROWSER").unwrap_or_default();
    let mut tried = Vec::new();
    for opener in openers(&browser, std::env::consts::OS, is_wsl) {
        match run(&opener, url).await {
            Ok(None) => return Ok(()),
            Ok(Some(code)) => return Err(format!("`{}` could not open it ({code})", opener.program)),
            Err(error) if error.kind() == ErrorKind::NotFound => tried.push(format!("`{}`", opener.program)),
            Err(error) => return Err(format!("`{}` cannot be run: {error}", opener.program)),
        }
    }
    Err(format!("no program that opens URLs was found (tried {}); set BROWSER", tried.join(", ")))
}

/// Returns the programs to try, in order. The shell of Windows is avoided: it would expand `%` in URLs.
fn openers(browser: &str, system: &str, is_wsl: bool) -> Vec<Opener> {
    let chosen = browser.split(':').filter_map(|command| {
        let mut words = command.split_whitespace().filter(|word| *word != "%s");
        words.next().map(|program| Opener::new(program, &words.collect::<Vec<_>>()))
    });
    let windows = ["url.dll,FileProtocolHandler"];
    let own = match system {
        "macos" => vec![Opener::new("open", &[])],
        "windows" => vec![Opener::new("rundll32", &windows)],
        _ if is_wsl => {
            vec![Opener::new("wslview", &[]), Opener::new("rundll32.exe", &windows), Opener::new("xdg-open", &[])]
        }
        _ => vec![Opener::new("xdg-open", &[])],
    };
    // A path of Windows has a colon itself, and its browsers are not found this way.
    let chosen: Vec<Opener> = if system == "windows" { Vec::new() } else { chosen.collect() };
    chosen.into_iter().chain(own).collect()
}

/// Runs an opener; returns how it failed, if it did.
async fn run(opener: &Opener, url: &str) -> io::Result<Option<String>> {
    let mut command = child::with_terminal(OsStr::new(&opener.program));
    command.args(&opener.arguments).arg(url);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A browser outlives this program, and is no part of its job.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn()?;
    Ok(match tokio::time::timeout(PATIENCE, child.wait()).await {
        Err(_) => None,
        Ok(status) => Some(status?).filter(|status| !status.success()).map(|status| status.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(browser: &str, system: &str, is_wsl: bool) -> Vec<String> {
        let joined = |opener: Opener| [vec![opener.program], opener.arguments].concat().join(" ");
        openers(browser, system, is_wsl).into_iter().map(joined).collect()
    }

    #[test]
    fn the_terminal_ui_opens_pages_only_where_there_is_a_desktop() {
        for (variables, system, is_missing) in [
            (&["DISPLAY"][..], "linux", false),
            (&["WAYLAND_DISPLAY"], "linux", false),
            (&["WSL_DISTRO_NAME"], "linux", false),
            (&[], "linux", true),
            (&[], "macos", false),
            (&[], "windows", false),
            (&["SSH_TTY"], "macos", true),
            (&["SSH_CONNECTION", "DISPLAY"], "linux", false),
            (&["SSH_CONNECTION", "BROWSER"], "linux", false),
            (&["SSH_CONNECTION", "WSL_DISTRO_NAME"], "linux", true),
        ] {
            let missing = missing_desktop(|name| variables.contains(&name), system);
            assert_eq!(missing.is_some(), is_missing, "{variables:?} {system}: {missing:?}");
        }
    }

    #[test]
    fn each_desktop_has_its_opener_and_the_user_comes_first() {
        let windows = "url.dll,FileProtocolHandler";
        assert_eq!(programs("", "linux", false), ["xdg-open"]);
        assert_eq!(programs("", "freebsd", false), ["xdg-open"]);
        assert_eq!(programs("", "macos", false), ["open"]);
        assert_eq!(programs("C:\\b.exe", "windows", false), [format!("rundll32 {windows}")]);
        assert_eq!(programs("", "linux", true), ["wslview", &format!("rundll32.exe {windows}"), "xdg-open"]);
        assert_eq!(programs("firefox %s:w3m -T x", "linux", false), ["firefox", "w3m -T x", "xdg-open"]);
    }
}
