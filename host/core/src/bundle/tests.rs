use super::*;
use crate::fixture::{self, told};

#[test]
fn an_honest_bundle_is_verified() {
    assert_eq!(told().entries.len(), 200);
    let trust = crate::trust::Trust::parse(&told().allowed_signers()).unwrap();
    for scope in [Scope::Full, Scope::Minimal] {
        let files = fixture::boxed(scope);
        let verification = verify(&files, Reader::trusting(Some(&trust)));
        for c in &verification.checks {
            println!("{} {} {:?} {}", c.part, c.outcome, c.place, c.found);
        }
        println!("{:?} {:?} {}", verification.verdict, verification.keys, files.len());
    }
}
