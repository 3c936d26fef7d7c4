//! Lists: where they begin, and how many items they have.

use crate::{Layout, Lift, Lower};

impl<T> Layout for Vec<T> {
    const SIZE: usize = String::SIZE;
    const ALIGN: usize = String::ALIGN;
}

impl<T: Lift> Lift for Vec<T> {
    unsafe fn lift(from: *const u8) -> Self {
        // SAFETY: the other side has written as many items as it says.
        unsafe {
            let from = from.cast::<*mut u8>();
            T::lift_all(from.read(), from.add(1).cast::<usize>().read())
        }
    }
}

impl<T: Lower> Lower for Vec<T> {
    unsafe fn lower(&self, to: *mut u8) {
        // SAFETY: the caller vouches for the place.
        unsafe {
            to.cast::<*const u8>().write(T::lower_all(self));
            to.cast::<usize>().add(1).write(self.len());
        }
    }
}
