//! The README held to its word: its commands run, and print what it shows.
//!
//! What differs from one run to the next (ids, digests, instants, days, ports, byte counts, the width of columns)
//! is masked on both sides. `…` in the README stands for any number of lines.

use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;

/// Where the README says the demo put its files, and where its API listens.
const SHOWN_FOLDER: &str = "/tmp/probity-demo-4711";
const SHOWN_ADDRESS: &str = "127.0.0.1:7171";
const MARK: &str = "@@ ends with";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

/// The texts of the README's blocks of one language.
fn blocks(readme: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in readme.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(word)) => open = Some((word == language, String::new())),
            (Some(_), Some(_)) => {
                found.extend(open.take().filter(|(wanted, _)| *wanted).map(|(_, text)| text))
            }
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// A command of the README and the lines below it.
#[derive(Debug)]
struct Step {
    command: String,
    shown: Vec<String>,
}

fn steps(readme: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in blocks(readme, "console").iter().flat_map(|block| block.lines()) {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { command: command.to_owned(), shown: Vec::new() });
        } else {
            steps.last_mut().expect("a console block begins with a command").shown.push(line.to_owned());
        }
    }
    steps
}

/// `d` a decimal digit, `x` a hexadecimal one, anything else itself.
const PATTERNS: [(&str, &str); 3] = [
    ("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "<id>"),
    ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "<digest>"),
    ("dddd-dd-dd", "<day>"),
];

fn begins(text: &str, pattern: &str) -> bool {
    text.len() >= pattern.len()
        && text.bytes().zip(pattern.bytes()).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            b'x' => byte.is_ascii_hexdigit(),
            other => byte == other,
        })
}

