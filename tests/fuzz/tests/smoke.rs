//! Every target of `fuzz/`, given its seeds and some thousands of changes of them: the same
//! ones each time. `FUZZ_CASES` says how many of each target, if more are wanted.

#![cfg(test)]

use std::fs;
use std::path::PathBuf;

use lambda_invocation_docs::root;
use lambda_invocation_fuzz::{TARGETS, run};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestError, TestRunner};

/// Changes of seeds that are tried of each target.
const CASES: u32 = 3_000;
/// Bytes of an input at most, as for libFuzzer.
const MAX_LEN: usize = 4_096;

/// The seeds of a target.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = root().join("fuzz/seeds").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no seeds of {target}");
    files
        .iter()
        .map(|file| fs::read(file).expect("a seed"))
        .collect()
}

/// The words that libFuzzer tries, too, in its format: escapes are `\\`, `\"` and `\xAB`.
fn words() -> Vec<Vec<u8>> {
    let text = fs::read_to_string(root().join("fuzz/words.dict")).expect("the words");
    let quoted = text
        .lines()
        .filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    quoted.map(unescaped).collect()
}

fn unescaped(word: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = word.bytes();
    while let Some(byte) = rest.next() {
        let next = match byte {
            b'\\' => rest.next(),
            byte => Some(byte),
        };
        match (byte, next) {
            (b'\\', Some(b'x')) => {
                let digits = [rest.next(), rest.next()].map(|b| char::from(b.expect("two digits")));
                let digits = String::from_iter(digits);
                bytes.push(u8::from_str_radix(&digits, 16).expect("hex digits"));
            }
            (_, next) => bytes.push(next.expect("something after a backslash")),
        }
    }
    bytes
}

/// A change of an input.
#[derive(Debug, Clone)]
enum Change {
    Flip(Index, u8),
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, Index),
    /// Some of the input, once more in another place.
    Copy(Index, Index, Index),
    /// The rest of another seed.
    Splice(Index, Index, Index),
}

fn change(words: Vec<Vec<u8>>) -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        (at(), 0_u8..8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (at(), vec(any::<u8>(), 1..5)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (at(), select(words)).prop_map(|(at, word)| Change::Insert(at, word)),
        (at(), at()).prop_map(|(at, to)| Change::Remove(at, to)),
        (at(), at(), at()).prop_map(|(at, from, to)| Change::Copy(at, from, to)),
        (at(), at(), at()).prop_map(|(at, seed, from)| Change::Splice(at, seed, from)),
    ]
}

fn apply(change: &Change, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    // One more than there are bytes: an end is a place, too.
    let place = |index: &Index, input: &[u8]| index.index(input.len() + 1);
    let range = |a: &Index, b: &Index, input: &[u8]| {
        let (a, b) = (place(a, input), place(b, input));
        a.min(b)..a.max(b)
    };
    match change {
        Change::Flip(at, bit) if !input.is_empty() => {
            let at = at.index(input.len());
            input[at] ^= 1 << bit;
        }
        Change::Set(at, byte) if !input.is_empty() => {
            let at = at.index(input.len());
            input[at] = *byte;
        }
        Change::Flip(..) | Change::Set(..) => {}
        Change::Insert(at, bytes) => {
            let at = place(at, input);
            input.splice(at..at, bytes.iter().copied());
        }
        Change::Remove(at, to) => drop(input.drain(range(at, to, input))),
        Change::Copy(at, from, to) => {
            let copy = input[range(from, to, input)].to_vec();
            let at = place(at, input);
            input.splice(at..at, copy);
        }
        Change::Splice(at, seed, from) => {
            let seed = &seeds[seed.index(seeds.len())];
            input.truncate(place(at, input));
            input.extend_from_slice(&seed[place(from, seed)..]);
        }
    }
    input.truncate(MAX_LEN);
}

fn cases() -> u32 {
    match std::env::var("FUZZ_CASES") {
        Ok(cases) => cases.parse().expect("FUZZ_CASES is a number"),
        Err(_) => CASES,
    }
}

/// Tries a body with changes of seeds; the shortest input that was found to make it fail, and
/// why it does.
fn tried(seeds: &[Vec<u8>], cases: u32, body: impl Fn(&[u8])) -> Result<(), (String, Vec<u8>)> {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let changes = vec(change(words()), 1..8);
    let inputs = (any::<Index>(), changes).prop_map(|(seed, changes)| {
        let mut input = seeds[seed.index(seeds.len())].clone();
        for change in &changes {
            apply(change, &mut input, seeds);
        }
        input
    });
    let random = TestRunner::deterministic().rng().clone();
    let tried = TestRunner::new_with_rng(config, random).run(&inputs, |input| {
        body(&input);
        Ok(())
    });
    match tried {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, input)) => Err((reason.to_string(), input)),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

fn smoke(target: &str) {
    let seeds = seeds(target);
    for seed in &seeds {
        run(target, seed);
    }
    if let Err((reason, input)) = tried(&seeds, cases(), |input| run(target, input)) {
        let text = String::from_utf8_lossy(&input);
        panic!("{reason}\nwith {input:?}\nor {text:?}: put it into fuzz/seeds/{target}/");
    }
}

/// A test for each target, so that they run side by side.
macro_rules! smoke {
    ($($target:ident)+) => {
        $(#[test] fn $target() { smoke(stringify!($target)); })+

        #[test]
        fn every_target_is_here_and_has_its_program() {
            let here = [$(stringify!($target)),+];
            let targets: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(targets, here);
            for name in here {
                let program = root().join(format!("fuzz/fuzz_targets/{name}.rs"));
                let text = fs::read_to_string(&program).unwrap_or_default();
                assert!(text.contains(&format!("run({name:?}, data)")), "{}", program.display());
            }
        }
    };
}

smoke! {
    config credentials endpoint exchange json payload plan profile pulumi_message response
    service_request settings state terraform_message terraform_value
}

/// The control: a fault is found, in a short input.
#[test]
fn a_fault_is_found() {
    let faulty = |input: &[u8]| {
        let found = input.windows(4).any(|word| word == b"null");
        assert!(!found, "a fault");
    };
    let seeds = [b"a seed".to_vec(), b"another".to_vec()];
    let (reason, input) = tried(&seeds, CASES, faulty).expect_err("a fault");
    assert!(reason.contains("a fault"), "{reason}");
    assert!(input.len() < 12, "{input:?}");
}
