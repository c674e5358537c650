//! Rules of the house that the compiler does not know: layers, words, pins, stray files.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Which of our crates a crate may use. An arrow that is missing here was left out on purpose
/// (ARCHITECTURE.md): a crate that cannot name another cannot depend on its inner life.
const LAYERS: [(&str, &[&str]); 9] = [
    ("params", &[]),
    ("kernel", &["params"]),
    ("kafka", &["kernel", "params", "check"]),
    ("rabbitmq", &["kernel", "params", "check"]),
    ("check", &["kernel"]),
    ("scene", &["kernel", "kafka", "rabbitmq", "params", "check"]),
    ("session", PURE),
    ("cli", PURE),
    ("the page", &["session", "scene", "check", "params"]),
];
const PURE: &[&str] = &[
    "params", "kernel", "kafka", "rabbitmq", "check", "scene", "session",
];

/// Tests may use these on top.
const TEST_LAYERS: [(&str, &[&str]); 1] = [("check", &["kafka", "rabbitmq"])];

/// What would tie a run to a browser, a clock or the luck of a machine.
const NOT_BELOW_THE_PAGE: [&str; 14] = [
    "leptos",
    "web-sys",
    "js-sys",
    "wasm-bindgen",
    "serde-wasm-bindgen",
    "gloo-timers",
    "console_error_panic_hook",
    "rand",
    "getrandom",
    "chrono",
    "time",
    "tokio",
    "rayon",
    "ahash",
];

/// Words that may not be committed, and what to do instead.
const BANNED_WORDS: [(&str, &str); 10] = [
    (
        "TODO",
        "finish it, or say in the crate's lib.rs what is left out and why",
    ),
    (
        "FIXME",
        "finish it, or say in the crate's lib.rs what is left out and why",
    ),
    ("XXX", "say what is the matter"),
    ("HACK", "say why it is needed"),
    (
        "for now",
        "say what is left out; time passes and the comment stays",
    ),
    (
        "#[ignore",
        "a test that is switched off proves nothing: mend it or remove it",
    ),
    (
        "test.skip(",
        "a test that is switched off proves nothing: mend it or remove it",
    ),
    (
        "test.fixme(",
        "a test that is switched off proves nothing: mend it or remove it",
    ),
    ("blacklist", "say denied or banned"),
    ("whitelist", "say allowed"),
];

const TEXT_ENDINGS: [&str; 9] = ["rs", "md", "toml", "ts", "js", "css", "html", "scn", "sh"];
const NOT_OURS: [&str; 7] = [
    ".git",
    ".tools",
    "dist",
    "node_modules",
    "playwright-report",
    "target",
    "test-results",
];

