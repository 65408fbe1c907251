//! What `wit-bindgen` makes of `wit/v0_1`, world `connector`: the contract as Rust types.
//!
//! Everything an author needs is exported again from the crate's root under the product's names, with
//! constructors; this module is public only because the export glue of a component is written in the component's
//! own crate. On targets other than `wasm32` the types are the same and the imported functions cannot be called,
//! which is why connectors reach the doors through [`Doors`](crate::doors::Doors) alone.

#![expect(missing_docs, reason = "generated; the documentation of the types comes from the WIT files")]

wit_bindgen::generate!({
    path: "../wit/v0_1",
    world: "connector",
    additional_derives: [PartialEq],
    pub_export_macro: true,
    export_macro_name: "export",
    default_bindings_module: "probity_sdk::bindings",
});
