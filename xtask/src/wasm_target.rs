//! Rust's standard library for wasm32: there, brought by rustup, or, where rustup's server cannot
//! be reached, built from the sources that Debian packages for its browsers.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use xshell::{PushEnv, cmd};

use crate::browser::{is_debian, is_root};
use crate::repo::Repo;

pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Debian's compiler with its sources, and the name under which rustup knows it.
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const LINKED_TOOLCHAIN: &str = "debian-web";

/// How this machine comes to code for wasm32. While it lives, cargo compiles that way.
pub(crate) enum WasmBuild<'a> {
    /// The toolchain in use has the library.
    Ready,
    /// Another toolchain compiles the library along with the program; it has no clippy.
    FromSource { _settings: Vec<PushEnv<'a>> },
}

pub(crate) fn enter(repo: &Repo) -> Result<WasmBuild<'_>> {
    if is_installed(repo)? {
        return Ok(WasmBuild::Ready);
    }
    if !is_linked(repo) {
        if cmd!(repo.sh, "rustup target add {WASM_TARGET}")
            .run()
            .is_ok()
        {
            return Ok(WasmBuild::Ready);
        }
        link_debian_toolchain(repo)?;
    }
    let linker = rust_lld(repo)?;
    let settings: [(&str, PathBuf); 4] = [
        ("RUSTUP_TOOLCHAIN", LINKED_TOOLCHAIN.into()),
        ("RUSTC_BOOTSTRAP", "1".into()),
        ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort".into()),
        ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker),
    ];
    let _settings = settings
        .map(|(name, value)| repo.sh.push_env(name, value))
        .into();
    Ok(WasmBuild::FromSource { _settings })
}

fn is_installed(repo: &Repo) -> Result<bool> {
    let libraries = cmd!(
        repo.sh,
        "rustc --print target-libdir --target {WASM_TARGET}"
    );
    let libraries = libraries.quiet().read()?;
    Ok(fs::read_dir(libraries).is_ok_and(|mut files| files.next().is_some()))
}

fn is_linked(repo: &Repo) -> bool {
    let rustc = cmd!(repo.sh, "rustup which --toolchain {LINKED_TOOLCHAIN} rustc");
    rustc.quiet().ignore_stdout().ignore_stderr().run().is_ok()
}

fn link_debian_toolchain(repo: &Repo) -> Result<()> {
    if !(is_debian(repo) && is_root(repo)) {
        bail!(
            "Rust's library for {WASM_TARGET} is missing; get it: rustup target add {WASM_TARGET}"
        );
    }
    println!("rustup cannot bring {WASM_TARGET}; building it from Debian's sources instead");
    {
        let _non_interactive = repo.sh.push_env("DEBIAN_FRONTEND", "noninteractive");
        cmd!(repo.sh, "apt-get update").run()?;
        cmd!(
            repo.sh,
            "apt-get install -y --no-install-recommends {DEBIAN_PACKAGES...}"
        )
        .run()?;
    }
    let prefix = cmd!(repo.sh, "{DEBIAN_RUSTC} --print sysroot")
        .quiet()
        .read()?;
    cmd!(repo.sh, "rustup toolchain link {LINKED_TOOLCHAIN} {prefix}").run()?;
    Ok(())
}

/// The linker that rustup's toolchain brings; Debian's has none for wasm.
fn rust_lld(repo: &Repo) -> Result<PathBuf> {
    let sysroot = cmd!(repo.sh, "rustc --print sysroot").quiet().read()?;
    let about = cmd!(repo.sh, "rustc -vV").quiet().read()?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc does not name its host")?;
    let lld = Path::new(&sysroot)
        .join("lib/rustlib")
        .join(host)
        .join("bin/rust-lld");
    ensure!(lld.is_file(), "{} is missing", lld.display());
    Ok(lld)
}