#[test]
fn crates_use_only_the_layers_below_them() {
    let layers = BTreeMap::from(LAYERS);
    let test_layers = BTreeMap::from(TEST_LAYERS);
    let mut faults = Vec::new();
    for (name, folder) in our_crates() {
        let manifest = read_toml(&folder.join("Cargo.toml"));
        let Some(allowed) = layers.get(name.as_str()) else {
            faults.push(format!("{name}: a new crate has to be placed in LAYERS"));
            continue;
        };
        let in_tests = test_layers.get(name.as_str()).copied().unwrap_or_default();
        for (section, dependency) in dependencies(&manifest) {
            let test_only = section == "dev-dependencies";
            if let Some(ours) = dependency.strip_prefix("ackscope-") {
                let may = allowed.contains(&ours) || test_only && in_tests.contains(&ours);
                if !may {
                    faults.push(format!("{name} may not use {ours} ({section})"));
                }
            } else if name != "the page"
                && !test_only
                && NOT_BELOW_THE_PAGE.contains(&dependency.as_str())
            {
                faults.push(format!(
                    "{name} may not use {dependency}: it belongs to the page"
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn set_up_code_waits_for_no_crate_of_ours() {
    let manifest = read_toml(&root().join("xtask/Cargo.toml"));
    let ours = dependencies(&manifest)
        .into_iter()
        .find(|(_, name)| name.starts_with("ackscope"));
    assert_eq!(ours, None);
}

#[test]
fn banned_words_stay_out() {
    let mut faults = Vec::new();
    for (file, text) in texts() {
        for (number, line) in (1..).zip(text.lines()) {
            for (word, instead) in BANNED_WORDS {
                if has_word(line, word) {
                    faults.push(format!("{file}:{number}: `{word}`: {instead}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn switched_off_lints_give_a_reason() {
    let mut faults = Vec::new();
    for (file, text) in texts()
        .into_iter()
        .filter(|(file, _)| file.ends_with(".rs"))
    {
        for opening in ["#[allow(", "#![allow(", "#[expect(", "#![expect("] {
            for (at, _) in text.match_indices(opening) {
                let attribute = text[at..].split(")]").next().unwrap_or_default();
                if !attribute.contains("reason") {
                    let line = text[..at].lines().count();
                    faults.push(format!("{file}:{line}: {attribute})] has no reason"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// rustc says nothing about a file that no module names.
#[test]
fn every_source_file_is_a_module() {
    let mut faults = Vec::new();
    for (name, folder) in our_crates() {
        let source = folder.join("src");
        let mut files = Vec::new();
        collect(&source, &mut files);
        files.retain(|file| file.extension().is_some_and(|ending| ending == "rs"));
        let code: String = files.iter().map(|file| read(file)).collect();
        for file in &files {
            let stem = file
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let module = match stem.as_str() {
                "mod" => file.parent().and_then(Path::file_name).unwrap_or_default(),
                _ => file.file_stem().unwrap_or_default(),
            };
            let declaration = format!("mod {};", module.to_string_lossy());
            let is_root = matches!(stem.as_str(), "lib" | "main")
                || file.parent() == Some(&source.join("bin"));
            if !is_root && !code.contains(&declaration) {
                faults.push(format!("{name}: nothing declares {}", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// One version of a tool is written in two files where two programs read it.
#[test]
fn pins_agree() {
    let manifest = read_toml(&root().join("Cargo.toml"));
    let pin = manifest["workspace"]["dependencies"]["wasm-bindgen"].as_str();
    assert!(
        pin.is_some_and(|version| version.starts_with('=')),
        "crate and command line of wasm-bindgen must be of one version: pin it with `=`"
    );
    let trunk = read_toml(&root().join("Trunk.toml"));
    let wasm_opt = trunk["tools"]["wasm_opt"].as_str().unwrap_or_default();
    let number = wasm_opt.trim_start_matches("version_");
    let package = read(&root().join("package.json"));
    assert!(
        package.contains(&format!("\"binaryen\": \"{number}.0.0\"")),
        "Trunk.toml wants wasm-opt {wasm_opt}, package.json brings another binaryen"
    );
    assert!(
        !read(&root().join("package-lock.json")).contains("\"resolved\""),
        "package-lock.json names a registry host; .npmrc leaves it out"
    );
}

/// The page can be driven from outside only by what is written down.
#[test]
fn test_ids_are_listed_in_contributing() {
    let contributing = read(&root().join("CONTRIBUTING.md"));
    let mut unlisted = BTreeSet::new();
    for (file, text) in texts() {
        if !file.starts_with("src/") {
            continue;
        }
        for (at, opening) in text.match_indices("data-testid=\"") {
            let id = text[at + opening.len()..]
                .split('"')
                .next()
                .unwrap_or_default();
            if !contributing.contains(&format!("`{id}`")) {
                unlisted.insert(format!("{file}: {id}"));
            }
        }
    }
    assert!(unlisted.is_empty(), "not in CONTRIBUTING.md: {unlisted:?}");
}

/// The crates that LAYERS speaks of, with their folders.
fn our_crates() -> Vec<(String, PathBuf)> {
    let mut crates = vec![("the page".to_owned(), root())];
    let folders = fs::read_dir(root().join("crates")).expect("crates/ can be read");
    for folder in folders
        .flatten()
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
    {
        crates.push((
            folder.file_name().to_string_lossy().into_owned(),
            folder.path(),
        ));
    }
    crates
}

/// Section and name of each dependency, those under `[target]` too.
fn dependencies(manifest: &toml::Table) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let per_target = targets.into_iter().flat_map(toml::Table::values);
    for table in per_target
        .filter_map(toml::Value::as_table)
        .chain([manifest])
    {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let names = table.get(section).and_then(toml::Value::as_table);
            found.extend(
                names
                    .into_iter()
                    .flat_map(toml::Table::keys)
                    .map(|n| (section, n.clone())),
            );
        }
    }
    found
}

/// A banned word counts when no letter stands beside it.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        !is_letter(before) && (word.ends_with('(') || !is_letter(after))
    })
}

/// Every text of ours with its path below the root, this file aside: it has to spell the words.
fn texts() -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(&root(), &mut files);
    let ours = files.into_iter().filter(|file| {
        let ending = file.extension().unwrap_or_default().to_string_lossy();
        TEXT_ENDINGS.contains(&ending.as_ref()) && !file.ends_with("tests/tidy.rs")
    });
    ours.map(|file| {
        let name = file.strip_prefix(root()).expect("files lie below the root");
        (name.to_string_lossy().replace('\\', "/"), read(&file))
    })
    .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_file() {
            files.push(path);
        } else if !NOT_OURS.contains(&entry.file_name().to_string_lossy().as_ref()) {
            collect(&path, files);
        }
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn read_toml(file: &Path) -> toml::Table {
    read(file)
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
