//! Generated from `wit/v0_1`: the contract as wasmtime sees it. Nothing of it is written by hand; the
//! conversions to the values of core are in [`super::convert`].
//!
//! Both worlds are generated as one, so that what they share (the manifest, the doors) is one set of types. No
//! component is held against this union: [`super::imports`] checks each against its own world, and [`super::link`] offers
//! it that world's doors.

wasmtime::component::bindgen!({
    path: "../wit/v0_1",
    inline: "
        package probity:hosted;

        world both {
            include probity:connector/connector@0.1.0;
            include probity:connector/intake-connector@0.1.0;
        }
    ",
    world: "probity:hosted/both",
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
