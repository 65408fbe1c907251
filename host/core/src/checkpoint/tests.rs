use proptest::prelude::*;

use super::*;

fn head(seq: u32, text: &str) -> Head {
    Head { seq, digest: Digest::of(text.as_bytes()) }
}

fn key() -> SigningKey {
    SigningKey::from_seed("probity.example/ledger", &[5; 32]).unwrap()
}

/// A packet's chain in these tests: entry `seq` of `packet` hashes `packet/seq`.
fn entry(chain: &Chain, seq: u32) -> Digest {
    Digest::of(format!("{chain}/{seq}").as_bytes())
}

fn checkpoint() -> Checkpoint {
    let of = |chain: Chain, seq| Head { seq, digest: entry(&chain, seq) };
    let packet = |name: &str, seq| (name.to_owned(), of(Chain::Packet(name.to_owned()), seq));
    Checkpoint {
        origin: "probity.example/ledger".to_owned(),
        at: "2026-11-22T21:29:09Z".parse().unwrap(),
        registry: Some(of(Chain::Registry, 2)),
        packets: [packet("b", 12), packet("a", 3)].into(),
    }
}

/// The chains as they are kept, each with its length, and a look-up in them.
fn kept(lengths: &[(Chain, u32)]) -> impl Fn(&Chain, u32) -> Option<Digest> {
    move |chain, seq| {
        let (_, length) = lengths.iter().find(|(kept, _)| kept == chain)?;
        (1..=*length).contains(&seq).then(|| entry(chain, seq))
    }
}

fn packet(name: &str) -> Chain {
    Chain::Packet(name.to_owned())
}

#[test]
fn a_checkpoint_is_a_text_a_person_can_read() {
    let text = checkpoint().text().unwrap();
    let [registry, a, b] = [(Chain::Registry, 2), (packet("a"), 3), (packet("b"), 12)]
        .map(|(chain, seq)| entry(&chain, seq).to_string());
    let expected = format!(
        "probity.example/ledger\nledger checkpoint 1\n2026-11-22T21:29:09Z\nregistry 2 {registry}\npackets 2\n\
         a 3 {a}\nb 12 {b}\n"
    );
    assert_eq!(text, expected);
    assert_eq!(Checkpoint::parse(&text).unwrap(), checkpoint());
    let empty = Checkpoint { registry: None, packets: BTreeMap::new(), ..checkpoint() };
    assert_eq!(Checkpoint::parse(&empty.text().unwrap()).unwrap(), empty);
}

#[test]
fn a_note_of_the_specification_s_own_is_opened() {
    // The example that the specification's implementations share.
    let key: VerifierKey =
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k".parse().unwrap();
    let note = "This is an example message.\n\n— example.com/foo \
                Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    assert_eq!(note::open(note, &key).unwrap(), "This is an example message.\n");
    assert_eq!(key.to_string().parse::<VerifierKey>(), Ok(key.clone()));
    // A well-signed note that is something else is no checkpoint.
    assert_eq!(Checkpoint::verify(note, &key).unwrap_err().code(), "checkpoint.line");
}

#[test]
fn a_signed_checkpoint_reads_back_and_is_the_same_each_time() {
    let note = checkpoint().sign(&key()).unwrap();
    assert_eq!(note, checkpoint().sign(&key()).unwrap());
    assert!(
        note.starts_with(&checkpoint().text().unwrap()) && note.contains("\n\n— probity.example/ledger ")
    );
    assert_eq!(Checkpoint::verify(&note, &key().verifier_key()).unwrap(), checkpoint());
}

#[test]
fn every_flipped_bit_of_a_signed_checkpoint_is_refused() {
    let note = checkpoint().sign(&key()).unwrap();
    let verifier = key().verifier_key();
    for at in 0..note.len() * 8 {
        let mut bytes = note.clone().into_bytes();
        bytes[at / 8] ^= 1 << (at % 8);
        // A note is UTF-8: what is not does not come this far.
        let Ok(flipped) = String::from_utf8(bytes) else { continue };
        assert!(Checkpoint::verify(&flipped, &verifier).is_err(), "bit {at}: {flipped}");
    }
    for end in (0..note.len()).filter(|end| note.is_char_boundary(*end)) {
        assert!(Checkpoint::verify(&note[..end], &verifier).is_err(), "cut after {end}");
    }
}

