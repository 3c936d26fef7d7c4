//! Names of objects and fields that live as long as the process: the schema is read everywhere, and rarely made.
//!
//! Each text is kept once, so a schema that is read again and again takes no more memory.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

use crate::lock::lock;

/// What the set takes for one that is kept, in bytes.
const ENTRY: usize = 32;
/// Bytes that are kept.
static BYTES: AtomicUsize = AtomicUsize::new(0);

/// About how many bytes are kept for good.
pub(crate) fn bytes() -> usize {
    BYTES.load(Ordering::Relaxed)
}

/// The same text, for good.
pub(crate) fn text(text: &str) -> &'static str {
    static TEXTS: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
    kept(&mut lock(&TEXTS), text, || Box::leak(text.into()))
}

/// The same texts, for good.
pub(crate) fn list(texts: &[&'static str]) -> &'static [&'static str] {
    static LISTS: LazyLock<Mutex<HashSet<&'static [&'static str]>>> = LazyLock::new(Mutex::default);
    kept(&mut lock(&LISTS), texts, || Box::leak(texts.into()))
}

fn kept<T: Hash + Eq + ?Sized>(
    known: &mut HashSet<&'static T>,
    asked: &T,
    keep: impl FnOnce() -> &'static T,
) -> &'static T {
    if let Some(kept) = known.get(asked) {
        return kept;
    }
    let kept = keep();
    BYTES.fetch_add(size_of_val(kept) + ENTRY, Ordering::Relaxed);
    known.insert(kept);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_kept_once() {
        let one = text("Some_Field__c");
        assert!(std::ptr::eq(one, text(&String::from("Some_Field__c"))));
        assert!(std::ptr::eq(list(&[one, "a"]), list(&[one, "a"])));
        assert!(list(&[]).is_empty());
    }
}
