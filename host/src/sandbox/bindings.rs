//! Generated from `wit/v0_1`: the contract as wasmtime sees it. Nothing of it is written by hand; the
//! conversions to the values of core are in [`super::convert`].

wasmtime::component::bindgen!({
    path: "../wit/v0_1",
    world: "probity:connector/connector",
    imports: {
        "probity:connector/log.emit": trappable,
        default: async | trappable,
    },
    exports: { default: async },
    require_store_data_send: true,
});

// These two only hold types.
impl probity::connector::types::Host for super::state::Guest {}
impl probity::connector::schema::Host for super::state::Guest {}
