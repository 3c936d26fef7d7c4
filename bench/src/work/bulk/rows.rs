//! The rows: what is asked for, what is loaded, and how many there are.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

use super::OBJECT;

/// What is asked for.
pub(super) fn query() -> String {
    format!("SELECT Id, FirstName, LastName, Company, Email, CreatedDate FROM {OBJECT}")
}

/// Writes a file to load: 69 bytes a row.
pub(super) fn write(file: &Path, rows: u32) -> Result<()> {
    let mut out = BufWriter::new(File::create(file).with_context(|| format!("cannot write {}", file.display()))?);
    writeln!(out, "FirstName,LastName,Company,Email")?;
    for row in 0..rows {
        writeln!(out, "First {row:07},Last {row:07},Company {row:07},person{row:07}@example.com")?;
    }
    Ok(out.flush()?)
}

/// Rows of all files of CSV in a folder, without their headers. No cell of these rows has a line break.
pub(super) fn count(folder: &Path) -> Result<u64> {
    let mut rows = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            let mut lines = BufReader::new(File::open(&path)?).split(b'\n');
            let count = lines.try_fold(0_u64, |count, line| line.map(|_| count + 1))?;
            rows += count.saturating_sub(1);
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_over_files_and_without_headers() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(count(folder.path()).unwrap(), 0);
        write(&folder.path().join("one.csv"), 3).unwrap();
        fs::write(folder.path().join("two.csv"), "Id\n1\n2").unwrap();
        fs::write(folder.path().join("state.json"), "{}\n{}\n").unwrap();
        assert_eq!(count(folder.path()).unwrap(), 5);
        let text = fs::read_to_string(folder.path().join("one.csv")).unwrap();
        assert_eq!(text.lines().nth(1), Some("First 0000000,Last 0000000,Company 0000000,person0000000@example.com"));
    }
}
