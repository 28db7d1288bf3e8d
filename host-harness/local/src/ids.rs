//! Ids that differ from one another, for requests and traces. They need not be
//! secret.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// A source of ids, different in every process.
#[derive(Default)]
pub(super) struct Ids {
    keys: RandomState,
    count: AtomicU64,
}

impl Ids {
    /// A UUID, version 4 in form.
    pub(super) fn request_id(&self) -> String {
        let bits = self.bits();
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            bits >> 96,
            bits >> 80 & 0xffff,
            bits >> 64 & 0x0fff,
            bits >> 48 & 0x3fff | 0x8000,
            bits & 0xffff_ffff_ffff
        )
    }

    /// An X-Ray trace that is not sampled; `now` in seconds since 1970.
    pub(super) fn trace_id(&self, now: i64) -> String {
        let root = self.bits() >> 32;
        format!("Root=1-{:08x}-{root:024x};Sampled=0", now & 0xffff_ffff)
    }

    fn bits(&self) -> u128 {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let half = |part: u8| u128::from(self.keys.hash_one((count, part)));
        half(0) << 64 | half(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_are_uuids_and_differ() {
        let ids = Ids::default();
        let (a, b) = (ids.request_id(), ids.request_id());
        assert_ne!(a, b);
        for id in [a, b] {
            let groups: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
            assert_eq!(&id[14..15], "4", "{id}");
            assert!("89ab".contains(&id[19..20]), "{id}");
        }
    }

    #[test]
    fn trace_ids_have_the_form_of_x_ray() {
        let id = Ids::default().trace_id(0x5759_e988);
        assert!(id.starts_with("Root=1-5759e988-"), "{id}");
        assert_eq!(
            id.len(),
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".len()
        );
    }
}
