//! Memory that forgets.
//!
//! `ephemeral.open` promises that nothing of the payload, the answer or the
//! credentials stays in the component's memory. Wiping each buffer by hand would miss
//! the copies made on the way (parsers, reallocations, what the host lowered), so the
//! allocator wipes whatever is freed, from the first `open` of an instance on. Until
//! then it costs one test of a flag; after, 4 % of a call with 100 bytes over loopback
//! (`host-harness/host/examples/wipe_cost.rs`).
//!
//! The answer itself is freed, and so wiped, when the host has read it and calls the
//! post-return function.

use std::alloc::{GlobalAlloc, Layout};
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

use dlmalloc::GlobalDlmalloc;

static WIPING: AtomicBool = AtomicBool::new(false);

/// Has the allocator wipe memory as it is freed.
pub(crate) fn everything_freed_from_now_on() {
    WIPING.store(true, Ordering::Relaxed);
}

/// Overwrites the part of the stack that calls below this one's caller have used.
/// Signing and parsing hold pieces of the payload there.
#[inline(never)]
pub(crate) fn stack() {
    const DEEPEST: usize = 64 * 1024;
    let mut below = [0_u8; DEEPEST];
    black_box(&mut below);
}

#[cfg_attr(
    not(target_family = "wasm"),
    expect(dead_code, reason = "natively the crate is only checked")
)]
struct Wiping;

#[global_allocator]
#[cfg(target_family = "wasm")]
static ALLOCATOR: Wiping = Wiping;

#[expect(
    unsafe_code,
    reason = "an allocator is an unsafe trait; it adds only writes to memory that it owns"
)]
// SAFETY: every block comes from the allocator and goes back to it with its own layout.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those the allocator asks for.
        unsafe { GlobalDlmalloc.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { GlobalDlmalloc.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if WIPING.load(Ordering::Relaxed) {
            // SAFETY: the block is ours until the allocator has it back, and this long.
            unsafe { block.write_bytes(0, layout.size()) };
            // Keeps the write, which nothing reads.
            black_box(block);
        }
        // SAFETY: as above.
        unsafe { GlobalDlmalloc.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if !WIPING.load(Ordering::Relaxed) {
            // SAFETY: as above.
            return unsafe { GlobalDlmalloc.realloc(block, layout, new_size) };
        }
        // the allocator may move the block and leave its old place as it was.
        // SAFETY: the caller promises that `new_size` makes a valid layout.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: as above; `new_size` is not zero.
        let moved = unsafe { self.alloc(new_layout) };
        if !moved.is_null() {
            // SAFETY: both blocks are at least this long, and distinct.
            unsafe { block.copy_to_nonoverlapping(moved, layout.size().min(new_size)) };
            // SAFETY: as above.
            unsafe { self.dealloc(block, layout) };
        }
        moved
    }
}
