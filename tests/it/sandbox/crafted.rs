//! Components made from WebAssembly text: what Rust cannot be brought to do.
//!
//! A core module that follows the canonical ABI by hand is wrapped into a component of our world. It describes
//! itself honestly from data laid out here, and does in `collect` whatever the test writes.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The parts of a module in which tests differ.
#[derive(Default)]
pub struct Crafted<'a> {
    /// Core imports, by the names of the interfaces in [`WORLD`].
    pub imports: &'a str,
    /// Further definitions.
    pub parts: &'a str,
    /// The body of `collect`; it may `(return (call $page))`.
    pub collect: &'a str,
}

/// A guest with this body of `collect`.
pub fn collecting(body: &str) -> Crafted<'_> {
    Crafted { collect: body, ..Crafted::default() }
}

/// What may be imported; only what is used ends up in the component.
const WORLD: &str = "
    package test:crafted;
    world crafted {
        include probity:connector/connector@0.1.0;
        import wasi:cli/stdout@0.2.0;
        import wasi:random/random@0.2.0;
    }
    package wasi:io@0.2.0 { interface streams { resource output-stream; } }
    package wasi:cli@0.2.0 {
        interface stdout { use wasi:io/streams@0.2.0.{output-stream}; get-stdout: func() -> output-stream; }
    }
    package wasi:random@0.2.0 {
        interface random {
            get-random-bytes: func(len: u64) -> list<u8>;
            get-random-u64: func() -> u64;
            get-better: func() -> u64;
        }
    }";

impl Crafted<'_> {
    /// The component.
    pub fn component(&self) -> Vec<u8> {
        let mut module = wat::parse_str(self.module()).unwrap();
        let mut resolve = Resolve::default();
        resolve.push_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../wit/v0_1")).unwrap();
        let package = resolve.push_str("crafted.wit", WORLD).unwrap();
        let world = resolve.select_world(&[package], Some("crafted")).unwrap();
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
        ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
    }

    fn module(&self) -> String {
        let Self { imports, parts, collect } = self;
        let (manifest, data) = manifest();
        format!(
            r#"(module
                {imports}
                (memory $main (export "memory") 1)
                {parts}
                (data (memory $main) (i32.const {BASE}) "{data}")
                ;; ok(page): no items, `done(none)`, no gaps.
                (data (memory $main) (i32.const 524) "\01")
                (func $page (result i32) (i32.const 512))
                (global $free (mut i32) (i32.const 8192))
                (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
                  (global.get $free)
                  (global.set $free (i32.and (i32.add (global.get $free) (i32.add (local.get $size) (i32.const 15)))
                                             (i32.const -16))))
                (func (export "probity:connector/manifest@0.1.0#describe") (result i32) (i32.const {manifest}))
                (func (export "probity:connector/source@0.1.0#check") (param i32 i32) (result i32) unreachable)
                (func (export "probity:connector/source@0.1.0#collect")
                  (param i32 i32 i32 i32 i32 i32 i32) (result i32)
                  {collect}))"#
        )
    }
}

/// Where the manifest's data begins in memory.
const BASE: u32 = 1024;

/// A manifest as it lies in memory: its address, and the data as a WAT string.
fn manifest() -> (u32, String) {
    let mut layout = Layout::default();
    let kinds = layout.place(&[0]);
    let feed = [layout.text("findings"), layout.text("Nothing at all."), [kinds, 1], [0, 0]].concat();
    let feed = layout.words(&feed[..7]);
    let anonymous = layout.words(&[0; 5]);
    let record = [
        layout.text("crafted"),
        layout.text("0.1.0"),
        layout.text("Crafted"),
        layout.text("Made of text."),
        layout.text(r#"{"type": "object"}"#),
        [anonymous, 1],
        [0, 0],
        [0, 0],
        [feed, 1],
    ];
    let at = layout.words(&record.concat());
    (at, layout.bytes.iter().map(|byte| format!("\\{byte:02x}")).collect())
}

#[derive(Default)]
struct Layout {
    bytes: Vec<u8>,
}

impl Layout {
    fn place(&mut self, bytes: &[u8]) -> u32 {
        let at = self.bytes.len().next_multiple_of(4);
        self.bytes.resize(at, 0);
        self.bytes.extend_from_slice(bytes);
        BASE + u32::try_from(at).unwrap()
    }

    fn words(&mut self, words: &[u32]) -> u32 {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.place(&bytes)
    }

    fn text(&mut self, text: &str) -> [u32; 2] {
        [self.place(text.as_bytes()), u32::try_from(text.len()).unwrap()]
    }
}
