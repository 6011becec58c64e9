//! The Markdown pages, found by listing folders, so that new pages are tested too.

use std::path::{Path, PathBuf};

/// A page and its path in the repository, such as `docs/commands.md`.
pub struct Page {
    pub path: String,
    pub text: String,
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README and every page under docs/.
pub fn manual() -> Vec<Page> {
    let mut pages = vec![page(&root().join("README.md"))];
    pages.extend(pages_in(&root().join("docs"), true));
    pages
}

/// Every page at the root and under docs/.
pub fn all() -> Vec<Page> {
    let mut pages = pages_in(root(), false);
    pages.extend(pages_in(&root().join("docs"), true));
    pages
}

fn pages_in(folder: &Path, recursive: bool) -> Vec<Page> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> = entries.collect();
    paths.sort();
    let mut pages = Vec::new();
    for path in paths {
        if path.is_dir() && recursive {
            pages.extend(pages_in(&path, true));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(page(&path));
        }
    }
    pages
}

fn page(path: &Path) -> Page {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let parts = path.strip_prefix(root()).expect("in the repository").iter().map(|part| part.to_string_lossy());
    Page { path: parts.collect::<Vec<_>>().join("/"), text }
}

/// The lines of a page with whether each is code: in a fence, or indented by four spaces.
fn lines(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut is_fenced = false;
    text.lines().map(move |line| {
        let marks_fence = line.trim_start().starts_with("```");
        is_fenced ^= marks_fence;
        (line, is_fenced || marks_fence || line.starts_with("    "))
    })
}

/// The lines of code of a page.
pub fn code(text: &str) -> String {
    let code = lines(text).filter(|(_, is_code)| *is_code).map(|(line, _)| line.trim_start());
    code.collect::<Vec<_>>().join("\n")
}

/// The lines of a page that are not code.
pub fn prose(text: &str) -> String {
    let prose = lines(text).filter(|(_, is_code)| !is_code).map(|(line, _)| line);
    prose.collect::<Vec<_>>().join("\n")
}

/// The blocks of a page that are fenced as this language.
pub fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}
