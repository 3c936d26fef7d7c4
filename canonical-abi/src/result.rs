//! Options and results: a byte that says which, then the value.

use crate::{Layout, Lift, Lower};

const fn larger(one: usize, other: usize) -> usize {
    if one > other { one } else { other }
}

impl<T: Layout> Layout for Option<T> {
    const SIZE: usize = (T::ALIGN + T::SIZE).next_multiple_of(T::ALIGN);
    const ALIGN: usize = T::ALIGN;
}

impl<T: Lift> Lift for Option<T> {
    unsafe fn lift(from: *const u8) -> Self {
        // SAFETY: the caller vouches for the place, and a byte that is not 0 for the value behind it.
        unsafe { if from.read() == 0 { None } else { Some(T::lift(from.add(Self::ALIGN))) } }
    }
}

impl<T: Lower> Lower for Option<T> {
    unsafe fn lower(&self, to: *mut u8) {
        // SAFETY: the caller vouches for the place.
        unsafe {
            to.write(u8::from(self.is_some()));
            if let Some(value) = self {
                value.lower(to.add(Self::ALIGN));
            }
        }
    }
}

impl<T: Layout, E: Layout> Layout for Result<T, E> {
    const SIZE: usize = (Self::ALIGN + larger(T::SIZE, E::SIZE)).next_multiple_of(Self::ALIGN);
    const ALIGN: usize = larger(T::ALIGN, E::ALIGN);
}

impl<T: Lower, E: Lower> Lower for Result<T, E> {
    unsafe fn lower(&self, to: *mut u8) {
        // SAFETY: the caller vouches for the place.
        unsafe {
            to.write(u8::from(self.is_err()));
            match self {
                Ok(value) => value.lower(to.add(Self::ALIGN)),
                Err(error) => error.lower(to.add(Self::ALIGN)),
            }
        }
    }
}
