//! Chromium, its driver and fonts for Chinese: found, installed on Debian as root, or asked for.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use xshell::cmd;

use crate::repo::Repo;

/// The programs that tests in a browser start.
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

const DEBIAN_PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "fonts-noto-cjk"];

pub(crate) fn ensure(repo: &Repo) -> Result<Browser> {
    if missing(repo).is_empty() {
        return found(repo);
    }
    if is_debian(repo) && is_root(repo) {
        println!("installing {} (1 to 3 minutes)", DEBIAN_PACKAGES.join(", "));
        let _non_interactive = repo.sh.push_env("DEBIAN_FRONTEND", "noninteractive");
        cmd!(repo.sh, "apt-get update").run()?;
        cmd!(
            repo.sh,
            "apt-get install -y --no-install-recommends {DEBIAN_PACKAGES...}"
        )
        .run()?;
    }
    found(repo)
}

fn found(repo: &Repo) -> Result<Browser> {
    let missing = missing(repo);
    if let (true, Some(chromium), Some(chromedriver)) =
        (missing.is_empty(), chromium(repo), chromedriver(repo))
    {
        return Ok(Browser {
            chromium,
            chromedriver,
        });
    }
    let how = if is_debian(repo) {
        format!("sudo apt-get install {}", DEBIAN_PACKAGES.join(" "))
    } else {
        "install Chromium or Chrome, ChromeDriver of the same version and a font with Chinese \
         characters; put the programs on PATH or name them in CHROMIUM and CHROMEDRIVER"
            .to_owned()
    };
    bail!("missing: {}; to get it: {how}", missing.join(", "));
}

fn missing(repo: &Repo) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if chromium(repo).is_none() {
        missing.push("Chromium");
    }
    if chromedriver(repo).is_none() {
        missing.push("ChromeDriver");
    }
    if !has_chinese_font(repo) {
        missing.push("a font with Chinese characters");
    }
    missing
}

fn chromium(repo: &Repo) -> Option<PathBuf> {
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ];
    program(repo, "CHROMIUM", &names)
}

fn chromedriver(repo: &Repo) -> Option<PathBuf> {
    program(
        repo,
        "CHROMEDRIVER",
        &["chromedriver", "chromium.chromedriver"],
    )
}

/// A program that the environment names, else the first of the names on PATH.
fn program(repo: &Repo, variable: &str, names: &[&str]) -> Option<PathBuf> {
    let named = env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_file());
    named.or_else(|| names.iter().find_map(|name| repo.find(name)))
}

/// Systems without fontconfig (macOS, Windows) bring such fonts themselves.
fn has_chinese_font(repo: &Repo) -> bool {
    let Some(fc_list) = repo.find("fc-list") else {
        return !is_debian(repo);
    };
    let fonts = cmd!(repo.sh, "{fc_list} :lang=zh family")
        .quiet()
        .ignore_stderr()
        .read();
    fonts.is_ok_and(|fonts| !fonts.trim().is_empty())
}

pub(crate) fn is_debian(repo: &Repo) -> bool {
    Path::new("/etc/debian_version").exists() && repo.find("apt-get").is_some()
}

pub(crate) fn is_root(repo: &Repo) -> bool {
    cmd!(repo.sh, "id -u")
        .quiet()
        .read()
        .is_ok_and(|id| id == "0")
}