#[test]
fn witnesses_may_add_signatures_and_do_not_replace_ours() {
    let code = |note: &str| {
        Checkpoint::verify(note, &key().verifier_key()).map_or_else(|bad| bad.code(), |_| "verified")
    };
    let signature_by = |key: &SigningKey, text: &str| {
        let note = note::sign(text, key).unwrap();
        note.rsplit_once("\n\n").unwrap().1.to_owned()
    };
    let text = checkpoint().text().unwrap();
    let witness = SigningKey::from_seed("witness.example", &[6; 32]).unwrap();
    let ours = signature_by(&key(), &text);
    let theirs = signature_by(&witness, "something else\n");
    assert_eq!(code(&format!("{text}\n{theirs}{ours}")), "verified");
    assert_eq!(code(&format!("{text}\n{theirs}")), "checkpoint.not-signed");
    let namesake = SigningKey::from_seed("probity.example/ledger", &[6; 32]).unwrap();
    assert_eq!(code(&format!("{text}\n{}", signature_by(&namesake, &text))), "checkpoint.not-signed");
    let stale = signature_by(&key(), "something else\n");
    assert_eq!(code(&format!("{text}\n{stale}")), "checkpoint.mismatch");
    assert_eq!(
        code(&format!("{text}\n{stale}{ours}")),
        "checkpoint.mismatch",
        "the first by a known key decides"
    );
    assert_eq!(code(&format!("{text}\n{}", ours.repeat(101))), "checkpoint.malformed");
    assert_eq!(code(&format!("{text}\n{ours}\n")), "checkpoint.malformed");
    assert_eq!(code(&format!("{text}{ours}")), "checkpoint.malformed");
    assert_eq!(code(&format!("\t{text}\n{ours}")), "checkpoint.malformed");
}

#[test]
fn a_checkpoint_has_one_spelling() {
    let text = checkpoint().text().unwrap();
    let (start, packets) = text.split_once("packets 2\n").unwrap();
    let (a, b) = packets.split_once('\n').unwrap();
    for (wrong, other) in [
        (7, format!("{start}packets 2\n{b}{a}\n")),
        (7, format!("{start}packets 2\n{a}\n{a}\n")),
        (7, format!("{start}packets 1\n{packets}")),
        (8, format!("{start}packets 3\n{packets}")),
        (5, format!("{start}packets 02\n{packets}")),
        (4, text.replace("registry 2", "registry 02")),
        (4, text.replace("registry 2", "registry none")),
        (3, text.replace(":09Z", ":09.000Z")),
        (2, text.replace("checkpoint 1", "checkpoint 2")),
        (8, text.replace('\n', "\r\n")),
        (8, text.trim_end().to_owned()),
        (8, format!("{text}\n")),
        (1, String::new()),
    ] {
        match Checkpoint::parse(&other) {
            Err(BadCheckpoint::Line { line, .. }) => assert_eq!(line, wrong, "{other}"),
            result => panic!("{other}: {result:?}"),
        }
    }
}

#[test]
fn names_that_would_break_a_line_are_refused() {
    for name in ["", "a b", "a\nb", "é", &"x".repeat(201)] {
        let mut wrong = checkpoint();
        wrong.packets.insert(name.to_owned(), head(1, "x"));
        assert_eq!(wrong.sign(&key()).unwrap_err().code(), "checkpoint.name", "{name:?}");
    }
    for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb"] {
        assert_eq!(SigningKey::from_seed(name, &[5; 32]).unwrap_err().code(), "checkpoint.key-name");
    }
    assert!(!format!("{:?}", key()).contains('5'), "a key does not print itself");
}

#[test]
fn a_verifier_key_is_read_strictly() {
    let good = key().verifier_key().to_string();
    assert_eq!(good.parse(), Ok(key().verifier_key()));
    let (start, base64) = good.rsplit_once('+').unwrap();
    for bad in [
        String::new(),
        format!("x{good}"),
        format!("{good}="),
        good.replace("ledger+", "ledger+f"),
        format!("{start}+A{}", &base64[1..].to_lowercase()),
        format!("{start}+{}", &base64[..base64.len() - 4]),
    ] {
        assert_eq!(bad.parse::<VerifierKey>().unwrap_err().code(), "checkpoint.verifier-key", "{bad}");
    }
}

