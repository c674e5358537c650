//! What `cargo xtask test` checks, in order. One cargo build at a time, cheap checks first.

use anyhow::Result;
use xshell::cmd;

use crate::repo::Repo;
use crate::wasm_target::{self, WASM_TARGET, WasmBuild};
use crate::{browser, dist, release, tools};

/// A check that can be run alone with `cargo xtask test --only NAME`.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Repo) -> Result<()>,
}

pub(crate) fn all() -> Vec<Step> {
    let mut steps = vec![
        Step {
            name: "tools",
            about: "what the other steps need is there",
            run: tools_and_browser,
        },
        Step {
            name: "fmt",
            about: "the code is formatted",
            run: fmt,
        },
        Step {
            name: "clippy",
            about: "no warning on the host",
            run: clippy,
        },
        Step {
            name: "clippy-wasm",
            about: "no warning in the page on wasm32",
            run: clippy_wasm,
        },
        Step {
            name: "host",
            about: "tests of all crates on the host",
            run: host_tests,
        },
    ];
    steps.extend(release::release_checks());
    steps.extend([
        Step {
            name: "wasm",
            about: "wasm-bindgen tests in headless Chromium",
            run: wasm_tests,
        },
        Step {
            name: "site",
            about: "release build into dist/",
            run: tools::build_site,
        },
        Step {
            name: "dist",
            about: "no foreign address, size of the first picture",
            run: dist::check,
        },
        Step {
            name: "types",
            about: "the page tests type-check",
            run: page_test_types,
        },
        Step {
            name: "page",
            about: "page tests with Playwright against dist/",
            run: page_tests,
        },
    ]);
    steps
}

/// Each step brings what it needs itself; this one comes first, so that nobody waits ten minutes
/// to hear that a browser is missing.
fn tools_and_browser(repo: &Repo) -> Result<()> {
    tools::ensure_component(repo, "fmt", "rustfmt")?;
    tools::ensure_component(repo, "clippy", "clippy")?;
    tools::ensure_node_modules(repo)?;
    browser::ensure(repo)?;
    tools::ensure_all(repo)
}

fn fmt(repo: &Repo) -> Result<()> {
    tools::ensure_component(repo, "fmt", "rustfmt")?;
    cmd!(repo.sh, "cargo fmt --all --check").run()?;
    Ok(())
}

fn clippy(repo: &Repo) -> Result<()> {
    tools::ensure_component(repo, "clippy", "clippy")?;
    cmd!(
        repo.sh,
        "cargo clippy --workspace --all-targets -- -D warnings"
    )
    .run()?;
    Ok(())
}

fn clippy_wasm(repo: &Repo) -> Result<()> {
    tools::ensure_component(repo, "clippy", "clippy")?;
    let wasm = wasm_target::enter(repo)?;
    let page = ["--package", "ackscope", "--target", WASM_TARGET];
    match wasm {
        WasmBuild::Ready => cmd!(repo.sh, "cargo clippy {page...} -- -D warnings").run()?,
        WasmBuild::FromSource { .. } => {
            println!("the compiler for wasm32 has no clippy on this machine: checking only");
            cmd!(repo.sh, "cargo check {page...}").run()?;
        }
    }
    Ok(())
}

fn host_tests(repo: &Repo) -> Result<()> {
    cmd!(repo.sh, "cargo test --workspace").run()?;
    Ok(())
}

fn wasm_tests(repo: &Repo) -> Result<()> {
    tools::ensure_wasm_bindgen(repo)?;
    let browser = browser::ensure(repo)?;
    let _driver = repo.sh.push_env("CHROMEDRIVER", browser.chromedriver);
    // Seconds for a whole file of tests; the default of 20 is short for two hundred runs.
    let _patience = repo.sh.push_env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    let _wasm = wasm_target::enter(repo)?;
    cmd!(
        repo.sh,
        "cargo test --package ackscope --target {WASM_TARGET} --test web*"
    )
    .run()?;
    Ok(())
}

fn page_test_types(repo: &Repo) -> Result<()> {
    tools::ensure_node_modules(repo)?;
    cmd!(repo.sh, "npm run --silent types").run()?;
    Ok(())
}

fn page_tests(repo: &Repo) -> Result<()> {
    tools::ensure_node_modules(repo)?;
    let browser = browser::ensure(repo)?;
    dist::ensure_built(repo)?;
    let _chromium = repo.sh.push_env("CHROMIUM", browser.chromium);
    let _limit = repo.sh.push_env(
        "FIRST_PICTURE_GZIP_MAX",
        dist::FIRST_PICTURE_GZIP_MAX.to_string(),
    );
    cmd!(repo.sh, "npm run --silent page").run()?;
    Ok(())
}
