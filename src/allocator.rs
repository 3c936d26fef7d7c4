//! The component's memory: a bump allocator that frees nothing, for an instance lives for one call, and its memory goes
//! with it. The standard allocator would make up an eighth of the component, and so would all that frees.
//!
//! What was allocated last grows and shrinks in its place, and can be given back on purpose. So a body of any size is read
//! piece by piece into one buffer, each piece in the place of the one before: a page is in memory once and not three times.
#![expect(unsafe_code, reason = "GlobalAlloc is unsafe to implement: it hands out raw memory")]

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::Cell;
use std::ptr::null_mut;

const PAGE: usize = 64 * 1024;

/// Where the next allocation may begin, and where memory ends. Both are 0 before the first one.
pub(crate) struct Bump {
    next: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: there are no threads in a component of this target.
unsafe impl Sync for Bump {}

unsafe extern "C" {
    /// The linker puts it behind all static data.
    static __heap_base: u8;
}

impl Bump {
    pub(crate) const fn new() -> Self {
        Self { next: Cell::new(0), end: Cell::new(0) }
    }

    /// Takes a buffer back, if nothing was allocated after it.
    #[cfg(not(feature = "hosted"))]
    pub(crate) fn give_back(&self, buffer: Vec<u8>) {
        let start = buffer.as_ptr().addr();
        if self.is_last(start, buffer.capacity()) {
            self.next.set(start);
        }
    }

    /// Does some work and takes back all memory that it took.
    ///
    /// # Safety
    /// Nothing that was allocated meanwhile is used afterwards, and something was allocated before.
    #[cfg(not(feature = "hosted"))]
    pub(crate) unsafe fn lend<T>(&self, work: impl FnOnce() -> T) -> T {
        let next = self.next.get();
        let result = work();
        self.next.set(next);
        result
    }

    /// Takes all memory from `start` to `start + size`. False if there is not as much.
    fn take(&self, start: usize, size: usize) -> bool {
        let Some(next) = start.checked_add(size) else {
            return false;
        };
        if next > self.end.get() {
            let pages = (next - self.end.get()).div_ceil(PAGE);
            if memory_grow(0, pages) == usize::MAX {
                return false;
            }
            self.end.set(self.end.get() + pages * PAGE);
        }
        self.next.set(next);
        true
    }

    fn is_last(&self, start: usize, size: usize) -> bool {
        start + size == self.next.get()
    }
}

// SAFETY: a block begins at or behind `next`, which is behind all blocks in use, and ends within the memory. It is moved
// or given back only by its owner.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.end.get() == 0 {
            self.next.set((&raw const __heap_base).addr());
            self.end.set(memory_size(0) * PAGE);
        }
        match self.next.get().checked_next_multiple_of(layout.align()) {
            Some(start) if self.take(start, layout.size()) => start as *mut u8,
            _ => null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if self.is_last(block.addr(), layout.size()) {
            return if self.take(block.addr(), size) { block } else { null_mut() };
        }
        if size <= layout.size() {
            return block;
        }
        // SAFETY: the caller vouches for the alignment and the size of the block; the new one is longer and elsewhere.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(block, layout.size());
            }
            moved
        }
    }
}
