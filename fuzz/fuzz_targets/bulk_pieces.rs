//! Data that arrives, cut into pieces of a job each: however it arrives, the pieces have each row once, in order, whole, behind the
//! header, and the connector counts the same rows in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use salesforce_connector::core::bulk::Upload;
use salesforce_connector_fuzz::bulk::{Piece, Pieces, Room, Wrong};
use salesforce_connector_fuzz::csv_texts::is_strict;

fuzz_target!(|data: &[u8]| {
    let (choices, text) = data.split_at_checked(3).unwrap_or((&[0; 3], data));
    let room = Room { data: choices[0].into(), results: usize::from(choices[1]) * 16 };
    let at_once = usize::from(choices[2]) + 1;
    let pieces = cut(room, text, at_once);
    assert_eq!(pieces, cut(room, text, usize::MAX), "it matters how it arrives");
    let Ok(pieces) = pieces else { return };
    // Behind an empty line a byte order mark is a name's; at the head of a piece the crate takes it for one of the piece.
    if text.windows(3).skip(1).any(|bytes| bytes == "\u{feff}".as_bytes()) {
        return;
    }
    let whole = rows(text);
    let (header, expected) = whole.split_first().unwrap();
    let mut found = Vec::new();
    for piece in &pieces {
        let (own, rows) =
            rows(piece.csv.as_bytes()).split_first().map(|(own, rows)| (own.clone(), rows.to_vec())).unwrap();
        assert_eq!(&own, header);
        assert_eq!(rows.len() as u64, piece.rows);
        assert!(piece.rows == 1 || piece.csv.len() <= room.data, "{piece:?}");
        assert!(is_strict(&piece.csv) && piece.csv.ends_with('\n'), "{piece:?}");
        assert!(Upload::parse(piece.csv.clone()).is_ok(), "{piece:?}");
        found.extend(rows);
    }
    assert_eq!(found, expected);
});

fn cut(room: Room, text: &[u8], at_once: usize) -> Result<Vec<Piece>, Wrong> {
    let mut pieces = Pieces::new(room);
    let mut all = Vec::new();
    for arrived in text.chunks(at_once) {
        all.extend(pieces.push(arrived)?);
    }
    all.extend(pieces.end()?);
    Ok(all)
}

/// The cells of all rows, by the crate `csv`.
fn rows(text: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}
