//! What the built site must keep to: it runs from any folder, asks no other host, and is small.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};

use crate::repo::Repo;
use crate::tools;

/// Bytes of everything the first picture loads, each file gzipped. The aim is 300,000; this is where the
/// first page stands, and it is only ever lowered.
pub(crate) const FIRST_PICTURE_GZIP_MAX: usize = 945_000;

/// The site's files by their path below dist/, with `/` between folders.
type Site = BTreeMap<String, Vec<u8>>;

/// Builds unless dist/ holds a site; one of plain `trunk serve` reloads itself and is no site.
pub(crate) fn ensure_built(repo: &Repo) -> Result<()> {
    let index = fs::read_to_string(repo.root.join("dist").join("index.html"));
    if index.is_ok_and(|text| !text.contains("/trunk/ws")) {
        return Ok(());
    }
    tools::build_site(repo)
}

pub(crate) fn check(repo: &Repo) -> Result<()> {
    let site = read_site(&repo.root.join("dist"))?;
    let foreign = foreign_addresses(&site);
    ensure!(
        foreign.is_empty(),
        "addresses outside the site's folder: {}",
        foreign.join(", ")
    );
    let loaded = named_by_index(&site);
    let mut total = 0;
    for name in &loaded {
        let size = gzipped(&site[*name])?;
        println!("{size:>9} {name}");
        total += size;
    }
    println!("{total:>9} bytes gzipped for the first picture, {FIRST_PICTURE_GZIP_MAX} allowed");
    ensure!(
        total <= FIRST_PICTURE_GZIP_MAX,
        "the first picture loads too much"
    );
    Ok(())
}

fn read_site(dist: &Path) -> Result<Site> {
    let mut site = Site::new();
    let mut folders = vec![dist.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("cannot read {}; build first", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path
                .strip_prefix(dist)?
                .to_string_lossy()
                .replace('\\', "/");
            site.insert(name, fs::read(&path)?);
        }
    }
    ensure!(
        site.contains_key("index.html"),
        "dist/ holds no index.html; build first"
    );
    Ok(site)
}

/// Index.html and all files whose names it, or a style sheet or script it loads, mentions.
/// What the program fetches by itself is counted by the page test, which sees the requests.
fn named_by_index(site: &Site) -> Vec<&str> {
    let mut loaded = vec!["index.html"];
    let mut next = 0;
    while let Some(&name) = loaded.get(next) {
        next += 1;
        if !is_text(name) {
            continue;
        }
        let text = String::from_utf8_lossy(&site[name]);
        for other in site.keys() {
            let file_name = other.rsplit('/').next().unwrap_or(other);
            if !loaded.contains(&other.as_str()) && text.contains(file_name) {
                loaded.push(other);
            }
        }
    }
    loaded
}

fn is_text(name: &str) -> bool {
    [".html", ".css", ".js"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Addresses in markup and style sheets that name another host or the root of this one.
fn foreign_addresses(site: &Site) -> Vec<String> {
    let mut foreign = Vec::new();
    for (name, bytes) in site.iter().filter(|(name, _)| is_text(name)) {
        let text = String::from_utf8_lossy(bytes);
        let openings: &[&str] = if name.ends_with(".html") {
            &["src=", "href=", "url(", "@import "]
        } else if name.ends_with(".css") {
            &["url(", "@import "]
        } else {
            &[
                "import \"",
                "import '",
                "from \"",
                "from '",
                "import(\"",
                "import('",
            ]
        };
        for opening in openings {
            for (at, _) in text.match_indices(opening) {
                let address = text[at + opening.len()..].trim_start_matches(['"', '\'', ' ']);
                if is_foreign(address) {
                    let shown: String = address.chars().take(60).collect();
                    foreign.push(format!("{name}: {shown}"));
                }
            }
        }
    }
    foreign
}

fn is_foreign(address: &str) -> bool {
    ["/", "http:", "https:"]
        .iter()
        .any(|start| address.starts_with(start))
}

fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: &[(&str, &str)]) -> Site {
        files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn foreign_addresses_are_found_in_every_spelling() {
        let bad = site(&[
            (
                "index.html",
                "<link href=https://a.example/x.css><script src=\"/x.js\"></script>",
            ),
            (
                "x.css",
                "@import '//a.example/y.css'; p { background: url( \"http://a.example\") }",
            ),
            ("x.js", "import(\"https://a.example/z.js\")"),
        ]);
        assert_eq!(foreign_addresses(&bad).len(), 5);
        let good = site(&[
            (
                "index.html",
                "<link href=./x.css><link href=\"data:image/svg+xml,a\">",
            ),
            (
                "x.js",
                "const svg = 'http://www.w3.org/2000/svg'; import './y.js'",
            ),
        ]);
        assert_eq!(foreign_addresses(&good), Vec::<String>::new());
    }

    #[test]
    fn only_what_the_page_names_counts_for_the_first_picture() {
        let site = site(&[
            ("index.html", "import './app.js'; <link href=./app.css>"),
            ("app.js", "from './snippets/a/inline.js'"),
            ("app.css", ""),
            ("snippets/a/inline.js", ""),
            ("stories/zh.txt", ""),
        ]);
        let expected = ["index.html", "app.css", "app.js", "snippets/a/inline.js"];
        assert_eq!(named_by_index(&site), expected);
    }
}
