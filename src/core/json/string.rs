//! Running over the inside of a JSON string, sixteen bytes at a time.

/// How many bytes the text begins with that stand for themselves inside of a string: all but quotes, backslashes and
/// control characters.
#[cfg(target_feature = "simd128")]
#[inline(always)]
pub(super) fn plain(text: &[u8]) -> usize {
    match text.first_chunk().map(special) {
        Some(special) if special != 0 => special.trailing_zeros() as usize,
        _ => plain_blocks(text),
    }
}

#[cfg(not(target_feature = "simd128"))]
pub(super) fn plain(text: &[u8]) -> usize {
    plain_bytes(text)
}

/// As [`plain`], for a long string.
#[cfg(target_feature = "simd128")]
#[inline(never)]
fn plain_blocks(text: &[u8]) -> usize {
    let mut length = 0;
    while let Some(block) = text.get(length..).and_then(<[u8]>::first_chunk) {
        let special = special(block);
        if special != 0 {
            return length + special.trailing_zeros() as usize;
        }
        length += 16;
    }
    length + plain_bytes(text.get(length..).unwrap_or_default())
}

/// A bit for each byte that does not stand for itself, the first one lowest.
#[cfg(target_feature = "simd128")]
#[inline(always)]
fn special(block: &[u8; 16]) -> u16 {
    use std::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, v128_or};

    let block = load(block);
    let quotes = v128_or(u8x16_eq(block, u8x16_splat(b'"')), u8x16_eq(block, u8x16_splat(b'\\')));
    u8x16_bitmask(v128_or(quotes, u8x16_lt(block, u8x16_splat(b' '))))
}

/// As [`plain`], byte by byte: for the end of a text, and where there is no SIMD.
fn plain_bytes(text: &[u8]) -> usize {
    text.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..b' ')).count()
}

#[cfg(target_feature = "simd128")]
#[inline(always)]
#[expect(unsafe_code, reason = "there is no safe load of a vector that is one instruction")]
fn load(block: &[u8; 16]) -> std::arch::wasm32::v128 {
    // SAFETY: the block is as long as a vector, and the load needs no alignment.
    unsafe { std::arch::wasm32::v128_load(block.as_ptr().cast()) }
}
