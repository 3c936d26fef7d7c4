//! Lifting and lowering of a component's exports, after the component model's Canonical ABI.
//!
//! `wit-bindgen` writes both out in every export, for every type that it touches: in a component with many exports that
//! share their types, that is a third of its code. Here each type has one function of each, and every export calls it. The
//! types themselves, and the traits that a component implements, stay those of `wit-bindgen`; this takes the place of its
//! `export!` alone. `generate::build` writes what belongs to a world, from its WIT.
//!
//! Nothing that is lowered is freed: the exports have no `post-return`. That is for components whose instances live for
//! one call, with an allocator that frees nothing.
#![expect(unsafe_code, reason = "the canonical ABI is raw pointers")]

mod bytes;
#[cfg(feature = "generate")]
pub mod generate;
mod integers;
mod list;
mod result;
mod text;

use std::alloc::{alloc, handle_alloc_error};
use std::mem::ManuallyDrop;
use std::ptr::without_provenance_mut;

/// How a type lies in memory.
pub trait Layout {
    /// Bytes, a multiple of [`ALIGN`](Self::ALIGN).
    const SIZE: usize;
    /// Bytes: 1, 2, 4 or 8.
    const ALIGN: usize;
}

/// A type of arguments.
pub trait Lift: Layout {
    /// The value that lies there.
    ///
    /// # Safety
    /// The other side of the call has written a value of the type there, and nobody has lifted it yet: the text and the
    /// lists of the value are taken over.
    unsafe fn lift(from: *const u8) -> Self;

    /// The items of a list that lie there, one behind the other.
    ///
    /// # Safety
    /// As [`lift`](Self::lift), for each of them; the memory of all is taken over.
    unsafe fn lift_all(start: *mut u8, length: usize) -> Vec<Self>
    where
        Self: Sized,
    {
        // SAFETY: the caller vouches for each of them.
        unsafe { (0..length).map(|index| Self::lift(start.add(index * Self::SIZE))).collect() }
    }
}

/// A type of results.
pub trait Lower: Layout {
    /// Writes the value.
    ///
    /// # Safety
    /// [`SIZE`](Layout::SIZE) bytes may be written there, and the value is forgotten afterwards, not dropped: its text and
    /// its lists belong to the other side.
    unsafe fn lower(&self, to: *mut u8);

    /// Writes the items of a list, and says where they lie.
    ///
    /// # Safety
    /// As [`lower`](Self::lower), for each of them and for the list.
    unsafe fn lower_all(items: &[Self]) -> *const u8
    where
        Self: Sized,
    {
        let start = allocate(items.len().saturating_mul(Self::SIZE), Self::ALIGN);
        for (index, item) in items.iter().enumerate() {
            // SAFETY: the items' memory is as large as they are.
            unsafe { item.lower(start.add(index * Self::SIZE)) };
        }
        start
    }
}

/// Lowers the result of an export. What comes back is what the export returns: where the result lies.
pub fn lower<T: Lower>(result: T) -> *mut u8 {
    let result = ManuallyDrop::new(result);
    let to = allocate(T::SIZE, T::ALIGN);
    // SAFETY: the memory is large enough and aligned, and the result is never dropped.
    unsafe { result.lower(to) };
    to
}

/// Memory for something that is lowered.
fn allocate(size: usize, align: usize) -> *mut u8 {
    if size == 0 {
        return without_provenance_mut(align);
    }
    let Ok(layout) = std::alloc::Layout::from_size_align(size, align) else {
        handle_alloc_error(std::alloc::Layout::new::<u8>());
    };
    // SAFETY: the size is not 0.
    let memory = unsafe { alloc(layout) };
    if memory.is_null() {
        handle_alloc_error(layout);
    }
    memory
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out on the other side of a call. Texts have no more room than they need, as the other side has it.
    fn passed<T: Lift + Lower>(value: T) -> T {
        let at = lower(value);
        // SAFETY: a value of the type was written there.
        unsafe { T::lift(at) }
    }

    fn text(text: &str) -> String {
        text.to_owned().into_boxed_str().into_string()
    }

    #[test]
    fn what_is_lowered_is_lifted() {
        assert_eq!(passed(vec![Some(text("a")), None, Some(text("é"))]), vec![Some(text("a")), None, Some(text("é"))]);
        assert_eq!(passed(vec![Some(7_u64), None]), vec![Some(7), None]);
        assert_eq!(passed(Some(vec![vec![true, false], Vec::new()])), Some(vec![vec![true, false], Vec::new()]));
        assert_eq!(passed(-5_i16), -5);
        assert_eq!(passed(Vec::<u32>::new()), Vec::<u32>::new());
        assert_eq!(passed(vec![1_u32, 2]), vec![1, 2]);
        assert_eq!((passed(vec![0_u8, 255]), passed(Vec::<u8>::new())), (vec![0, 255], Vec::new()));
    }

    #[test]
    fn bytes_stay_where_they_are() {
        let bytes = vec![1_u8, 2, 3];
        let start = bytes.as_ptr();
        let passed = passed(bytes);
        assert_eq!(passed.as_ptr(), start);
    }

    #[test]
    fn types_are_as_large_as_the_canonical_abi_has_them() {
        let pointer = size_of::<usize>();
        let layouts = [
            (Option::<u8>::SIZE, Option::<u8>::ALIGN, 2, 1),
            (Option::<u64>::SIZE, Option::<u64>::ALIGN, 16, 8),
            (Option::<Option<u16>>::SIZE, Option::<Option<u16>>::ALIGN, 6, 2),
            (String::SIZE, String::ALIGN, 2 * pointer, pointer),
            (Option::<String>::SIZE, Option::<String>::ALIGN, 3 * pointer, pointer),
            (Result::<(), ()>::SIZE, Result::<(), ()>::ALIGN, 1, 1),
            (Result::<(), u32>::SIZE, Result::<(), u32>::ALIGN, 8, 4),
            (Result::<u64, u8>::SIZE, Result::<u64, u8>::ALIGN, 16, 8),
        ];
        for (index, (size, align, expected_size, expected_align)) in layouts.into_iter().enumerate() {
            assert_eq!((size, align), (expected_size, expected_align), "{index}");
        }
    }

    #[test]
    fn a_result_tells_which_it_is() {
        let at = lower(Err::<u64, u8>(9));
        // SAFETY: 16 bytes were written there.
        unsafe { assert_eq!((at.read(), at.add(8).read()), (1, 9)) };
        let at = lower(Ok::<u64, u8>(9));
        // SAFETY: as above.
        unsafe { assert_eq!((at.read(), at.add(8).cast::<u64>().read()), (0, 9)) };
    }
}
