//! The attribute `#[probity_sdk::connector]`: it turns an `impl Source` or an `impl Intake` into the
//! exports of a WebAssembly component.
//!
//! The export glue is the only part of a connector that has to be unsafe and exact, so nobody should write it.
//! It exists for `wasm32` alone: on any other target the attribute leaves the impl as it is, which is what lets a
//! connector's logic be tested natively.
//!
//! Deliberately absent: anything an author might want to configure. What a connector is, its manifest says.

mod expand;

use proc_macro::TokenStream;

/// Makes a type that implements [`Source`](../probity_sdk/trait.Source.html) or
/// [`Intake`](../probity_sdk/trait.Intake.html) the connector of its crate.
///
/// Put it on the impl, once per crate:
///
/// ```text
/// #[probity_sdk::connector]
/// impl Source for Tracker { … }
/// ```
#[proc_macro_attribute]
pub fn connector(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand::connector(attribute.into(), item.into()).into()
}
