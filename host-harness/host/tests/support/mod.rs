//! Components made for a test: world `plugin` with one body for every function.

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

/// A component all of whose functions, the allocator included, do this; `fields` are
/// further parts of the module, such as globals. `$random` is the host's `get-random-u64`.
pub fn component(body: &str, fields: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let wit = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit");
    let (package, _) = resolve.push_path(wit).unwrap();
    let world = resolve.select_world(&[package], Some("plugin")).unwrap();
    let trapping = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    let text = wasmprinter::print_bytes(trapping).unwrap();
    assert!(text.contains("unreachable"));
    let text = text.replace("unreachable", body).replace(
        "\"get-random-u64\" (func ",
        "\"get-random-u64\" (func $random ",
    );
    let text = format!("{} {fields})", text.trim_end().strip_suffix(')').unwrap());
    let mut module = wat::parse_str(text).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default()
        .module(&module)
        .unwrap()
        .validate(true)
        .encode()
        .unwrap()
}
