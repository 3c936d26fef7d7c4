//! A list in order whose copies are cheap: copies share chunks, and a change copies the chunk that it touches.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

/// Items of a chunk, at most.
const CHUNK: usize = 256;

/// Items, each before those that are greater.
#[derive(Debug, Clone)]
pub(crate) struct Sorted<T> {
    /// None is empty.
    chunks: Vec<Arc<Vec<T>>>,
    len: usize,
}

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<T: Clone> Sorted<T> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + Clone {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// The items at these positions.
    pub(crate) fn range(&self, positions: Range<usize>) -> impl DoubleEndedIterator<Item = &T> {
        let (first, skipped) = self.chunk_at(positions.start);
        let (last, taken) = self.chunk_at(positions.end.max(positions.start));
        let chunks = self.chunks.iter().enumerate().take((last + 1).min(self.chunks.len())).skip(first);
        chunks.flat_map(move |(number, chunk)| {
            let start = if number == first { skipped } else { 0 };
            let end = if number == last { taken } else { chunk.len() };
            chunk.get(start..end).unwrap_or_default()
        })
    }

    /// The items from the first on that does not come before.
    pub(crate) fn from<'a>(&'a self, comes_before: &dyn Fn(&T) -> bool) -> impl Iterator<Item = &'a T> + use<'a, T> {
        let (first, skipped) = self.search(comes_before);
        let chunks = self.chunks.iter().skip(first).enumerate();
        chunks.flat_map(move |(number, chunk)| chunk.iter().skip(if number == 0 { skipped } else { 0 }))
    }

    pub(crate) fn get(&self, position: usize) -> Option<&T> {
        let (chunk, place) = self.chunk_at(position);
        self.chunks.get(chunk)?.get(place)
    }

    /// How many items come before.
    pub(crate) fn partition_point(&self, comes_before: impl Fn(&T) -> bool) -> usize {
        let (chunk, place) = self.search(comes_before);
        self.chunks.iter().take(chunk).map(|chunk| chunk.len()).sum::<usize>() + place
    }

    /// The item that is equal; `order` tells where an item stands to it.
    pub(crate) fn find(&self, order: impl Fn(&T) -> Ordering) -> Option<&T> {
        let (chunk, place) = self.search(|item| order(item).is_lt());
        self.chunks.get(chunk)?.get(place).filter(|item| order(item).is_eq())
    }

    /// Adds an item, or puts it in the place of the one that is equal.
    pub(crate) fn put(&mut self, new: T, order: impl Fn(&T, &T) -> Ordering) {
        let (mut number, mut place) = self.search(|item| order(item, &new).is_lt());
        if number == self.chunks.len() {
            // It is the last: it fills up the last chunk.
            match self.chunks.last().filter(|chunk| chunk.len() < CHUNK) {
                Some(chunk) => (number, place) = (number - 1, chunk.len()),
                None => self.chunks.push(Arc::default()),
            }
        }
        let Some(chunk) = self.chunks.get_mut(number).map(Arc::make_mut) else { return };
        if let Some(item) = chunk.get_mut(place).filter(|item| order(item, &new).is_eq()) {
            *item = new;
            return;
        }
        chunk.insert(place, new);
        self.len += 1;
        if chunk.len() > CHUNK {
            let rest = chunk.split_off(CHUNK / 2);
            self.chunks.insert(number + 1, Arc::new(rest));
        }
    }

    /// Removes the item that is equal.
    pub(crate) fn remove(&mut self, order: impl Fn(&T) -> Ordering) {
        let (number, place) = self.search(|item| order(item).is_lt());
        let Some(chunk) = self.chunks.get_mut(number) else { return };
        if chunk.get(place).is_none_or(|item| order(item).is_ne()) {
            return;
        }
        Arc::make_mut(chunk).remove(place);
        self.len -= 1;
        if chunk.is_empty() {
            self.chunks.remove(number);
        }
    }

    /// The chunk and the place in it of the first item that does not come before; behind the last chunk if all do.
    fn search(&self, comes_before: impl Fn(&T) -> bool) -> (usize, usize) {
        let chunk = self.chunks.partition_point(|chunk| chunk.last().is_some_and(&comes_before));
        (chunk, self.chunks.get(chunk).map_or(0, |chunk| chunk.partition_point(comes_before)))
    }

    fn chunk_at(&self, position: usize) -> (usize, usize) {
        let mut rest = position;
        for (number, chunk) in self.chunks.iter().enumerate() {
            if rest < chunk.len() {
                return (number, rest);
            }
            rest -= chunk.len();
        }
        (self.chunks.len(), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(sorted: &mut Sorted<u32>, new: u32) {
        sorted.put(new, Ord::cmp);
    }

    /// 0 to 9,999, put in an order that is none.
    fn numbers() -> Sorted<u32> {
        let mut sorted = Sorted::default();
        (0..10_000).for_each(|number| put(&mut sorted, number * 7_919 % 10_000));
        sorted
    }

    #[test]
    fn items_are_in_order_however_they_came() {
        let mut sorted = numbers();
        assert!(sorted.iter().copied().eq(0..10_000));
        put(&mut sorted, 77);
        assert_eq!(sorted.len(), 10_000, "an equal item takes the place of the other");
        for number in (0..10_000).filter(|number| number % 3 > 0) {
            sorted.remove(|item| item.cmp(&number));
        }
        sorted.remove(|item| item.cmp(&1));
        assert!(sorted.iter().copied().eq((0..10_000).step_by(3)));
        assert_eq!(sorted.len(), 3_334);
    }

    #[test]
    fn positions_and_searches_agree() {
        let sorted = numbers();
        for position in [0, 1, 127, 128, 255, 256, 5_000, 9_999] {
            let wanted = u32::try_from(position).unwrap();
            assert_eq!(sorted.get(position), Some(&wanted));
            assert_eq!(sorted.partition_point(|item| *item < wanted), position);
            assert_eq!(sorted.find(|item| item.cmp(&wanted)), Some(&wanted));
            assert!(sorted.from(&|item| *item < wanted).copied().eq(wanted..10_000));
            assert!(sorted.range(position..10_000).copied().eq(wanted..10_000));
            assert!(sorted.range(0..position).rev().copied().eq((0..wanted).rev()));
        }
        assert_eq!((sorted.get(10_000), sorted.find(|item| item.cmp(&10_000))), (None, None));
        assert_eq!(sorted.range(9_999..20_000).count() + sorted.range(7..7).count(), 1);
    }

    #[test]
    fn a_copy_stays_as_it_was_and_shares_what_did_not_change() {
        let mut sorted = numbers();
        let copy = sorted.clone();
        put(&mut sorted, 20_000);
        sorted.remove(|item| item.cmp(&5));
        assert!(copy.iter().copied().eq(0..10_000));
        let is_shared = |chunk: &&Arc<Vec<u32>>| Arc::strong_count(chunk) == 2;
        assert!(copy.chunks.iter().filter(is_shared).count() + 2 >= copy.chunks.len());
    }
}
