//! What `wit-bindgen` makes of `wit/v0_1`: the contract as Rust types.
//!
//! The contract's two worlds share the manifest and the doors, and here they share the types of them as well: each part
//! is generated once, and a component exports two of them. [`describing`] is in every component; this module itself
//! is the rest of the world `connector`, [`filing`] the rest of `intake-connector`. What a component says of itself
//! is the union of its parts, which is the world of the contract: the host reads nothing else.
//!
//! Everything an author needs is exported again from the crate's root under the product's names, with
//! constructors; this module is public only because the export glue of a component is written in the component's
//! own crate. On targets other than `wasm32` the types are the same and the imported functions cannot be called,
//! which is why connectors reach the doors through [`Doors`](crate::doors::Doors) alone.

#![expect(missing_docs, reason = "generated; the documentation of the types comes from the WIT files")]

wit_bindgen::generate!({
    path: "../wit/v0_1",
    inline: "
        package probity:parts;
        world reading {
            import probity:connector/http@0.1.0;
            import probity:connector/files@0.1.0;
            import probity:connector/log@0.1.0;
            export probity:connector/source@0.1.0;
        }
    ",
    world: "probity:parts/reading",
    generate_all,
    additional_derives: [PartialEq],
    pub_export_macro: true,
    export_macro_name: "export_source",
    default_bindings_module: "probity_sdk::bindings",
});

pub mod describing {
    wit_bindgen::generate!({
        path: "../wit/v0_1",
        inline: "
            package probity:parts;
            world describing {
                export probity:connector/manifest@0.1.0;
            }
        ",
        world: "probity:parts/describing",
        generate_all,
        additional_derives: [PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_manifest",
        default_bindings_module: "probity_sdk::bindings::describing",
    });
}

pub mod filing {
    wit_bindgen::generate!({
        path: "../wit/v0_1",
        inline: "
            package probity:parts;
            world filing {
                import probity:connector/http@0.1.0;
                import probity:connector/log@0.1.0;
                export probity:connector/intake@0.1.0;
            }
        ",
        world: "probity:parts/filing",
        additional_derives: [PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_intake",
        default_bindings_module: "probity_sdk::bindings::filing",
        with: {
            "probity:connector/types@0.1.0": crate::bindings::probity::connector::types,
            "probity:connector/schema@0.1.0": crate::bindings::probity::connector::schema,
            "probity:connector/http@0.1.0": crate::bindings::probity::connector::http,
            "probity:connector/log@0.1.0": crate::bindings::probity::connector::log,
        },
    });
}
