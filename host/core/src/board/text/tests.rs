use std::time::Duration;

use super::{Board, SAMPLE};
use crate::canonical::Digest;
use crate::event::Section;
use crate::evidence::{Kind, RequirementClass, Severity};

fn faults(text: &str) -> Vec<String> {
    Board::parse(text).unwrap_err().faults
}

/// The sample with one piece of text in another's place.
fn patched(from: &str, to: &str) -> String {
    assert!(SAMPLE.contains(from), "{from}");
    SAMPLE.replacen(from, to, 1)
}

#[test]
fn the_sample_policy_says_what_it_says() {
    let board = Board::parse(SAMPLE).unwrap();
    assert_eq!((board.digest, &*board.name), (Digest::of(SAMPLE.as_bytes()), "production-exceptions"));
    assert_eq!(board.sections.len(), 7);
    assert!(!board.sections.contains(&Section::OpenObjections));
    assert_eq!(board.max_age[&Kind::Finding], Duration::from_hours(7 * 24));
    assert_eq!(board.longest_exception, Duration::from_hours(90 * 24));
    assert_eq!((board.risk_ceiling, board.hardware_keys, &*board.intake), (Severity::High, false, "queue"));
    let reviewers = &board.disciplines[&"security".parse().unwrap()];
    assert_eq!(reviewers.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["imani", "sofia"]);
    assert_eq!(board.follow_ups["post-review"].within, Duration::from_hours(30 * 24));
    let set = &board.requirement_sets[0];
    assert_eq!((&*set.name, set.connection.as_str()), ("exception-criteria", "standards"));
    assert_eq!((set.class, set.key.len()), (Some(RequirementClass::Criterion), 2));
    assert_eq!(board.exposure_kinds, [Kind::Finding, Kind::Secret].into());
}

#[test]
fn only_three_keys_have_a_default() {
    let board = Board::parse(
        "name = \"b\"\nsections = [\"summary\"]\nlongest-exception = \"1d\"\nrisk-ceiling = \"low\"\n\
         [max-age]\nfinding = \"7d\"\n[discipline.sre]\nreviewers = [\"ada\"]\n",
    )
    .unwrap();
    assert_eq!(
        (&*board.intake, board.hardware_keys, board.exposure_kinds.is_empty()),
        ("queue", false, true)
    );
}

#[test]
fn an_empty_policy_is_told_everything_it_lacks_at_once() {
    let faults = faults("");
    let keys: Vec<_> = faults.iter().filter_map(|fault| fault.split(':').next()).collect();
    assert_eq!(keys, ["sections", "longest-exception", "risk-ceiling", "name", "discipline", "max-age"]);
    assert!(faults.iter().all(|fault| fault.contains("to mend it, ")), "{faults:?}");
}

#[test]
fn every_wrong_word_is_told_with_its_key() {
    for (from, to, told) in [
        ("\"rollback\"", "\"roll-back\"", "sections: `roll-back` is not one of summary"),
        ("\"rollback\"", "\"summary\"", "sections: `summary` stands in it twice"),
        ("\"90d\"", "\"90 days\"", "longest-exception: `90 days` is not a length of time"),
        (
            "risk-ceiling = \"high\"",
            "risk-ceiling = \"unknown\"",
            "risk-ceiling: `unknown` is not one of critical",
        ),
        ("\"queue\"", "\"The Queue\"", "intake: `The Queue` is not a name"),
        ("name = \"p", "name = \"\\n", "name: it is not one line"),
        ("secret = \"2d\"", "secrets = \"2d\"", "max-age.secrets: `secrets` is not a kind of evidence"),
        ("secret = \"2d\"", "secret = \"0d\"", "max-age.secret: `0d` is not a length of time"),
        ("[discipline.sre]", "[discipline.SRE]", "discipline.SRE: `SRE` is not a discipline"),
        ("[\"lucia\"]", "[\"Lucia\"]", "discipline.sre.reviewers: `Lucia` is not a principal's name"),
        ("[\"lucia\"]", "[]", "discipline.sre.reviewers: nobody may review"),
        ("[follow-up.post-review]", "[follow-up.Post]", "follow-up.Post: `Post` is not a name"),
        ("within = \"30d\"", "", "follow-up.post-review.within: it is missing"),
        ("what = \"Look", "what = \"\\u0007", "follow-up.post-review.what: it is not one line"),
        ("connection = \"standards\"", "", "requirement-set.exception-criteria.connection: it is missing"),
        (
            "class = \"criterion\"",
            "class = \"rule\"",
            "requirement-set.exception-criteria.class: `rule` is not one of",
        ),
        (
            "section = \"Exception criteria\"",
            "section = \" \"",
            "requirement-set.exception-criteria.section: it is empty",
        ),
        ("kinds = [\"finding\"", "kinds = [\"findings\"", "exposure.kinds: `findings` is not a kind"),
    ] {
        let faults = faults(&patched(from, to));
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with(told), "{told}: {faults:?}");
    }
}

#[test]
fn a_key_nobody_knows_is_refused_with_its_line() {
    for (from, to) in [
        ("hardware-keys", "hardware-key"),
        ("reviewers = [\"kenji\"]", "reviewer = [\"kenji\"]"),
        ("[exposure]\nkinds", "[exposure]\nkind"),
    ] {
        let text = patched(from, to);
        let faults = faults(&text);
        let wrong = to.rsplit('\n').next().unwrap();
        let line = text.lines().position(|line| line.starts_with(wrong)).unwrap() + 1;
        assert!(faults[0].starts_with(&format!("line {line}: unknown field")), "{faults:?}");
    }
    let twice = format!("{SAMPLE}\n[requirement-set.exception-criteria]\nconnection = \"x\"\n");
    assert!(Board::parse(&twice).is_err(), "a set has one meaning");
    assert!(Board::parse("name = \u{7f}").unwrap_err().to_string().contains("line 1"));
}
