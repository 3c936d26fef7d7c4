//! Strings: where they begin, and their length in bytes.

use std::ptr::without_provenance;

use crate::{Layout, Lift, Lower};

const POINTER: usize = size_of::<usize>();

impl Layout for String {
    const SIZE: usize = 2 * POINTER;
    const ALIGN: usize = POINTER;
}

impl Lift for String {
    unsafe fn lift(from: *const u8) -> Self {
        // SAFETY: the other side has asked this component's allocator for as many bytes as the string has, and vouches for
        // UTF-8, as the Canonical ABI has it.
        unsafe {
            let from = from.cast::<usize>();
            let (start, length) = (from.read(), from.add(1).read());
            Self::from_raw_parts(without_provenance::<u8>(start).cast_mut(), length, length)
        }
    }
}

impl Lower for String {
    unsafe fn lower(&self, to: *mut u8) {
        // SAFETY: the caller vouches for the place.
        unsafe {
            let to = to.cast::<usize>();
            to.write(self.as_ptr().expose_provenance());
            to.add(1).write(self.len());
        }
    }
}
