//! Files that say what an org is: its schema and its records. What is wrong is told with file and line, and nothing of it
//! is taken.
//!
//! A [`Source`] is a file's name and text, so that whoever has them from elsewhere needs no disk.

mod base_fields;
mod described;
mod metadata;
mod name;
mod object;
mod project;
mod schema;
mod seed;
mod value_sets;
mod xml;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

pub use seed::Seed;

use crate::plain_words;

/// The largest file, in bytes.
const LARGEST_FILE: u64 = 32 * 1024 * 1024;
/// The most bytes of all files together.
const LARGEST_SUM: u64 = 256 * 1024 * 1024;
/// The most files.
pub(crate) const MOST_FILES: usize = 50_000;
/// How deep folders may be nested.
const DEEPEST: usize = 16;

/// A file that was read.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where it is, for errors and for what its name says.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; none when it is the file as a whole.
    pub line: Option<usize>,
    /// What came and what was expected.
    pub problem: String,
}

impl std::error::Error for FileError {}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.path.display())?;
        if let Some(line) = self.line {
            write!(formatter, "{line}:")?;
        }
        write!(formatter, " {}", self.problem)
    }
}

impl FileError {
    pub(crate) fn of_file(path: &Path, problem: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: None, problem: problem.into() }
    }
}

impl Source {
    /// Reads a file of at most 32 MiB.
    ///
    /// # Errors
    /// It cannot be read, is too large or no UTF-8.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let wrong = |problem: String| FileError::of_file(path, problem);
        let size = fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
        if size > LARGEST_FILE {
            return Err(wrong(format!("{size} bytes: expected at most {LARGEST_FILE}")));
        }
        let bytes = fs::read(path).map_err(|error| wrong(error.to_string()))?;
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Err(wrong("UTF-16, as > of PowerShell writes it: expected UTF-8; save it as UTF-8".to_owned()));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            wrong(format!("byte {valid} is no UTF-8: expected UTF-8; save it as UTF-8"))
        })?;
        // What Windows puts before UTF-8.
        let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
        Ok(Self { path: path.to_owned(), text })
    }

    /// The files with these endings below a folder, in the order of their names. Hidden folders and `node_modules` are
    /// passed over.
    fn read_below(folder: &Path, endings: &[&str], depth: usize) -> Result<Vec<Self>, FileError> {
        let mut found = Vec::new();
        find(folder, endings, depth, &mut found)?;
        found.sort();
        let mut sum = 0;
        let read = |path: &PathBuf| {
            let source = Self::read(path)?;
            sum += source.text.len() as u64;
            if sum > LARGEST_SUM {
                return Err(FileError::of_file(folder, format!("expected at most {LARGEST_SUM} bytes in all files")));
            }
            Ok(source)
        };
        found.iter().map(read).collect()
    }

    fn has_name(&self, ending: &str) -> bool {
        has_ending(&self.path, ending)
    }

    /// An error in this line, from 1.
    pub(crate) fn error(&self, line: usize, problem: impl Into<String>) -> FileError {
        FileError { path: self.path.clone(), line: Some(line), problem: problem.into() }
    }

    /// The line at a byte of the text, from 1.
    pub(crate) fn line_at(&self, byte: usize) -> usize {
        let before = self.text.as_bytes().get(..byte).unwrap_or(self.text.as_bytes());
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// The byte where a part of the text begins.
    pub(crate) fn byte_of(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    /// The line where a part of the text begins.
    pub(crate) fn line_of(&self, part: &str) -> usize {
        self.line_at(self.byte_of(part))
    }

    /// What is wrong with JSON that is a part of the text.
    pub(crate) fn json_error(&self, part: &str, error: &serde_json::Error) -> FileError {
        let line = self.line_of(part) + error.line().saturating_sub(1);
        self.error(line, plain_words::sentence(error))
    }
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(ending))
}

fn find(folder: &Path, endings: &[&str], depth: usize, found: &mut Vec<PathBuf>) -> Result<(), FileError> {
    let wrong = |error: std::io::Error| FileError::of_file(folder, error.to_string());
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let (path, name) = (entry.path(), entry.file_name());
        let is_hidden = name.to_string_lossy().starts_with('.') || name == "node_modules";
        if entry.file_type().map_err(wrong)?.is_dir() {
            if depth > 1 && !is_hidden {
                find(&path, endings, depth - 1, found)?;
            }
        } else if endings.iter().any(|ending| has_ending(&path, ending)) {
            found.push(path);
        }
        if found.len() > MOST_FILES {
            return Err(FileError::of_file(folder, format!("expected at most {MOST_FILES} files")));
        }
    }
    Ok(())
}
