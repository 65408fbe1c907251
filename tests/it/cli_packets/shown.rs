//! What a terminal is shown of texts that somebody else wrote: all of it, and nothing that steers.

use std::fs;

use super::Office;

/// Turns the rest of a line red, deletes it, and turns it around.
const STEERS: &str = "\u{1b}[31m\u{1b}[2K\u{202e}";

#[test]
fn what_a_source_says_steers_no_terminal() {
    let office = Office::open();
    let document = office.path("standards").join("credential-management.md");
    let text = fs::read_to_string(&document).unwrap();
    assert!(text.contains(" MUST "), "{text}");
    fs::write(&document, text.replace(" MUST ", &format!(" MUST{STEERS} "))).unwrap();
    let collected = office.run("olga", &["collect", "standards", "--full"]);
    assert!([0, 3].contains(&collected.code), "{}", collected.stderr);
    let listed =
        office.done("maya", &["evidence", "list", "--kind", "requirement", "--text", "202e", "--limit", "1"]);
    let evidence = listed["items"][0]["id"].as_str().expect("a requirement of that document").to_owned();
    for arguments in [
        &["evidence", "list", "--kind", "requirement", "--limit", "500"][..],
        &["evidence", "show", &evidence],
        &["evidence", "trace", &evidence],
    ] {
        let ended = office.run("maya", arguments);
        assert_eq!(ended.code, 0, "{arguments:?}: {}", ended.stderr);
        for steering in ['\u{1b}', '\u{202e}'] {
            assert!(!ended.stdout.contains(steering), "{arguments:?} shows {steering:?} as it is");
        }
    }
    let traced = office.run("maya", &["evidence", "trace", &evidence]).stdout;
    assert!(
        traced.contains("\\u{1b}[31m") && traced.contains("\\u{202e}"),
        "it is told, not hidden: {traced}"
    );
}
