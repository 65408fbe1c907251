//! Signing elsewhere: what leaves as a file and comes back as one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use probity_core::ledger::MAX_ENTRY;
use probity_core::signature::MAX_ARMORED;

use super::Office;
use crate::cli::Ended;

fn ssh_sign(key: &Path, statement: &Path) {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-Y", "sign", "-n", "probity", "-f"]).arg(key).arg(statement);
    assert!(command.stdin(Stdio::null()).status().unwrap().success());
}

/// A statement on its way, and its signature.
struct Taken<'a> {
    office: &'a Office,
    command: Vec<&'a str>,
    statement: std::path::PathBuf,
    signature: std::path::PathBuf,
}

impl<'a> Taken<'a> {
    fn by_omar(office: &'a Office, command: &[&'a str]) -> Self {
        let taken = Self {
            office,
            command: command.to_vec(),
            statement: office.path("statement"),
            signature: office.path("statement.sig"),
        };
        let written = taken.written();
        assert_eq!(written.code, 0, "{}", written.stderr);
        taken
    }

    fn written(&self) -> Ended {
        let to = ["--statement-to", self.statement.to_str().unwrap()];
        self.office.run("omar", &[&self.command[..], &to].concat())
    }

    fn given_back(&self, variables: &[(&str, &Path)]) -> Ended {
        let (statement, signature) = (self.statement.to_str().unwrap(), self.signature.to_str().unwrap());
        let both = ["--statement", statement, "--signature", signature];
        let mut command = self.office.command("omar", &[&self.command[..], &both].concat());
        command.envs(variables.iter().copied());
        command.output().unwrap().into()
    }
}

#[test]
fn what_is_to_be_signed_is_its_owners_alone_and_never_replaced() {
    let office = Office::open();
    office.opened();
    let taken = Taken::by_omar(&office, &["packet", "own"]);
    assert_eq!(fs::metadata(&taken.statement).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(&taken.statement).unwrap();
    let again = taken.written();
    assert!(again.code == 1 && again.stderr.contains("cannot write"), "{}", again.stderr);
    assert_eq!(fs::read(&taken.statement).unwrap(), before, "it may be waiting for its signature");
}

#[test]
fn more_than_a_statement_and_its_signature_is_not_read() {
    let office = Office::open();
    office.opened();
    let taken = Taken::by_omar(&office, &["packet", "own"]);
    ssh_sign(&office.path("omar"), &taken.statement);
    let (statement, signature) = (fs::read(&taken.statement).unwrap(), fs::read(&taken.signature).unwrap());
    fs::write(&taken.statement, vec![b' '; MAX_ENTRY + 1]).unwrap();
    let long = taken.given_back(&[]);
    assert!(long.code == 1 && long.stderr.contains("at most 1048576 are read"), "{}", long.stderr);
    fs::write(&taken.statement, statement).unwrap();
    fs::write(&taken.signature, vec![b' '; MAX_ARMORED + 1]).unwrap();
    let long = taken.given_back(&[]);
    assert!(
        long.code == 1 && long.stderr.contains(&format!("at most {MAX_ARMORED} are read")),
        "{}",
        long.stderr
    );
    fs::write(&taken.signature, signature).unwrap();
    // Whoever usually signs here has this set, and may be handed a signature made elsewhere all the same.
    let done = taken.given_back(&[("PROBITY_KEY", &office.path("omar"))]);
    assert_eq!(done.code, 0, "{}", done.stderr);
}

#[test]
fn a_handoff_signed_elsewhere_attests_the_condition_that_is_stated() {
    let office = Office::open();
    office.opened();
    office.drafted();
    let taken = Taken::by_omar(&office, &["packet", "hand-off"]);
    ssh_sign(&office.path("omar"), &taken.statement);
    let shown = office.done("omar", &["packet", "show"]);
    let claim = shown["condition"]["claims"][0].as_str().unwrap().to_owned();
    office.done(
        "omar",
        &["packet", "condition", "--text", "Rotation was reviewed this year", "--claim", &claim],
    );
    let late = taken.given_back(&[]);
    assert!(late.code == 1 && late.stderr.contains("with other words"), "{} {}", late.code, late.stderr);
}
