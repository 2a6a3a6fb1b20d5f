//! The workspace's own programs, as the workspace builds them.

use std::{path::PathBuf, process::Command, sync::OnceLock};

/// Path of a program of the workspace, built if it is not there or not fresh.
pub fn binary(name: &str) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    let test = std::env::current_exe().expect("the test's own path");
    // target/<profile>/deps/it-…
    let profile = test.ancestors().nth(2).expect("a target directory").to_owned();
    BUILT.get_or_init(|| {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let mut build = Command::new(option_env!("CARGO").unwrap_or("cargo"));
        build.args(["build", "--workspace", "--bins", "--locked", "--quiet"]).current_dir(root);
        if profile.ends_with("release") {
            build.arg("--release");
        }
        let ended = build.status().expect("cargo runs");
        assert!(ended.success(), "the workspace's programs do not build");
    });
    profile.join(name)
}
