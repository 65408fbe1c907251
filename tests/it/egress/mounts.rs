//! The files door, against directories and connectors that mean harm.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use probity::egress::{MountLimits, Mounts};
use probity_core::connector::{Failure, FailureKind};
use tempfile::TempDir;

fn mounts_with(dir: &Path, limits: MountLimits) -> Arc<Mounts> {
    let granted = BTreeMap::from([("standards".to_owned(), dir.to_owned())]);
    let declared = BTreeSet::from(["standards".to_owned(), "reviews".to_owned()]);
    Mounts::open("handbook", granted, declared, limits).unwrap()
}

fn mounts(dir: &TempDir) -> Arc<Mounts> {
    mounts_with(dir.path(), MountLimits::default())
}

#[track_caller]
fn assert_code<T: std::fmt::Debug>(outcome: Result<T, Failure>, code: &str) -> Failure {
    let failure = outcome.unwrap_err();
    assert!(failure.message.starts_with(&format!("{code}: ")), "expected {code}, got {failure}");
    failure
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A folder with files, and everything that is not one; a secret lies beside it.
fn hostile_folder() -> TempDir {
    let outer = tempfile::tempdir().unwrap();
    fs::write(outer.path().join("secret.md"), "secret").unwrap();
    let dir = outer.path().join("mount");
    fs::create_dir_all(dir.join("policy/deep")).unwrap();
    fs::write(dir.join("readme.md"), "# One\n").unwrap();
    fs::write(dir.join("policy/a.md"), "a").unwrap();
    fs::write(dir.join("policy/deep/b.md"), "bb").unwrap();
    fs::write(dir.join("policy/deep/c.json"), "{}").unwrap();
    fs::write(dir.join("policy.md"), "p").unwrap();
    symlink("../secret.md", dir.join("out.md")).unwrap();
    symlink("/etc/passwd", dir.join("passwd.md")).unwrap();
    symlink("readme.md", dir.join("inside.md")).unwrap();
    symlink("policy", dir.join("linked")).unwrap();
    symlink("..", dir.join("up")).unwrap();
    symlink("loop.md", dir.join("loop.md")).unwrap();
    fifo(&dir.join("pipe.md"));
    drop(UnixListener::bind(dir.join("socket.md")).unwrap());
    fs::write(dir.join(OsStr::from_bytes(b"latin\xe9.md")), "x").unwrap();
    outer
}

#[tokio::test]
async fn only_regular_files_are_listed_in_byte_order() {
    let outer = hostile_folder();
    let mut page = mounts_with(&outer.path().join("mount"), MountLimits::default()).page();
    let mut list = async |glob: &str| -> Vec<String> {
        page.entries("standards", glob).await.unwrap().into_iter().map(|entry| entry.path).collect()
    };
    assert_eq!(list("**/*.md").await, ["policy.md", "policy/a.md", "policy/deep/b.md", "readme.md"]);
    assert_eq!(list("*.md").await, ["policy.md", "readme.md"]);
    assert_eq!(list("policy/*").await, ["policy/a.md"]);
    assert_eq!(list("**").await.len(), 5);
    assert!(list("../*").await.is_empty());
}

#[tokio::test]
async fn a_file_is_read_and_captured_whole() {
    let outer = hostile_folder();
    let mut page = mounts_with(&outer.path().join("mount"), MountLimits::default()).page();
    let capture = page.read("standards", "policy/deep/b.md").await.unwrap();
    assert_eq!(capture, probity_core::connector::Capture::new(&b"bb"[..], Some("text/markdown".into())));
    assert_eq!(page.entries("standards", "policy/deep/b.md").await.unwrap()[0].size, 2);
}

#[tokio::test]
async fn nothing_but_regular_files_below_the_mount_is_read() {
    let outer = hostile_folder();
    let mounts = mounts_with(&outer.path().join("mount"), MountLimits::default());
    let absolute = outer.path().join("secret.md");
    for path in [
        "../secret.md",
        "policy/../../secret.md",
        "policy/../readme.md",
        "./readme.md",
        "policy//a.md",
        "policy/",
        "",
        "/etc/passwd",
        absolute.to_str().unwrap(),
        "policy\\a.md",
        "readme.md\0",
        "out.md",
        "passwd.md",
        "inside.md",
        "loop.md",
        "linked/a.md",
        "up/secret.md",
        "up/mount/readme.md",
        "policy",
        "pipe.md",
        "socket.md",
        "readme.md/x",
    ] {
        let failure = assert_code(mounts.page().read("standards", path).await, "files.path");
        assert_eq!(failure.kind, FailureKind::EgressDenied, "{path}");
    }
    let missing = assert_code(mounts.page().read("standards", "missing.md").await, "files.not-found");
    assert_eq!(missing.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn devices_are_neither_listed_nor_opened() {
    let mut page = mounts_with(Path::new("/dev"), MountLimits::default()).page();
    assert_code(page.read("standards", "zero").await, "files.path");
    let listed = page.entries("standards", "zero").await.unwrap();
    assert!(listed.is_empty(), "{listed:?}");
}

#[tokio::test]
async fn files_beyond_the_cap_are_refused_even_if_they_are_holes() {
    let dir = tempfile::tempdir().unwrap();
    fs::File::create(dir.path().join("sparse.json")).unwrap().set_len(1 << 40).unwrap();
    fs::write(dir.path().join("big.json"), [b' '; 101]).unwrap();
    fs::write(dir.path().join("fits.json"), [b' '; 100]).unwrap();
    let failure = assert_code(mounts(&dir).page().read("standards", "sparse.json").await, "files.too-large");
    assert_eq!(failure.kind, FailureKind::TooLarge);
    let small = MountLimits { file: 100, page_bytes: 150, ..MountLimits::default() };
    let mut page = mounts_with(dir.path(), small).page();
    assert_code(page.read("standards", "big.json").await, "files.too-large");
    assert!(page.read("standards", "fits.json").await.is_ok());
    assert_code(page.read("standards", "fits.json").await, "egress.budget");
}

#[tokio::test]
async fn listings_are_limited() {
    let dir = tempfile::tempdir().unwrap();
    for at in 0..20 {
        fs::write(dir.path().join(format!("{at}.md")), "").unwrap();
    }
    fs::create_dir_all(dir.path().join("a/b/c/d")).unwrap();
    for limits in [
        MountLimits { walked: 10, ..MountLimits::default() },
        MountLimits { listed: 10, ..MountLimits::default() },
        MountLimits { depth: 3, ..MountLimits::default() },
    ] {
        assert_code(
            mounts_with(dir.path(), limits).page().entries("standards", "**").await,
            "files.too-large",
        );
    }
    let mut page = mounts_with(dir.path(), MountLimits { page_calls: 1, ..MountLimits::default() }).page();
    assert!(page.entries("standards", "**").await.is_ok());
    assert_code(page.entries("standards", "**").await, "egress.budget");
    assert_code(page.read("standards", "1.md").await, "egress.budget");
}

#[tokio::test]
async fn mounts_are_declared_and_granted() {
    let dir = tempfile::tempdir().unwrap();
    let mut page = mounts(&dir).page();
    assert_code(page.read("home", "x").await, "files.undeclared-mount");
    let failure = assert_code(page.entries("reviews", "**").await, "files.not-granted");
    assert_eq!(failure.kind, FailureKind::EgressDenied);
    assert!(
        failure.message.contains("`reviews = \"/path\"` under `[connection.handbook.grant.mounts]`"),
        "{failure}"
    );
}

#[tokio::test]
async fn globs_are_limited() {
    let dir = tempfile::tempdir().unwrap();
    let mut page = mounts(&dir).page();
    for glob in ["", "[", "{a,b", &"*".repeat(300)] {
        assert_code(page.entries("standards", glob).await, "files.glob");
    }
}

#[test]
fn a_directory_that_is_not_there_is_told_with_its_place_in_the_configuration() {
    let granted = BTreeMap::from([("standards".to_owned(), "/nowhere/at/all".into())]);
    let error =
        Mounts::open("handbook", granted, BTreeSet::new(), MountLimits::default()).unwrap_err().to_string();
    assert!(
        error.contains("/nowhere/at/all") && error.contains("[connection.handbook.grant.mounts]"),
        "{error}"
    );
}