/// A line without what differs from run to run.
fn masked(line: &str) -> String {
    let mut masked = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        if let Some((pattern, name)) = PATTERNS.iter().find(|(pattern, _)| begins(rest, pattern)) {
            masked.push_str(name);
            rest = &rest[pattern.len()..];
            if *name == "<day>" && begins(rest, "Tdd:dd:dd") {
                rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || "T:.Z".contains(c));
            }
        } else if let Some(after) = rest.strip_prefix("127.0.0.1:") {
            masked.push_str("<address>");
            rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        } else if first.is_ascii_digit() && !masked.ends_with(|c: char| c.is_ascii_digit()) {
            let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            let number = &rest[..rest.len() - after.len()];
            masked.push_str(if after.starts_with(" bytes") { "<size>" } else { number });
            rest = after;
        } else {
            // Columns are as wide as what stands in them.
            if !(first == ' ' && masked.ends_with("  ")) {
                masked.push(first);
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    masked.trim_end().to_owned()
}

/// Whether output is as shown; `…` alone in a line stands for any lines.
fn agrees(shown: &[String], got: &[String]) -> bool {
    match shown {
        [] => got.is_empty(),
        [first, rest @ ..] if first.trim() == "…" => (0..=got.len()).any(|skip| agrees(rest, &got[skip..])),
        [first, rest @ ..] => {
            got.split_first().is_some_and(|(line, others)| line == first && agrees(rest, others))
        }
    }
}

/// A running demo, ended with the value.
pub(super) struct Demo {
    child: Child,
    pub(super) folder: TempDir,
    address: String,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Demo {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(super::cli::binary())
            .args(["demo", "--listen", "127.0.0.1:0", "--folder"])
            .arg(folder.path())
            .env_remove("PROBITY_LOG")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut demo = Self { child, folder, address: String::new() };
        let mut said = String::new();
        while demo.address.is_empty() {
            let line = lines.recv_timeout(Duration::from_secs(300));
            let line = line.unwrap_or_else(|_| panic!("the demo did not come up; it said:\n{said}"));
            if let Some(after) = line.strip_prefix("the API is at http://") {
                demo.address = after.split('/').next().unwrap().to_owned();
            }
            said.push_str(&line);
            said.push('\n');
        }
        demo
    }

    /// A command of the README for this demo, in place of the one it was written with.
    fn here(&self, command: &str) -> String {
        let binaries = super::cli::binary().parent().unwrap().display().to_string();
        command
            .replace(SHOWN_FOLDER, &self.folder.path().display().to_string())
            .replace(SHOWN_ADDRESS, &self.address)
            .replace("$PWD/target/debug", &binaries)
    }
}

/// Runs commands in one shell and splits what they print.
fn run(demo: &Demo, commands: &[String]) -> Vec<(String, Vec<String>)> {
    let scratch = tempfile::tempdir().unwrap();
    let mut script = tempfile::NamedTempFile::new().unwrap();
    for command in commands {
        writeln!(script, "{}\necho \"{MARK} $?\"", demo.here(command)).unwrap();
    }
    let Output { stdout, .. } = Command::new("bash")
        .args(["-c", "exec 2>&1; . \"$0\""])
        .arg(script.path())
        .current_dir(scratch.path())
        .env_remove("PROBITY_OUTPUT")
        .env_remove("PROBITY_LOG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(stdout).unwrap();
    let mut ended = Vec::new();
    let mut lines = Vec::new();
    for line in text.lines() {
        match line.strip_prefix(MARK) {
            Some(code) => ended.push((code.trim().to_owned(), std::mem::take(&mut lines))),
            None => lines.push(line.to_owned()),
        }
    }
    ended
}

#[test]
fn every_command_of_the_readme_runs_and_prints_what_it_shows() {
    let demo = Demo::start();
    let steps: Vec<Step> =
        steps(&readme()).into_iter().filter(|step| !step.command.starts_with("make ")).collect();
    assert!(steps.len() > 8, "{steps:?}");
    let commands: Vec<String> = steps.iter().map(|step| step.command.clone()).collect();
    let ended = run(&demo, &commands);
    assert_eq!(ended.len(), steps.len());
    for (step, (code, lines)) in steps.iter().zip(ended) {
        let mask = |lines: &[String]| lines.iter().map(|line| masked(line)).collect::<Vec<_>>();
        let (shown, got) = (mask(&step.shown), mask(&lines));
        assert_eq!(code, "0", "`{}` printed\n{}", step.command, lines.join("\n"));
        assert!(
            agrees(&shown, &got),
            "README.md shows for `{}`\n{}\nbut it printed\n{}",
            step.command,
            step.shown.join("\n"),
            lines.join("\n")
        );
    }
}

#[test]
fn every_make_target_of_the_readme_exists() {
    let targets: Vec<String> = steps(&readme())
        .into_iter()
        .filter_map(|step| step.command.strip_prefix("make ").map(str::to_owned))
        .collect();
    assert_eq!(targets, ["run", "test"], "the two commands");
    for target in targets {
        let asked = Command::new("make").args(["-n", &target]).current_dir(root()).output().unwrap();
        assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    }
}

#[test]
fn the_configuration_of_the_readme_is_valid_as_a_whole() {
    let folder = super::cli::once();
    let file = folder.path().join("readme.toml");
    std::fs::write(&file, blocks(&readme(), "toml").join("\n")).unwrap();
    std::fs::write(folder.path().join("notify-secret"), "a sample secret\n").unwrap();
    let checked = super::cli::probity(&file, &["config", "check"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    assert!(checked.stdout.contains("may read   documents"), "{}", checked.stdout);
}

#[test]
fn every_link_of_the_readme_leads_to_a_file() {
    let text = readme();
    let links: Vec<&str> = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() >= 8, "{links:?}");
    for link in links {
        assert!(root().join(link).is_file(), "{link}");
    }
}

#[test]
fn masking_leaves_what_matters() {
    let id = "01a20628-aa8a-7472-86c8-e83f19d57ae6";
    assert_eq!(masked(&format!("run {id}   28 items")), "run <id>  28 items");
    assert_eq!(masked("until 2026-11-24, at 2026-11-23T02:07:38.014156Z"), "until <day>, at <day>");
    assert_eq!(masked("http://127.0.0.1:7171/a (2646 bytes)"), "http://<address>/a (<size> bytes)");
    assert_ne!(masked("27 items"), masked("28 items"));
}
