//! What the attribute checks and writes, on `proc_macro2` tokens so that tests can look at it.
//!
//! A mistake is answered with the item itself and one error at the place of the mistake, so that the author
//! does not also read about a trait that suddenly is not implemented.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned as _;
use syn::{Error, ImplItem, Item, ItemImpl};

/// Which of the contract's two worlds a connector is of.
#[derive(Clone, Copy)]
enum World {
    Source,
    Intake,
}

impl World {
    /// What the trait asks for, so that what is missing can be named at once.
    const fn members(self) -> &'static [&'static str] {
        match self {
            Self::Source => &["Config", "manifest", "check", "collect"],
            Self::Intake => &["Config", "manifest", "check", "submit", "status"],
        }
    }
}

pub(crate) fn connector(attribute: TokenStream, item: TokenStream) -> TokenStream {
    match checked(&attribute, item.clone()) {
        Ok((World::Source, connector)) => {
            let exports = reading(&connector.self_ty);
            quote! { #connector #exports }
        }
        Ok((World::Intake, connector)) => {
            let exports = filing(&connector.self_ty);
            quote! { #connector #exports }
        }
        Err(error) => {
            let error = error.to_compile_error();
            quote! { #item #error }
        }
    }
}

fn checked(attribute: &TokenStream, item: TokenStream) -> Result<(World, ItemImpl), Error> {
    if !attribute.is_empty() {
        return Err(Error::new(
            attribute.span(),
            "`#[probity_sdk::connector]` takes no arguments: what the connector is called and reads stands in `fn manifest()`",
        ));
    }
    let connector = match syn::parse2::<Item>(item)? {
        Item::Impl(connector) => connector,
        other => {
            return Err(Error::new(
                other.span(),
                "`#[probity_sdk::connector]` goes on `impl Source for YourType` or `impl Intake for YourType`, not on the type itself",
            ));
        }
    };
    let named = connector.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
    let world = match named.map(|last| last.ident.to_string()).as_deref() {
        Some("Source") => World::Source,
        Some("Intake") => World::Intake,
        _ => {
            return Err(Error::new(
                connector.self_ty.span(),
                "`#[probity_sdk::connector]` goes on an impl of the trait `probity_sdk::Source`, or of `probity_sdk::Intake`",
            ));
        }
    };
    if !connector.generics.params.is_empty() {
        return Err(Error::new(
            connector.generics.span(),
            "a connector is one concrete type: the component's exports cannot be generic",
        ));
    }
    complete(world, &connector)?;
    Ok((world, connector))
}

/// One error that names all that is missing, rather than one for each.
fn complete(world: World, connector: &ItemImpl) -> Result<(), Error> {
    let written: Vec<String> = connector
        .items
        .iter()
        .filter_map(|item| match item {
            ImplItem::Fn(function) => Some(function.sig.ident.to_string()),
            ImplItem::Type(alias) => Some(alias.ident.to_string()),
            _ => None,
        })
        .collect();
    let missing: Vec<String> = world
        .members()
        .iter()
        .filter(|member| !written.iter().any(|name| name == *member))
        .map(|member| if *member == "Config" { "`type Config`".into() } else { format!("`fn {member}`") })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::new(connector.self_ty.span(), format!("this connector lacks {}", missing.join(", "))))
}

/// The export of the manifest, which both worlds have.
fn describing(describe: &TokenStream) -> TokenStream {
    quote! {
        struct Exports;

        impl ::probity_sdk::bindings::describing::exports::probity::connector::manifest::Guest for Exports {
            fn describe() -> ::probity_sdk::Manifest {
                #describe
            }
        }

        ::probity_sdk::bindings::describing::export_manifest!(
            Exports with_types_in ::probity_sdk::bindings::describing
        );
    }
}

fn reading(connector: &syn::Type) -> TokenStream {
    let describing = describing(&quote! { ::probity_sdk::glue::describe::<#connector>() });
    quote! {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use ::probity_sdk::bindings::exports::probity::connector::source;

            #describing

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

            ::probity_sdk::bindings::export_source!(Exports with_types_in ::probity_sdk::bindings);
        };
    }
}

fn filing(connector: &syn::Type) -> TokenStream {
    let describing = describing(&quote! { ::probity_sdk::glue::filing::describe::<#connector>() });
    quote! {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use ::probity_sdk::bindings::filing::exports::probity::connector::intake;
            use ::probity_sdk::glue::filing;

            #describing

            impl intake::Guest for Exports {
                fn check(config: ::std::string::String)
                    -> ::core::result::Result<::std::vec::Vec<::std::string::String>, intake::Failure>
                {
                    filing::check::<#connector>(&config, filing::host_doors())
                }

                fn submit(
                    config: ::std::string::String,
                    submission: intake::Submission,
                ) -> ::core::result::Result<intake::Receipt, intake::Failure> {
                    filing::submit::<#connector>(&config, &submission, filing::host_doors())
                }

                fn status(
                    config: ::std::string::String,
                    reference: ::std::string::String,
                ) -> ::core::result::Result<intake::Disposition, intake::Failure> {
                    filing::status::<#connector>(&config, &reference, filing::host_doors())
                }
            }

            ::probity_sdk::bindings::filing::export_intake!(Exports with_types_in ::probity_sdk::bindings::filing);
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
        for name in ["manifest :: Guest", "source :: Guest", "export_manifest !", "export_source !"] {
            assert!(exports.contains(name), "{name} is missing in {exports}");
        }
        assert!(!exports.contains("intake"), "{exports}");
    }

    #[test]
    fn an_impl_of_intake_gets_the_exports_of_the_other_world() {
        let item = quote! {
            impl probity_sdk::Intake for Desk {
                type Config = Config;
                fn manifest() -> IntakeManifest { todo!() }
                fn check(cx: &Context<Config>) -> Result<Vec<String>> { todo!() }
                fn submit(cx: &Context<Config>, submission: &Submission) -> Result<Receipt> { todo!() }
                fn status(cx: &Context<Config>, reference: &str) -> Result<Disposition> { todo!() }
            }
        };
        let text = connector(quote!(), item).to_string();
        assert!(!text.contains("compile_error"), "{text}");
        let (_, exports) = text.split_once("# [cfg (target_arch = \"wasm32\")]").unwrap();
        for name in ["manifest :: Guest", "intake :: Guest", "export_manifest !", "export_intake !"] {
            assert!(exports.contains(name), "{name} is missing in {exports}");
        }
        assert!(!exports.contains("source"), "{exports}");
    }

    #[test]
    fn what_is_missing_is_named_in_one_error() {
        let text =
            complaint(quote!(), quote! { impl Source for Tracker { fn manifest() -> Manifest { todo!() } } });
        assert!(text.contains("`type Config`, `fn check`, `fn collect`"), "{text}");
        let text = complaint(quote!(), quote! { impl Intake for Desk { type Config = Config; } });
        assert!(text.contains("`fn manifest`, `fn check`, `fn submit`, `fn status`"), "{text}");
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
