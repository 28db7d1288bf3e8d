//! Components made for a test: world `plugin`, with bodies of the test's own.

#![allow(dead_code, reason = "no test uses all of it")]

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve, WorldId};

/// A component all of whose functions, the allocator included, do this; `fields` are
/// further parts of the module, such as globals. `$random` is the host's `get-random-u64`.
pub fn component(body: &str, fields: &str) -> Vec<u8> {
    let (resolve, world, text) = trapping();
    let text = text.replace("unreachable", body);
    let text = named(text, "get-random-u64", "$random");
    encoded(&resolve, world, &text, fields)
}

/// A component of whose functions those do something: `bodies` by the ends of their names as
/// exports of the module, with `imports` called as is said there. The others trap.
pub fn special(bodies: &[(&str, &str)], imports: &[(&str, &str)], fields: &str) -> Vec<u8> {
    let (resolve, world, mut text) = trapping();
    for (export, body) in bodies {
        let reference = format!("{export}\" (func ");
        let (_, after) = text.split_once(&reference).expect(export);
        let (number, _) = after.split_once(')').unwrap();
        let function = text.find(&format!("(func (;{number};)")).expect(export);
        let trap = function + text[function..].find("unreachable").expect(export);
        text.replace_range(trap..trap + "unreachable".len(), body);
    }
    for (import, name) in imports {
        text = named(text, import, name);
    }
    encoded(&resolve, world, &text, fields)
}

/// The module of the world all of whose functions trap.
fn trapping() -> (Resolve, WorldId, String) {
    let mut resolve = Resolve::default();
    let wit = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit");
    let (package, _) = resolve.push_path(wit).unwrap();
    let world = resolve.select_world(&[package], Some("plugin")).unwrap();
    let module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    let text = wasmprinter::print_bytes(module).unwrap();
    assert!(text.contains("unreachable"));
    (resolve, world, text)
}

/// The module with a name for an import.
fn named(text: String, import: &str, name: &str) -> String {
    let unnamed = format!("\"{import}\" (func ");
    assert!(text.contains(&unnamed), "{import}");
    text.replace(&unnamed, &format!("{unnamed}{name} "))
}

fn encoded(resolve: &Resolve, world: WorldId, text: &str, fields: &str) -> Vec<u8> {
    let text = format!("{} {fields})", text.trim_end().strip_suffix(')').unwrap());
    let mut module = wat::parse_str(text).unwrap();
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default()
        .module(&module)
        .unwrap()
        .validate(true)
        .encode()
        .unwrap()
}
