//! Every link between Markdown pages leads to an existing file and heading.

use std::collections::BTreeSet;

use crate::support::documents::{Page, all, prose, root};

/// The targets of the links and pictures of a page that lead to a file or heading here.
fn targets(text: &str) -> Vec<String> {
    let prose = prose(text);
    let found = prose.split("](").skip(1).filter_map(|rest| rest.split([')', ' ', '\n']).next());
    found.filter(|target| !target.contains(':')).map(str::to_owned).collect()
}

/// The anchors of the headings of a page, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for line in prose(text).lines().filter(|line| line.starts_with('#')) {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let numbered = (1..).map(|number| format!("{anchor}-{number}"));
        let free = std::iter::once(anchor.clone()).chain(numbered).find(|name| !anchors.contains(name));
        anchors.extend(free);
    }
    anchors
}

/// Why the link leads nowhere, if it does.
fn fault(page: &Page, target: &str) -> Option<String> {
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let from = root().join(&page.path);
    let path = if file.is_empty() { from } else { from.parent()?.join(file) };
    if !path.exists() {
        return Some(format!("{}: `{target}`: no such file", page.path));
    }
    let anchor = anchor?;
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    (!anchors(&text).contains(anchor)).then(|| format!("{}: `{target}`: no such heading", page.path))
}

#[test]
fn every_link_leads_to_a_file_and_heading() {
    let pages = all();
    let links: Vec<(&Page, String)> =
        pages.iter().flat_map(|page| targets(&page.text).into_iter().map(move |target| (page, target))).collect();
    assert!(links.len() > 20, "README alone links to every page: {}", links.len());
    let faults: Vec<String> = links.iter().filter_map(|(page, target)| fault(page, target)).collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn readme_leads_to_every_page() {
    let pages = all();
    let readme = pages.iter().find(|page| page.path == "README.md").expect("README.md");
    let linked: BTreeSet<String> =
        targets(&readme.text).iter().map(|target| target.split('#').next().unwrap_or_default().to_owned()).collect();
    for page in pages.iter().filter(|page| page.path.starts_with("docs/") && page.path.matches('/').count() == 1) {
        assert!(linked.contains(&page.path), "README.md does not link to {}", page.path);
    }
}

#[test]
fn broken_links_are_found() {
    let page = |text: &str| Page { path: "docs/made-up.md".into(), text: text.into() };
    for (text, expected) in [
        ("[a](nothing.md)", Some("no such file")),
        ("[a](../README.md#nothing)", Some("no such heading")),
        ("![a](nothing.svg)", Some("no such file")),
        ("a [line\nbreak](nothing.md) within", Some("no such file")),
        ("[a](../README.md)", None),
        ("[a](../README.md#try-it)", None),
        ("[a](https://example.com/nothing)", None),
        ("```sh\n[a](nothing.md)\n```", None),
        ("    [a](nothing.md)", None),
    ] {
        let page = page(text);
        let faults: Vec<String> = targets(text).iter().filter_map(|target| fault(&page, target)).collect();
        assert_eq!(faults.len(), usize::from(expected.is_some()), "{text}: {faults:?}");
        assert!(faults.iter().all(|fault| fault.contains(expected.unwrap_or_default())), "{text}: {faults:?}");
    }
}

#[test]
fn anchors_are_those_of_github() {
    let text = "# One\n## Keys, `jq` & more\n## Exit codes\n### Exit codes\n```sh\n# a comment\n```\n";
    let expected = ["exit-codes", "exit-codes-1", "keys-jq--more", "one"].map(str::to_owned);
    assert_eq!(anchors(text), BTreeSet::from(expected));
}