#[test]
fn chains_that_only_grew_are_as_checkpointed() {
    let same = [(Chain::Registry, 2), (packet("a"), 3), (packet("b"), 12)];
    assert_eq!(checkpoint().against(kept(&same)), []);
    let grown = [(Chain::Registry, 9), (packet("a"), 4), (packet("b"), 13), (packet("c"), 1)];
    assert_eq!(checkpoint().against(kept(&grown)), []);
}

#[test]
fn what_vanished_was_cut_off_or_rewritten_is_told_apart() {
    let shorter = [(Chain::Registry, 2), (packet("b"), 11)];
    let told = checkpoint().against(kept(&shorter));
    let codes: Vec<_> = told.iter().map(|loss| (loss.chain.clone(), loss.code())).collect();
    assert_eq!(codes, [(packet("a"), "checkpoint.vanished"), (packet("b"), "checkpoint.truncated")]);
    assert_eq!(told[1].what, Loss::Truncated { kept: 11 });
    assert_eq!(
        told[1].to_string(),
        "the ledger of packet b is not what was checkpointed at its entry 12: it ends at entry 11"
    );

    let whole = [(Chain::Registry, 2), (packet("a"), 3), (packet("b"), 12)];
    let rewritten = |chain: &Chain, seq: u32| {
        let digest = kept(&whole)(chain, seq)?;
        Some(if *chain == Chain::Registry { Digest::of(b"anew") } else { digest })
    };
    let told = checkpoint().against(rewritten);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].code(), &told[0].chain), ("checkpoint.rewritten", &Chain::Registry));
    assert_eq!(checkpoint().against(|_, _| None).len(), 3);
}

proptest! {
    #[test]
    fn any_checkpoint_reads_back(
        packets in prop::collection::btree_map("[!-~]{1,40}", (1_u32.., any::<[u8; 32]>()), 0..20),
        registry in prop::option::of((1_u32.., any::<[u8; 32]>())),
        micros in 0_i64..4_000_000_000_000_000,
        seed in any::<[u8; 32]>(),
    ) {
        let head = |(seq, digest)| Head { seq, digest: Digest::from_bytes(digest) };
        let checkpoint = Checkpoint {
            origin: "probity.example".to_owned(),
            at: Instant::from_micros(micros).unwrap(),
            registry: registry.map(head),
            packets: packets.into_iter().map(|(packet, it)| (packet, head(it))).collect(),
        };
        let key = SigningKey::from_seed("probity.example", &seed).unwrap();
        let note = checkpoint.sign(&key).unwrap();
        prop_assert_eq!(Checkpoint::verify(&note, &key.verifier_key()), Ok(checkpoint));
    }

    #[test]
    fn no_text_makes_reading_panic(text in "(?s).{0,200}") {
        let _ = Checkpoint::parse(&text);
        prop_assert!(Checkpoint::verify(&text, &key().verifier_key()).is_err());
        prop_assert!(text.parse::<VerifierKey>().is_err());
    }
}

#[test]
fn the_longest_note_is_opened_and_one_byte_more_is_not() {
    let of = |length: usize| note::sign(&format!("{}\n", "x".repeat(length)), &key()).unwrap();
    let around = of(0).len();
    let longest = of(note::MAX_NOTE - around);
    assert_eq!(longest.len(), note::MAX_NOTE);
    assert!(note::open(&longest, &key().verifier_key()).is_ok());
    let longer = of(note::MAX_NOTE - around + 1);
    assert_eq!(note::open(&longer, &key().verifier_key()), Err(BadNote::TooLarge(note::MAX_NOTE + 1)));
}

#[test]
fn a_note_has_a_hundred_signatures_and_not_one_more() {
    let mut signed = checkpoint().sign(&key()).unwrap();
    for _ in 1..note::MAX_SIGNATURES {
        signed.push_str("— witness.example AAAAAAA=\n");
    }
    assert_eq!(Checkpoint::verify(&signed, &key().verifier_key()), Ok(checkpoint()));
    signed.push_str("— witness.example AAAAAAA=\n");
    let refused = Checkpoint::verify(&signed, &key().verifier_key()).unwrap_err();
    assert!(refused.to_string().contains("more than 100"), "{refused}");
}
