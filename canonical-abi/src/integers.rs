//! Integers, truth and nothing.

use crate::{Layout, Lift, Lower};

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl Layout for $integer {
            const SIZE: usize = size_of::<$integer>();
            const ALIGN: usize = size_of::<$integer>();
        }

        impl Lift for $integer {
            unsafe fn lift(from: *const u8) -> Self {
                // SAFETY: the caller vouches for the place.
                unsafe { from.cast::<Self>().read() }
            }
        }

        impl Lower for $integer {
            unsafe fn lower(&self, to: *mut u8) {
                // SAFETY: the caller vouches for the place.
                unsafe { to.cast::<Self>().write(*self) }
            }
        }
    )*};
}

integers!(u16 u32 u64 i8 i16 i32 i64);

impl Layout for bool {
    const SIZE: usize = 1;
    const ALIGN: usize = 1;
}

impl Lift for bool {
    unsafe fn lift(from: *const u8) -> Self {
        // SAFETY: the caller vouches for the place.
        unsafe { from.read() != 0 }
    }
}

impl Lower for bool {
    unsafe fn lower(&self, to: *mut u8) {
        // SAFETY: the caller vouches for the place.
        unsafe { to.write(u8::from(*self)) }
    }
}

impl Layout for () {
    const SIZE: usize = 0;
    const ALIGN: usize = 1;
}

impl Lower for () {
    unsafe fn lower(&self, _: *mut u8) {}
}
