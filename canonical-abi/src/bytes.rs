//! Bytes. A list of them is not copied: a file has millions.

use crate::{Layout, Lift, Lower};

impl Layout for u8 {
    const SIZE: usize = 1;
    const ALIGN: usize = 1;
}

impl Lift for u8 {
    unsafe fn lift(from: *const u8) -> Self {
        // SAFETY: the caller vouches for the place.
        unsafe { from.read() }
    }

    unsafe fn lift_all(start: *mut u8, length: usize) -> Vec<Self> {
        // SAFETY: the other side has asked this component's allocator for as many bytes as the list has.
        unsafe { Vec::from_raw_parts(start, length, length) }
    }
}

impl Lower for u8 {
    unsafe fn lower(&self, to: *mut u8) {
        // SAFETY: the caller vouches for the place.
        unsafe { to.write(*self) }
    }

    unsafe fn lower_all(items: &[Self]) -> *const u8 {
        items.as_ptr()
    }
}
