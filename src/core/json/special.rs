//! The bytes that do not stand for themselves inside of a JSON string: quotes, backslashes and control characters.

const BLOCK: usize = 64;

/// Those of a text, one after the other. They are looked for in 64 bytes at once.
#[derive(Clone, Copy)]
pub(super) struct Specials {
    /// Where the bytes at hand begin.
    block: usize,
    /// A bit for each of them that is special and was not passed, the first one lowest.
    bits: u64,
}

impl Specials {
    /// From this place of the text on.
    #[inline(never)]
    pub(super) fn from(text: &[u8], at: usize) -> Self {
        Self { block: at, bits: bits(text, at) }.some(text)
    }

    /// Passes one: where it is. At the end of the text that is its length.
    #[inline(always)]
    pub(super) fn next(&mut self, text: &[u8]) -> usize {
        if self.bits == 0 {
            *self = Self::from(text, self.block + BLOCK);
        }
        let at = self.block + self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        at
    }

    /// Goes on until there is one at hand.
    fn some(mut self, text: &[u8]) -> Self {
        while self.bits == 0 {
            self.block += BLOCK;
            self.bits = bits(text, self.block);
        }
        self
    }
}

/// How many bytes the text begins with that stand for themselves.
pub(super) fn plain(text: &[u8]) -> usize {
    Specials::from(text, 0).next(text)
}

/// Those of a block; whatever is behind the end of the text is special.
#[inline(always)]
fn bits(text: &[u8], block: usize) -> u64 {
    let text = text.get(block..).unwrap_or_default();
    match text.first_chunk() {
        Some(block) => block_bits(block),
        None => last_bits(text),
    }
}

#[inline(never)]
fn last_bits(text: &[u8]) -> u64 {
    let mut block = [0; BLOCK];
    block.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
    block_bits(&block)
}

#[cfg(not(target_feature = "simd128"))]
fn block_bits(block: &[u8; BLOCK]) -> u64 {
    block.iter().rev().fold(0, |bits, byte| bits << 1 | u64::from(matches!(byte, b'"' | b'\\' | 0..b' ')))
}

#[cfg(target_feature = "simd128")]
#[inline(always)]
fn block_bits(block: &[u8; BLOCK]) -> u64 {
    let low = vector_bits::<0>(block) | vector_bits::<16>(block) << 16;
    low | vector_bits::<32>(block) << 32 | vector_bits::<48>(block) << 48
}

#[cfg(target_feature = "simd128")]
#[inline(always)]
#[expect(unsafe_code, reason = "there is no safe load of a vector that is one instruction")]
fn vector_bits<const AT: usize>(block: &[u8; BLOCK]) -> u64 {
    use std::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_le, u8x16_splat, v128_load, v128_or, v128_xor};

    const { assert!(AT + 16 <= BLOCK) };
    // SAFETY: sixteen bytes from there on are in the block, and the load needs no alignment.
    let vector = unsafe { v128_load(block.as_ptr().add(AT).cast()) };
    // With this bit turned the quote comes to lie right behind the control characters.
    let low = u8x16_le(v128_xor(vector, u8x16_splat(2)), u8x16_splat(b'"' ^ 2));
    u8x16_bitmask(v128_or(low, u8x16_eq(vector, u8x16_splat(b'\\')))).into()
}
