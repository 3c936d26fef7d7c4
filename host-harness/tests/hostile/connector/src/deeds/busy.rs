//! It uses up what all share.

use std::hint::black_box;

use waki::bindings::wasi::clocks::monotonic_clock::subscribe_duration;

use crate::character::Deed;

/// Bytes that one instruction moves or fills.
const BLOCK: usize = 16 << 20;

pub(super) fn act(deed: &Deed) {
    match deed.name.as_str() {
        "loop" => spin(u64::MAX),
        // So many rounds of a loop, then the honest call.
        "work" => spin(deed.number as u64),
        "copy" => {
            let mut block = vec![1_u8; 2 * BLOCK];
            loop {
                block.copy_within(..BLOCK, BLOCK);
                black_box(&mut block);
            }
        }
        "fill" => {
            let mut block = vec![1_u8; BLOCK];
            loop {
                block.fill(black_box(2));
                black_box(&mut block);
            }
        }
        "memory" => loop {
            black_box(vec![1_u8; 1 << 20]);
        },
        "wait" => loop {
            subscribe_duration(3_600_000_000_000).block();
        },
        _ => {}
    }
}

fn spin(rounds: u64) {
    for round in 0..rounds {
        black_box(round);
    }
}
