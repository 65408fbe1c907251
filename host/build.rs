//! Puts the bundled connectors into the binary.
//!
//! They are built before the host, for another target (`make connectors`), into `<target folder>/connectors`. Building
//! them from here would hide a second build with its own rules inside this one; instead a missing component
//! stops the build and says what to do.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The connectors every binary carries.
const BUNDLED: &[&str] = &["defectdojo", "request-tracker", "standards"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let folder = target_folder(&out).join("connectors");
    let mut source = String::from("const BUNDLED: &[Bundled] = &[\n");
    for name in BUNDLED {
        let file = folder.join(format!("{name}.wasm"));
        println!("cargo::rerun-if-changed={}", file.display());
        if !file.is_file() {
            println!(
                "cargo::error=the connector {} is not built; run `make connectors` first",
                file.display()
            );
        }
        let _ = writeln!(
            source,
            "    Bundled {{ name: {name:?}, bytes: include_bytes!({:?}) }},",
            file.display()
        );
    }
    source.push_str("];\n");
    std::fs::write(out.join("bundled.rs"), source).expect("OUT_DIR is writable");
}

/// `<target>/<profile>/build/<package>/out` → `<target>`.
fn target_folder(out: &Path) -> &Path {
    out.ancestors().nth(4).expect("OUT_DIR lies four folders below the target folder")
}
