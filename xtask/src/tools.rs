//! The pinned tools: used from PATH when the version matches, installed otherwise.
//!
//! Each `ensure_*` is cheap when nothing is missing, so every step calls what it needs itself.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use xshell::cmd;

use crate::repo::{Repo, TOOLS_DIR};
use crate::wasm_target;

/// The newest Trunk that was tried; wasm-bindgen's version is in Cargo.lock, wasm-opt's in Trunk.toml.
const TRUNK: &str = "0.21.14";
/// What `serve` builds.
const SERVED_DIR: &str = "target/served";

/// Everything that building needs.
pub(crate) fn ensure_all(repo: &Repo) -> Result<()> {
    ensure_for_serve(repo)?;
    ensure_wasm_opt(repo)
}

/// The same, then the PATH line for plain `trunk`.
pub(crate) fn install_all(repo: &Repo) -> Result<()> {
    ensure_all(repo)?;
    println!("trunk, wasm-bindgen and wasm-opt are there. To call them directly:");
    println!("{}", repo.path_line()?);
    Ok(())
}

pub(crate) fn serve(repo: &Repo, port: u16, release: bool, more: &[String]) -> Result<()> {
    ensure_for_serve(repo)?;
    if release {
        ensure_wasm_opt(repo)?;
    }
    let _wasm = wasm_target::enter(repo)?;
    fetch_crates(repo)?;
    let port = port.to_string();
    let release = release.then_some("--release");
    println!("AckScope: http://127.0.0.1:{port}/ (open once the first build is through)");
    // A folder of its own: dist/ stays what `build` left there.
    fs::create_dir_all(repo.root.join(SERVED_DIR))?;
    let serve = cmd!(
        repo.sh,
        "trunk serve --offline --dist {SERVED_DIR} --port {port}"
    );
    become_program(serve.args(release).args(more).into())
}

/// Ends this process in favour of the program, so that a signal to one reaches the other.
#[cfg(unix)]
fn become_program(mut program: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(program.exec()).context("cannot start trunk")
}

#[cfg(not(unix))]
fn become_program(mut program: Command) -> Result<()> {
    let status = program.status().context("cannot start trunk")?;
    ensure!(status.success(), "trunk ended with {status}");
    Ok(())
}

/// The static site, in dist/.
pub(crate) fn build_site(repo: &Repo) -> Result<()> {
    ensure_all(repo)?;
    let _wasm = wasm_target::enter(repo)?;
    fetch_crates(repo)?;
    cmd!(repo.sh, "trunk build --release --offline").run()?;
    Ok(())
}

/// Trunk hands its `--offline` on to cargo, so the crates must be there before.
fn fetch_crates(repo: &Repo) -> Result<()> {
    cmd!(repo.sh, "cargo fetch --quiet").quiet().run()?;
    Ok(())
}

fn ensure_for_serve(repo: &Repo) -> Result<()> {
    wasm_target::enter(repo)?;
    ensure_trunk(repo)?;
    ensure_wasm_bindgen(repo)
}

/// `cargo fmt` and `cargo clippy` are components that a minimal Rust lacks.
pub(crate) fn ensure_component(repo: &Repo, subcommand: &str, component: &str) -> Result<()> {
    let there = cmd!(repo.sh, "cargo {subcommand} --version")
        .quiet()
        .ignore_stdout();
    if there.ignore_stderr().run().is_ok() {
        return Ok(());
    }
    cmd!(repo.sh, "rustup component add {component}")
        .run()
        .with_context(|| format!("{component} is missing; bring it with rustup"))
}

fn ensure_trunk(repo: &Repo) -> Result<()> {
    let wanted = format!("trunk {TRUNK}");
    if repo.version_text("trunk").as_deref() == Some(&wanted) {
        return Ok(());
    }
    println!("installing {wanted} into {TOOLS_DIR}/ (6 to 8 minutes on two cores)");
    cmd!(
        repo.sh,
        "cargo install trunk --version {TRUNK} --locked --root {TOOLS_DIR}"
    )
    .run()?;
    Ok(())
}

/// Command line and crate must be of one version, so the lock file decides.
pub(crate) fn ensure_wasm_bindgen(repo: &Repo) -> Result<()> {
    let version = locked_version(repo, "wasm-bindgen")?;
    let programs = ["wasm-bindgen", "wasm-bindgen-test-runner"];
    let matches = |program: &str| {
        repo.version_text(program)
            .is_some_and(|text| text.split(' ').nth(1) == Some(&version))
    };
    if programs.into_iter().all(matches) {
        return Ok(());
    }
    println!("installing wasm-bindgen-cli {version} into {TOOLS_DIR}/ (2 to 3 minutes)");
    // Without --locked: the lock file of this release names a crate that mirrors may not have yet.
    cmd!(
        repo.sh,
        "cargo install wasm-bindgen-cli --version {version} --root {TOOLS_DIR}"
    )
    .run()?;
    Ok(())
}

fn locked_version(repo: &Repo, package: &str) -> Result<String> {
    let id = cmd!(repo.sh, "cargo pkgid {package}").quiet().read()?;
    let (_, version) = id
        .rsplit_once(['@', '#'])
        .with_context(|| format!("odd id {id}"))?;
    Ok(version.to_owned())
}

/// wasm-opt comes as an npm package; Trunk.toml says which version Trunk accepts.
fn ensure_wasm_opt(repo: &Repo) -> Result<()> {
    let config = repo.sh.read_file("Trunk.toml")?;
    let wanted = config
        .lines()
        .find_map(|line| line.strip_prefix("wasm_opt = \"")?.strip_suffix('"'))
        .context("Trunk.toml has no line `wasm_opt = \"version_N\"`")?;
    let matches = || {
        repo.version_text("wasm-opt")
            .is_some_and(|text| text.contains(&format!("({wanted})")))
    };
    if matches() {
        return Ok(());
    }
    ensure_node_modules(repo)?;
    ensure!(
        matches(),
        "wasm-opt of npm's binaryen is not {wanted}: Trunk.toml and package.json disagree"
    );
    Ok(())
}

/// npm packages as locked; installed again only when the lock file changed.
pub(crate) fn ensure_node_modules(repo: &Repo) -> Result<()> {
    let Some(npm) = repo.find("npm") else {
        bail!("npm is missing; install Node.js 20 or newer (Debian: apt-get install nodejs npm)");
    };
    let lock = repo.root.join("package-lock.json");
    let installed = repo.root.join("node_modules").join(".installed-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    if fs::read(&installed).is_ok_and(|have| have == wanted) {
        return Ok(());
    }
    cmd!(repo.sh, "{npm} ci --no-audit --no-fund").run()?;
    fs::write(&installed, &wanted).context("cannot note which npm packages are installed")
}
