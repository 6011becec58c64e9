//! What the terminal can do beyond text, according to the environment variables that terminals set. None of it can be
//! queried: most terminals do not answer, and some print unknown sequences.

use crate::format::text::visible;

/// The sequence for desktop notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DesktopSequence {
    /// OSC 9, which iTerm2 began: most terminals, and those that are unknown.
    #[default]
    Osc9,
    /// OSC 99, kitty's own.
    Osc99,
    /// OSC 777, of urxvt: also foot, Ghostty, `WezTerm` and Contour, which show the program's name as the title.
    Osc777,
    /// The bell, where a terminal prints the others.
    Bell,
}

/// A program between this one and the terminal, which passes on only what is wrapped for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Multiplexer {
    /// None.
    #[default]
    None,
    /// tmux, which passes sequences on if `allow-passthrough` is set.
    Tmux,
    /// GNU screen.
    Screen,
}

/// What the terminal can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Features {
    /// How to show a desktop notification.
    pub desktop: DesktopSequence,
    /// What sequences have to pass.
    pub multiplexer: Multiplexer,
    /// Whether it has a window title that can be saved and restored.
    pub has_title: bool,
    /// Whether it shows hyperlinks (OSC 8).
    pub has_links: bool,
}

impl Features {
    /// Detects the features from environment variables.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| variable(name).unwrap_or_default();
        let is_set = |name: &str| !value(name).is_empty();
        let multiplexer = match (is_set("TMUX"), is_set("STY")) {
            (true, _) => Multiplexer::Tmux,
            (false, true) => Multiplexer::Screen,
            (false, false) => Multiplexer::None,
        };
        let (term, program) = (value("TERM"), value("TERM_PROGRAM"));
        let is_console = matches!(&*term, "linux" | "dumb" | "") || term.starts_with("vt");
        let desktop = if is_console {
            DesktopSequence::Bell
        } else if term == "xterm-kitty" || is_set("KITTY_WINDOW_ID") {
            DesktopSequence::Osc99
        } else if ["rxvt-unicode", "foot", "xterm-ghostty", "contour"].iter().any(|name| term.starts_with(name))
            || matches!(&*program, "WezTerm" | "ghostty" | "contour")
        {
            DesktopSequence::Osc777
        } else {
            DesktopSequence::Osc9
        };
        // GNU screen cannot save its title.
        let has_title = !is_console && multiplexer != Multiplexer::Screen && term != "Eterm";
        let has_links = !is_console
            && match multiplexer {
                // TERM_PROGRAM names the innermost program.
                Multiplexer::Tmux => program == "tmux" && at_least(&value("TERM_PROGRAM_VERSION"), (3, 4)),
                Multiplexer::Screen => false,
                Multiplexer::None => has_links(&term, &program, &value),
            };
        Self { desktop, multiplexer, has_title, has_links }
    }

    /// Returns the sequence that shows a text as a desktop notification.
    pub fn notification(self, text: &str) -> String {
        // A semicolon would begin another parameter.
        let text = visible(text).replace(';', ",");
        let sequence = match self.desktop {
            DesktopSequence::Bell => return "\u{7}".to_owned(),
            DesktopSequence::Osc9 => format!("\u{1b}]9;{text}\u{7}"),
            DesktopSequence::Osc777 => format!("\u{1b}]777;notify;stepgate;{text}\u{7}"),
            // Without an id, so that a notification does not replace the one before.
            DesktopSequence::Osc99 => format!("\u{1b}]99;;{text}\u{1b}\\"),
        };
        match self.multiplexer {
            Multiplexer::None => sequence,
            Multiplexer::Tmux => format!("\u{1b}Ptmux;{}\u{1b}\\", sequence.replace('\u{1b}', "\u{1b}\u{1b}")),
            // The string must not contain its own end.
            Multiplexer::Screen => format!("\u{1b}P{}\u{1b}\\", sequence.replace("\u{1b}\\", "\u{7}")),
        }
    }
}

/// Whether the terminal shows hyperlinks. The list is that of other programs (the crate `supports-hyperlinks`, `gh`, `ls`).
fn has_links(term: &str, program: &str, value: &impl Fn(&str) -> String) -> bool {
    let vte: u32 = value("VTE_VERSION").parse().unwrap_or(0);
    let konsole: u32 = value("KONSOLE_VERSION").parse().unwrap_or(0);
    matches!(program, "Hyper" | "iTerm.app" | "terminology" | "WezTerm" | "vscode" | "ghostty" | "contour")
        || ["xterm-kitty", "alacritty", "foot", "xterm-ghostty", "contour"].iter().any(|name| term.starts_with(name))
        // Before 0.50.1, VTE crashed on some links.
        || vte >= 5_001
        || konsole >= 201_200
        || !value("WT_SESSION").is_empty()
        || !value("KITTY_WINDOW_ID").is_empty()
        || !value("DOMTERM").is_empty()
}

/// Whether a version such as `3.4` or `3.5a` is at least this one.
fn at_least(version: &str, least: (u32, u32)) -> bool {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let mut number = || numbers.next().and_then(|part| part.parse().ok()).unwrap_or(0_u32);
    (number(), number()) >= least
}

