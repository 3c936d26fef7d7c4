//! Data on their way into jobs, as the component with streams cuts them: however they come, the jobs have each record once, in order, to
//! the letter, behind the header, and none of them is too large or ends inside of quotes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use salesforce_connector::core::bulk::{Between, Inside, Split};
use salesforce_connector::core::error::Result;
use salesforce_connector_fuzz::csv_texts::{is_strict, record_ends};
use salesforce_connector_fuzz::{ACCESS_TOKEN, check_error};

/// The data of each job and its rows, and whether the data came to their end.
type Jobs = (Vec<(Vec<u8>, u64)>, Result<()>);

fuzz_target!(|data: &[u8]| {
    let (choices, text) = data.split_at_checked(2).unwrap_or((&[0; 2], data));
    let job_bytes = u32::from(choices[0]) + 1;
    let in_pieces = split(job_bytes, text, usize::from(choices[1]) + 1);
    assert_eq!(in_pieces, split(job_bytes, text, usize::MAX), "it matters how they come");
    let (jobs, ended) = in_pieces;
    if let Err(error) = &ended {
        check_error(error, &[ACCESS_TOKEN]);
    }
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    for (job, rows) in &jobs {
        assert!(job.len() <= job_bytes as usize && *rows > 0, "{job:?}");
    }
    assert!(jobs.first().is_none_or(|(job, _)| text.starts_with(job)), "{jobs:?}");
    // The crate drops a second mark.
    let is_beyond_doubt = |text: &&str| is_strict(text) && !text.starts_with('\u{feff}');
    if let Some(text) = std::str::from_utf8(text).ok().filter(is_beyond_doubt) {
        check_strict(text, &jobs, ended.is_ok(), job_bytes as usize);
    }
});

/// Of CSV beyond doubt the crate `csv` says where its records end.
fn check_strict(text: &str, jobs: &[(Vec<u8>, u64)], is_whole: bool, job_bytes: usize) {
    let ends = record_ends(text);
    let Some((&header, rows)) = ends.split_first() else { return assert!(jobs.is_empty() && !is_whole) };
    let mut loaded = text[..header].to_owned();
    let mut count = 0;
    for (job, rows) in jobs {
        let job = std::str::from_utf8(job).unwrap();
        assert!(is_strict(job), "{job:?}");
        loaded += job.strip_prefix(&text[..header]).unwrap();
        count += usize::try_from(*rows).unwrap();
        assert_eq!(record_ends(job).len() as u64, 1 + rows, "{job:?}");
    }
    let end = count.checked_sub(1).map_or(header, |last| rows[last]);
    assert_eq!(loaded, text[..end]);
    assert!(count == rows.len() || !is_whole, "{jobs:?}");
    assert!(is_whole || text.len() > job_bytes, "{text:?}");
}

fn split(job_bytes: u32, text: &[u8], at_once: usize) -> Jobs {
    let mut jobs = Vec::new();
    let ended = run(&mut Split::parse(Some(job_bytes)).unwrap(), &mut text.chunks(at_once), &mut jobs);
    (jobs, ended)
}

fn run<'a>(
    split: &mut Split,
    pieces: &mut impl Iterator<Item = &'a [u8]>,
    jobs: &mut Vec<(Vec<u8>, u64)>,
) -> Result<()> {
    loop {
        match split.between()? {
            Between::Data => more(split, pieces.next()),
            Between::Open => jobs.push(fill(split, pieces)?),
            Between::Done => return Ok(()),
        }
    }
}

fn fill<'a>(split: &mut Split, pieces: &mut impl Iterator<Item = &'a [u8]>) -> Result<(Vec<u8>, u64)> {
    let mut sent = Vec::new();
    loop {
        match split.inside()? {
            Inside::Data => more(split, pieces.next()),
            Inside::Send(bytes) => sent.extend(bytes),
            Inside::Close { rows, bytes } => {
                assert_eq!(bytes, sent.len() as u64);
                return Ok((sent, rows));
            }
        }
    }
}

fn more(split: &mut Split, piece: Option<&[u8]>) {
    match piece {
        Some(piece) => {
            let mut buffer = split.buffer();
            buffer.extend_from_slice(piece);
            split.give(buffer);
        }
        None => split.finish(),
    }
}
