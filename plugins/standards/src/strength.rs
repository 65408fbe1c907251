//! How strongly a text asks: the words of RFC 2119, which count only in capitals (RFC 8174).

use probity_sdk::Strength;

/// From the strongest. Where both of a pair occur, the one that comes first counts.
const WORDS: [(&[&str], Strength); 5] = [
    (&["MUST NOT", "SHALL NOT"], Strength::MustNot),
    (&["MUST", "SHALL", "REQUIRED"], Strength::Must),
    (&["SHOULD NOT", "NOT RECOMMENDED"], Strength::ShouldNot),
    (&["SHOULD", "RECOMMENDED"], Strength::Should),
    (&["MAY", "OPTIONAL"], Strength::May),
];

/// The strongest word in a text, if there is one.
pub(crate) fn of(text: &str) -> Option<Strength> {
    // Line ends may stand between MUST and NOT.
    let words: Vec<&str> =
        text.split(|end: char| !end.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let first = |phrases: &[&str]| phrases.iter().filter_map(|phrase| find(&words, phrase)).min();
    let pair = |negative: usize, positive: usize| {
        let (not, plain) = (first(WORDS[negative].0), first(WORDS[positive].0));
        match (not, plain) {
            // `MUST NOT` is found as `MUST` as well, at the same word, and `NOT RECOMMENDED` one word earlier.
            (Some(not), Some(plain)) if not <= plain => Some(WORDS[negative].1),
            (_, Some(_)) => Some(WORDS[positive].1),
            (Some(_), None) => Some(WORDS[negative].1),
            (None, None) => None,
        }
    };
    pair(0, 1).or_else(|| pair(2, 3)).or_else(|| first(WORDS[4].0).map(|_| Strength::May))
}

/// The place of a phrase among words.
fn find(words: &[&str], phrase: &str) -> Option<usize> {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    words.windows(phrase.len()).position(|window| window == phrase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_word_in_capitals_counts() {
        for (text, strength) in [
            ("Services MUST use their own credential.", Some(Strength::Must)),
            ("Credentials MUST NOT be shared.", Some(Strength::MustNot)),
            ("Credentials MUST\n  NOT be shared.", Some(Strength::MustNot)),
            ("It SHALL rotate and SHOULD alert", Some(Strength::Must)),
            ("It MUST rotate and MUST NOT log", Some(Strength::Must)),
            ("It MUST NOT log and MUST rotate", Some(Strength::MustNot)),
            ("SHOULD be reviewed; MAY be waived", Some(Strength::Should)),
            ("Sharing is NOT RECOMMENDED", Some(Strength::ShouldNot)),
            ("A review is RECOMMENDED", Some(Strength::Should)),
            ("An owner MAY ask", Some(Strength::May)),
            ("You must not shout", None),
            ("MUSTARD and MAYBE", None),
            ("", None),
        ] {
            assert_eq!(of(text), strength, "{text}");
        }
    }
}
