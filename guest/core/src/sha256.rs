//! SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), around the compression function of
//! `sha2`.
//!
//! Most messages of a signature are shorter than a block. For those, the buffers and arrays
//! of generic length that come with that crate cost as much as the compression itself, and
//! every message here lies in one piece.

use std::hint::black_box;

use sha2::block_api::compress256;

const BLOCK: usize = 64;
/// Bytes of a block's end that hold the length of the message.
const LENGTH: usize = 8;

/// The initial hash value: FIPS 180-4, section 5.3.3.
const INITIAL: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

type State = [u32; 8];

/// A hash, or an authentication code.
pub(crate) type Digest = [u8; 32];

/// The hash of a message.
pub(crate) fn digest(message: &[u8]) -> Digest {
    finish(INITIAL, 0, message)
}

/// The authentication code of a message.
pub(crate) fn hmac(key: &[u8], message: &[u8]) -> Digest {
    let mut block = [0; BLOCK];
    match block.get_mut(..key.len()) {
        Some(to) => to.copy_from_slice(key),
        None => {
            if let Some(to) = block.first_chunk_mut() {
                *to = digest(key);
            }
        }
    }
    let inner = finish(after_key(&block, 0x36), BLOCK, message);
    let outer = after_key(&block, 0x5c);
    wipe(&mut block);
    finish(outer, BLOCK, &inner)
}

/// The state after the first block of a keyed hash.
fn after_key(key: &[u8; BLOCK], pad: u8) -> State {
    const WORD: usize = size_of::<u64>();
    let mut state = INITIAL;
    // In the form that is passed on: a copy would not be wiped.
    let mut blocks = [*key];
    let (words, _) = blocks.as_flattened_mut().as_chunks_mut::<WORD>();
    let pad = u64::from_ne_bytes([pad; WORD]);
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ pad).to_ne_bytes();
    }
    compress256(&mut state, &blocks);
    let [block] = &mut blocks;
    wipe(block);
    state
}

/// Hashes the rest of a message of which `before` bytes, whole blocks, are in `state`.
fn finish(mut state: State, before: usize, message: &[u8]) -> Digest {
    let (blocks, rest) = message.as_chunks::<BLOCK>();
    compress256(&mut state, blocks);
    let mut last = [0; BLOCK];
    // `rest` is shorter than a block.
    if let Some(to) = last.get_mut(..rest.len()) {
        to.copy_from_slice(rest);
    }
    if let Some(end) = last.get_mut(rest.len()) {
        *end = 0x80;
    }
    if rest.len() >= BLOCK - LENGTH {
        compress256(&mut state, &[last]);
        last = [0; BLOCK];
    }
    let bytes = before.saturating_add(message.len());
    if let Some(length) = last.last_chunk_mut() {
        *length = u64::try_from(bytes)
            .unwrap_or(u64::MAX)
            .wrapping_mul(8)
            .to_be_bytes();
    }
    compress256(&mut state, &[last]);
    wipe(&mut last);

    let mut out = [0; 32];
    let (words, _) = out.as_chunks_mut();
    for (to, word) in words.iter_mut().zip(state) {
        *to = word.to_be_bytes();
    }
    out
}

/// Overwrites what a key or a message went through: all at once, as a call wipes some fifty
/// blocks. Byte by byte, as `zeroize` does, it takes a third of the time of hashing them.
fn wipe(block: &mut [u8; BLOCK]) {
    *block = [0; BLOCK];
    // Keeps the write, which nothing reads.
    black_box(block);
}

#[cfg(test)]
mod tests {
    use hmac::{KeyInit as _, Mac as _};
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::hex;

    #[test]
    fn hashes_are_those_of_the_standard() {
        // NIST, "SHA-256 examples"; the empty message is from the CAVP vectors.
        for (message, hash) in [
            (
                "",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                "abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ] {
            assert_eq!(hex::encode(&digest(message.as_bytes())), hash, "{message}");
        }
    }

    #[test]
    fn codes_are_those_of_rfc_4231() {
        // Test cases 1, 2 and 6: a short key, a shorter one, and one longer than a block.
        let cases: [(&[u8], &str, &str); 3] = [
            (
                &[0x0b; 20],
                "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 131],
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, message, code) in cases {
            assert_eq!(
                hex::encode(&hmac(key, message.as_bytes())),
                code,
                "{message}"
            );
        }
    }

    #[test]
    fn every_length_about_the_ends_of_blocks_is_padded_right() {
        let message = [0x5a; 4 * BLOCK];
        for length in 0..message.len() {
            let message = &message[..length];
            assert_eq!(
                digest(message),
                <Digest>::from(Sha256::digest(message)),
                "{length}"
            );
        }
    }

    proptest! {
        #[test]
        fn codes_are_those_of_the_hmac_crate(
            key in proptest::collection::vec(any::<u8>(), 0..200),
            message in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut expected = hmac::Hmac::<Sha256>::new_from_slice(&key).unwrap();
            expected.update(&message);
            let expected: Digest = expected.finalize().into_bytes().into();
            prop_assert_eq!(super::hmac(&key, &message), expected);
        }
    }
}
