//! Writes the pages of the project as modules: links between them lead from module to module, and what lies outside of the book is told
//! without a link.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{env, error::Error, fs};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

const INDEX: &str = "README.md";
/// Pages beside the folder of the documents.
const OTHERS: [&str; 4] = ["../ARCHITECTURE.md", "../CHANGELOG.md", "../CONTRIBUTING.md", "../SECURITY.md"];

fn main() -> Result<(), Box<dyn Error>> {
    let (docs, out) = (PathBuf::from(env::var("CARGO_MANIFEST_DIR")?), PathBuf::from(env::var("OUT_DIR")?));
    let mut pages: Vec<String> = OTHERS.map(str::to_owned).to_vec();
    for entry in fs::read_dir(&docs)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") && name != INDEX {
            pages.push(name);
        }
    }
    pages.sort();
    println!("cargo::rerun-if-changed={}", docs.display());
    let mut modules = String::new();
    for page in pages.iter().chain([&INDEX.to_owned()]) {
        println!("cargo::rerun-if-changed={}", docs.join(page).display());
        let text = fs::read_to_string(docs.join(page))?;
        let written = out.join(Path::new(page).file_name().ok_or("a page has a name")?);
        fs::write(&written, bound(&text, page, &pages))?;
        if page != INDEX {
            // Its brackets are a format's own.
            let allowed =
                if page.ends_with("CHANGELOG.md") { "#[allow(rustdoc::broken_intra_doc_links)]\n" } else { "" };
            write!(modules, "{allowed}")?;
            writeln!(modules, "#[doc = include_str!({written:?})]\npub mod {} {{}}", module(page))?;
        }
    }
    fs::write(out.join("pages.rs"), modules)?;
    Ok(())
}

/// `../SECURITY.md`: `security`.
fn module(page: &str) -> String {
    let name = page.rsplit('/').next().unwrap_or(page).trim_end_matches(".md");
    name.to_lowercase().replace('-', "_")
}

/// The text of a page, with links as the book has them.
fn bound(text: &str, page: &str, pages: &[String]) -> String {
    let mut bound = String::with_capacity(text.len());
    let (mut copied, mut link): (usize, Option<(Range<usize>, String, usize)>) = (0, None);
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) if link.is_none() => {
                link = Some((range, dest_url.into_string(), 0));
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => {
                if let Some((_, _, inside)) = &mut link {
                    *inside += 1;
                }
            }
            Event::End(TagEnd::Link | TagEnd::Image) => match link.take() {
                Some((range, destination, 0)) => {
                    let source = text.get(range.clone()).unwrap_or_default();
                    bound.push_str(text.get(copied..range.start).unwrap_or_default());
                    bound.push_str(&linked(source, &destination, page, pages));
                    copied = range.end;
                }
                Some((range, destination, inside)) => link = Some((range, destination, inside - 1)),
                None => {}
            },
            _ => {}
        }
    }
    bound.push_str(text.get(copied..).unwrap_or_default());
    bound
}

/// A link as the book has it: to a module, to the web, or its words alone.
fn linked(source: &str, destination: &str, page: &str, pages: &[String]) -> String {
    let words = source
        .trim_start_matches('!')
        .strip_prefix('[')
        .and_then(|text| text.rsplit_once("]("))
        .map(|(words, _)| words);
    let words = words.unwrap_or(source);
    let (file, anchor) = destination.split_once('#').map_or((destination, ""), |(file, anchor)| (file, anchor));
    let anchor = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
    if destination.contains("://") || (file.is_empty() && !source.starts_with('!')) {
        return source.to_owned();
    }
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let is_page = |other: &&String| {
        name(other) == name(file) && file.ends_with(".md") && !file.contains("examples/") && !file.contains("deploy/")
    };
    match (pages.iter().find(is_page), name(file) == INDEX && !file.contains('/') && page != INDEX) {
        (Some(other), _) => format!("[{words}](crate::{}{anchor})", module(other)),
        (None, true) => format!("[{words}](crate{anchor})"),
        (None, false) => words.to_owned(),
    }
}
