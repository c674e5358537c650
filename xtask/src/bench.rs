//! Benchmarks: criterion on the host, then what the built page weighs.

use anyhow::Result;
use xshell::cmd;

use crate::dist;
use crate::repo::Repo;

pub(crate) fn run(repo: &Repo, criterion: &[String]) -> Result<()> {
    cmd!(
        repo.sh,
        "cargo bench --workspace --bench * -- {criterion...}"
    )
    .run()?;
    dist::ensure_built(repo)?;
    dist::check(repo)
}
