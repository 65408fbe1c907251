//! wit-bindgen makes Rust of both worlds, and what it makes compiles: these modules are the test.

mod source {
    wit_bindgen::generate!({ path: "../wit/v0_1", world: "connector" });
}

mod intake {
    wit_bindgen::generate!({ path: "../wit/v0_1", world: "intake-connector" });
}

/// A connector as somebody without the SDK would write it.
struct ByHand;

impl source::exports::probity::connector::manifest::Guest for ByHand {
    fn describe() -> source::exports::probity::connector::manifest::Manifest {
        source::exports::probity::connector::manifest::Manifest {
            name: "by-hand".to_owned(),
            version: "1.0.0".to_owned(),
            title: "By hand".to_owned(),
            summary: "Nothing.".to_owned(),
            config_schema: "{}".to_owned(),
            auth: vec![],
            endpoints: vec![],
            mounts: vec![],
            feeds: vec![],
        }
    }
}

#[test]
fn the_generated_traits_can_be_implemented() {
    use source::exports::probity::connector::manifest::Guest;
    assert_eq!(ByHand::describe().name, "by-hand");
    // The types of the two worlds are the same shapes under different paths.
    let receipt = intake::exports::probity::connector::intake::Receipt {
        reference: "CR-1".to_owned(),
        url: None,
        received_at: None,
        existed: true,
    };
    assert!(receipt.existed);
}
