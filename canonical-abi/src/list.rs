//! Lists: where they begin, and how many items they have.

use crate::{Layout, Lift, Lower, allocate};

impl<T> Layout for Vec<T> {
    const SIZE: usize = String::SIZE;
    const ALIGN: usize = String::ALIGN;
}

impl<T: Lift> Lift for Vec<T> {
    unsafe fn lift(from: *const u8) -> Self {
        // SAFETY: the other side has written as many items as it says.
        unsafe {
            let from = from.cast::<*const u8>();
            let (start, length) = (from.read(), from.add(1).cast::<usize>().read());
            (0..length).map(|index| T::lift(start.add(index * T::SIZE))).collect()
        }
    }
}

impl<T: Lower> Lower for Vec<T> {
    unsafe fn lower(&self, to: *mut u8) {
        let start = allocate(self.len().saturating_mul(T::SIZE), T::ALIGN);
        // SAFETY: the caller vouches for the place, and the items' memory is as large as they are.
        unsafe {
            to.cast::<*mut u8>().write(start);
            to.cast::<usize>().add(1).write(self.len());
            for (index, item) in self.iter().enumerate() {
                item.lower(start.add(index * T::SIZE));
            }
        }
    }
}
