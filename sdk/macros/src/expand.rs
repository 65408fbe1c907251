//! What the attribute checks and writes, on `proc_macro2` tokens so that tests can look at it.
//!
//! A mistake is answered with the item itself and one error at the place of the mistake, so that the author
//! does not also read about a trait that suddenly is not implemented.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned as _;
use syn::{Error, ImplItem, Item, ItemImpl};

/// What `Source` asks for, so that what is missing can be named at once.
const MEMBERS: [&str; 4] = ["Config", "manifest", "check", "collect"];

pub(crate) fn connector(attribute: TokenStream, item: TokenStream) -> TokenStream {
    match checked(&attribute, item.clone()) {
        Ok(source) => {
            let exports = exports(&source.self_ty);
            quote! { #source #exports }
        }
        Err(error) => {
            let error = error.to_compile_error();
            quote! { #item #error }
        }
    }
}

fn checked(attribute: &TokenStream, item: TokenStream) -> Result<ItemImpl, Error> {
    if !attribute.is_empty() {
        return Err(Error::new(
            attribute.span(),
            "`#[probity_sdk::connector]` takes no arguments: what the connector is called and reads stands in `fn manifest()`",
        ));
    }
    let source = match syn::parse2::<Item>(item)? {
        Item::Impl(source) => source,
        other => {
            return Err(Error::new(
                other.span(),
                "`#[probity_sdk::connector]` goes on `impl Source for YourType`, not on the type itself",
            ));
        }
    };
    let names_source = source
        .trait_
        .as_ref()
        .is_some_and(|(_, path, _)| path.segments.last().is_some_and(|last| last.ident == "Source"));
    if !names_source {
        return Err(Error::new(
            source.self_ty.span(),
            "`#[probity_sdk::connector]` goes on an impl of the trait `probity_sdk::Source`",
        ));
    }
    if !source.generics.params.is_empty() {
        return Err(Error::new(
            source.generics.span(),
            "a connector is one concrete type: the component's exports cannot be generic",
        ));
    }
    complete(&source)?;
    Ok(source)
}

/// One error that names all that is missing, rather than one for each.
fn complete(source: &ItemImpl) -> Result<(), Error> {
    let written: Vec<String> = source
        .items
        .iter()
        .filter_map(|item| match item {
            ImplItem::Fn(function) => Some(function.sig.ident.to_string()),
            ImplItem::Type(alias) => Some(alias.ident.to_string()),
            _ => None,
        })
        .collect();
    let missing: Vec<String> = MEMBERS
        .iter()
        .filter(|member| !written.iter().any(|name| name == *member))
        .map(|member| if *member == "Config" { "`type Config`".into() } else { format!("`fn {member}`") })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::new(source.self_ty.span(), format!("this connector lacks {}", missing.join(", "))))
}

fn exports(connector: &syn::Type) -> TokenStream {
    quote! {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use ::probity_sdk::bindings::exports::probity::connector::{manifest, source};

            struct Exports;

            impl manifest::Guest for Exports {
                fn describe() -> manifest::Manifest {
                    ::probity_sdk::glue::describe::<#connector>()
                }
            }

            impl source::Guest for Exports {
                fn check(config: ::std::string::String)
                    -> ::core::result::Result<::std::vec::Vec<::std::string::String>, source::Failure>
                {
                    ::probity_sdk::glue::check::<#connector>(&config, ::probity_sdk::glue::host_doors())
                }

                fn collect(
                    config: ::std::string::String,
                    feed: ::std::string::String,
                    cursor: ::core::option::Option<source::Cursor>,
                ) -> ::core::result::Result<source::Page, source::Failure> {
                    ::probity_sdk::glue::collect::<#connector>(
                        &config, &feed, cursor.as_deref(), ::probity_sdk::glue::host_doors(),
                    )
                }
            }

            ::probity_sdk::bindings::export!(Exports with_types_in ::probity_sdk::bindings);
        };
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::connector;

    fn whole() -> proc_macro2::TokenStream {
        quote! {
            impl Source for Tracker {
                type Config = Config;
                fn manifest() -> Manifest { todo!() }
                fn check(cx: &Context<Config>) -> Result<Vec<String>> { todo!() }
                fn collect(cx: &Context<Config>, stream: &str, cursor: Option<&str>) -> Result<Page> { todo!() }
            }
        }
    }

    /// The message of the only `compile_error!` in an expansion.
    fn complaint(attribute: proc_macro2::TokenStream, item: proc_macro2::TokenStream) -> String {
        let text = connector(attribute, item).to_string();
        assert_eq!(text.matches("compile_error").count(), 1, "{text}");
        text.split("compile_error").nth(1).unwrap_or_default().to_owned()
    }

    #[test]
    fn an_impl_of_source_gets_both_exports_and_only_on_wasm() {
        let text = connector(quote!(), whole()).to_string();
        assert!(!text.contains("compile_error"), "{text}");
        let (_, exports) = text.split_once("# [cfg (target_arch = \"wasm32\")]").unwrap();
        for name in ["manifest :: Guest", "source :: Guest", "bindings :: export !"] {
            assert!(exports.contains(name), "{name} is missing in {exports}");
        }
    }

    #[test]
    fn what_is_missing_is_named_in_one_error() {
        let text =
            complaint(quote!(), quote! { impl Source for Tracker { fn manifest() -> Manifest { todo!() } } });
        assert!(text.contains("`type Config`, `fn check`, `fn collect`"), "{text}");
    }

    #[test]
    fn misplaced_attributes_say_where_they_belong() {
        assert!(complaint(quote!(), quote! { struct Tracker; }).contains("not on the type itself"));
        assert!(complaint(quote!(), quote! { impl Tracker {} }).contains("trait `probity_sdk::Source`"));
        assert!(complaint(quote!(name = "x"), whole()).contains("takes no arguments"));
        let generic = quote! { impl<T> Source for Tracker<T> {} };
        assert!(complaint(quote!(), generic).contains("one concrete type"));
    }

    #[test]
    fn a_mistake_keeps_the_item() {
        let text = connector(quote!(name = "x"), whole()).to_string();
        assert!(text.contains("impl Source for Tracker"), "{text}");
    }
}