#[cfg(test)]
mod tests {
    use super::*;
    use super::{DesktopSequence as D, Multiplexer as M};

    fn features(variables: &[(&str, &str)]) -> Features {
        Features::detect(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn each_terminal_gets_what_it_understands() {
        for (variables, desktop, multiplexer, has_title, has_links) in [
            (&[("TERM", "xterm-256color")][..], D::Osc9, M::None, true, false),
            (&[("TERM", "xterm-kitty")], D::Osc99, M::None, true, true),
            (&[("TERM", "foot")], D::Osc777, M::None, true, true),
            (&[("TERM", "foot-extra")], D::Osc777, M::None, true, true),
            (&[("TERM", "rxvt-unicode-256color")], D::Osc777, M::None, true, false),
            (&[("TERM", "xterm-ghostty"), ("TERM_PROGRAM", "ghostty")], D::Osc777, M::None, true, true),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")], D::Osc777, M::None, true, true),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "iTerm.app")], D::Osc9, M::None, true, true),
            (&[("TERM", "xterm-256color"), ("VTE_VERSION", "5000")], D::Osc9, M::None, true, false),
            (&[("TERM", "xterm-256color"), ("VTE_VERSION", "7600")], D::Osc9, M::None, true, true),
            (&[("TERM", "xterm-256color"), ("WT_SESSION", "1")], D::Osc9, M::None, true, true),
            (&[("TERM", "xterm-256color"), ("KONSOLE_VERSION", "230801")], D::Osc9, M::None, true, true),
            (&[("TERM", "alacritty")], D::Osc9, M::None, true, true),
            (&[("TERM", "linux")], D::Bell, M::None, false, false),
            (&[("TERM", "vt220")], D::Bell, M::None, false, false),
            (&[], D::Bell, M::None, false, false),
            (&[("TERM", "screen.xterm"), ("STY", "1.pts")], D::Osc9, M::Screen, false, false),
            (
                &[("TERM", "tmux-256color"), ("TMUX", "/t"), ("TERM_PROGRAM", "tmux"), ("TERM_PROGRAM_VERSION", "3.4")],
                D::Osc9,
                M::Tmux,
                true,
                true,
            ),
            (
                &[("TERM", "screen"), ("TMUX", "/t"), ("TERM_PROGRAM", "tmux"), ("TERM_PROGRAM_VERSION", "3.3a")],
                D::Osc9,
                M::Tmux,
                true,
                false,
            ),
            (&[("TERM", "tmux"), ("TMUX", "/t"), ("KITTY_WINDOW_ID", "1")], D::Osc99, M::Tmux, true, false),
        ] {
            let expected = Features { desktop, multiplexer, has_title, has_links };
            assert_eq!(features(variables), expected, "{variables:?}");
        }
    }

    #[test]
    fn versions_are_compared_by_number() {
        for (version, is_enough) in
            [("3.4", true), ("3.5a", true), ("next-3.6", true), ("10.0", true), ("3.3a", false), ("", false)]
        {
            assert_eq!(at_least(version, (3, 4)), is_enough, "{version}");
        }
    }

    #[test]
    fn a_text_cannot_end_its_sequence_or_begin_another() {
        let hostile = "a\u{1b}\\b\u{7}c\u{9c}d;e\u{1b}]52;c;x\n\u{202e}";
        for desktop in [DesktopSequence::Osc9, DesktopSequence::Osc99, DesktopSequence::Osc777] {
            for multiplexer in [Multiplexer::None, Multiplexer::Tmux, Multiplexer::Screen] {
                let features = Features { desktop, multiplexer, ..Features::default() };
                let (safe, sequence) = (features.notification("abc"), features.notification(hostile));
                let controls = |text: &str| text.chars().filter(|c| c.is_control()).collect::<String>();
                assert_eq!(controls(&sequence), controls(&safe), "{sequence:?}");
                assert_eq!(sequence.matches(';').count(), safe.matches(';').count(), "{sequence:?}");
                assert!(!sequence.contains('\u{202e}'));
            }
        }
    }

    #[test]
    fn notifications_are_written_as_their_terminals_document_them() {
        let with =
            |desktop, multiplexer| Features { desktop, multiplexer, ..Features::default() }.notification("a FAILED");
        assert_eq!(with(D::Osc9, M::None), "\u{1b}]9;a FAILED\u{7}");
        assert_eq!(with(D::Osc777, M::None), "\u{1b}]777;notify;stepgate;a FAILED\u{7}");
        assert_eq!(with(D::Osc99, M::None), "\u{1b}]99;;a FAILED\u{1b}\\");
        assert_eq!(with(D::Osc9, M::Tmux), "\u{1b}Ptmux;\u{1b}\u{1b}]9;a FAILED\u{7}\u{1b}\\");
        assert_eq!(with(D::Osc9, M::Screen), "\u{1b}P\u{1b}]9;a FAILED\u{7}\u{1b}\\");
        assert_eq!(with(D::Bell, M::Tmux), "\u{7}");
    }
}
