//! The documents: every page is in the index with those it is for, and every link leads to a file and a heading that are there.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test: what cannot be stops it")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use support::sources::workspace;

/// Folders with pages, below the workspace's. Pages below `xtask` are for another folder.
const FOLDERS: [&str; 9] = [
    "",
    "docs",
    "examples",
    "examples/component",
    "clients/javascript",
    "clients/python",
    "packages/node",
    "packages/python",
    "deploy/obelisk",
];

/// A page: its headings as anchors, and its links.
struct Page {
    anchors: BTreeSet<String>,
    links: Vec<String>,
}

impl Page {
    fn read(path: &Path) -> Page {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (mut page, mut heading) = (Page { anchors: BTreeSet::new(), links: Vec::new() }, None);
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => page.anchor(&heading.take().unwrap()),
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.into())
                }
                _ => {}
            }
        }
        page
    }

    /// As GitHub makes them: in lower case, blanks as hyphens, without other signs; the second of a kind gets a number.
    fn anchor(&mut self, heading: &str) {
        let lower = heading.trim().to_lowercase();
        let kept = lower.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let anchor: String = kept.map(|character| if character == ' ' { '-' } else { character }).collect();
        let mut numbered = (0_u32..).map(|n| if n == 0 { anchor.clone() } else { format!("{anchor}-{n}") });
        let free = numbered.find(|anchor| !self.anchors.contains(anchor)).unwrap();
        self.anchors.insert(free);
    }
}

/// All pages, by their paths from the workspace.
fn pages() -> BTreeMap<PathBuf, Page> {
    let mut pages = BTreeMap::new();
    for folder in FOLDERS {
        for entry in fs::read_dir(workspace().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                pages.insert(Path::new(folder).join(path.file_name().unwrap()), Page::read(&path));
            }
        }
    }
    pages
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.to_str().unwrap().split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.iter().collect()
}

#[test]
fn every_link_leads_to_what_is_there() {
    let pages = pages();
    let (mut broken, mut followed) = (Vec::new(), 0);
    for (path, page) in &pages {
        for link in page.links.iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            followed += 1;
            let (file, anchor) =
                link.split_once('#').map_or((link.as_str(), None), |(file, anchor)| (file, Some(anchor)));
            let target = if file.is_empty() { path.clone() } else { normal(&path.parent().unwrap().join(file)) };
            let is_there = match (pages.get(&target), anchor) {
                (Some(page), Some(anchor)) => page.anchors.contains(anchor),
                (None, Some(_)) => false,
                (_, None) => workspace().join(&target).exists(),
            };
            if !is_there {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty() && followed > 100, "{followed} links, of which these lead nowhere: {broken:#?}");
}

/// Each row of the index begins with a link and those that the page is for.
#[test]
fn the_index_has_every_page_with_those_it_is_for_and_the_page_says_the_same() {
    let index = fs::read_to_string(workspace().join("docs/README.md")).unwrap();
    let mut rows = BTreeMap::new();
    for line in index.lines().filter(|line| line.starts_with("| [")) {
        let cells: Vec<_> = line.split(" | ").collect();
        let (_, link) = cells[0].split_once("](").unwrap();
        rows.insert(normal(&Path::new("docs").join(link.trim_end_matches(')'))), cells[1].to_owned());
    }
    for path in pages().keys().filter(|path| path.parent() == Some(Path::new("docs"))) {
        let is_index = path.ends_with("README.md");
        assert!(is_index || rows.contains_key(path), "docs/README.md has no row of {}", path.display());
    }
    for (path, audience) in rows {
        // Those of examples say it by what they are, and the format of the other is another's.
        if path.ends_with("README.md") || path.ends_with("CHANGELOG.md") {
            continue;
        }
        let text = fs::read_to_string(workspace().join(&path)).unwrap();
        let says = text.lines().nth(2).unwrap();
        assert_eq!(says, format!("*For {audience}.*"), "{}", path.display());
    }
}

/// Each alert has a heading on the page for operators, and asks for metrics that the page lists, which another test holds to the server.
#[test]
fn an_alert_says_what_to_do_and_asks_for_what_there_is() {
    let read = |file: &str| fs::read_to_string(workspace().join(file)).unwrap();
    let (alerts, page) = (read("deploy/prometheus/alerts.yml"), read("docs/OPERATING.md"));
    let headings = Page::read(&workspace().join("docs/OPERATING.md")).anchors;
    let names: Vec<_> = alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(names.len() >= 7, "{names:?}");
    for name in &names {
        let anchor = name.to_lowercase();
        assert!(headings.contains(&anchor), "docs/OPERATING.md has no heading {name}");
        assert!(alerts.contains(&format!("runbook: \"docs/OPERATING.md#{anchor}\"")), "{name} names no heading");
    }
    let listed: BTreeSet<_> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name).collect();
    let asked = metrics_in(&alerts);
    assert!(asked.len() >= 6 && asked.is_subset(&listed), "{asked:?}");
    let dashboard = read("deploy/grafana/harness.json");
    assert_eq!(metrics_in(&dashboard), listed, "the dashboard shows each metric");
}

/// The metrics of ours that a text asks for.
fn metrics_in(text: &str) -> BTreeSet<&str> {
    let words = text.split(|one: char| !one.is_ascii_alphanumeric() && one != '_');
    let asked = words.filter(|word| word.starts_with("harness_"));
    asked.map(|word| word.strip_suffix("_bucket").unwrap_or(word)).collect()
}

#[test]
fn the_container_for_development_has_the_toolchain() {
    let [toolchain, container] = ["rust-toolchain.toml", ".devcontainer/Dockerfile"]
        .map(|file| fs::read_to_string(workspace().join(file)).unwrap());
    let (_, rest) = toolchain.split_once("channel = \"").unwrap();
    let (version, _) = rest.split_once('"').unwrap();
    let minor =
        version.rsplit_once('.').filter(|(before, _)| before.contains('.')).map_or(version, |(before, _)| before);
    assert!(container.contains(&format!("FROM rust:{minor}-")), "{version}");
}

#[test]
fn an_anchor_is_what_a_reader_of_the_page_gets() {
    let mut page = Page { anchors: BTreeSet::new(), links: Vec::new() };
    for heading in ["Go, .NET, Java and everything else", "`harness serve`", "A", "A"] {
        page.anchor(heading);
    }
    let expected = ["a", "a-1", "go-net-java-and-everything-else", "harness-serve"];
    assert!(page.anchors.iter().eq(expected), "{:?}", page.anchors);
}
