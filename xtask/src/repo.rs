//! The working copy and the shell every command runs in.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

/// The working copy, with a shell whose folder is its root and whose PATH starts with its tools.
pub(crate) struct Repo {
    pub(crate) root: PathBuf,
    pub(crate) sh: Shell,
    path: OsString,
}

impl Repo {
    pub(crate) fn open() -> Result<Repo> {
        // Asked at run time: clones that share a target folder share this program too.
        let manifest = env::var_os("CARGO_MANIFEST_DIR").context("start it as `cargo xtask`")?;
        let root = Path::new(&manifest)
            .parent()
            .context("xtask lies in a folder of the workspace")?
            .to_path_buf();
        let old_path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(
            tool_folders(&root)
                .into_iter()
                .chain(env::split_paths(&old_path)),
        )
        .context("PATH cannot be extended by the tools of this working copy")?;
        let sh = Shell::new()?;
        sh.change_dir(&root);
        sh.set_var("PATH", &path);
        // Page tests use the browser of the system, so the one of Playwright is never fetched.
        sh.set_var("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        // Trunk 0.21 takes only true or false here, everyone else writes 1.
        if env::var_os("NO_COLOR").is_some() {
            sh.set_var("NO_COLOR", "true");
        }
        Ok(Repo { root, sh, path })
    }

    /// Where a program lies: tools of this working copy first, then the caller's PATH.
    pub(crate) fn find(&self, program: &str) -> Option<PathBuf> {
        which::which_in(program, Some(&self.path), &self.root).ok()
    }

    /// What `PROGRAM --version` prints, or nothing when the program is missing or broken.
    pub(crate) fn version_text(&self, program: &str) -> Option<String> {
        let path = self.find(program)?;
        cmd!(self.sh, "{path} --version")
            .quiet()
            .ignore_stderr()
            .read()
            .ok()
    }

    /// The same for people: what they put in front of their PATH to use the tools directly.
    pub(crate) fn path_line(&self) -> Result<String> {
        let folders = env::join_paths(tool_folders(&self.root))?;
        Ok(format!(
            "export PATH=\"{}:$PATH\"",
            folders.to_string_lossy()
        ))
    }
}

/// Folder for programs that cargo installs for this working copy; git ignores it.
pub(crate) const TOOLS_DIR: &str = ".tools";

fn tool_folders(root: &Path) -> [PathBuf; 2] {
    [
        root.join(TOOLS_DIR).join("bin"),
        root.join("node_modules").join(".bin"),
    ]
}
