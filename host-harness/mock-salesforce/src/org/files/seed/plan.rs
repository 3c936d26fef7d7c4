//! Plans, which `sf data export tree --plan` writes: files of records in the order of their loading.
//!
//! Source: "data export tree" in the Salesforce CLI Command Reference.

use std::path::PathBuf;

use serde::Deserialize;

use super::Seed;
use crate::org::files::name::ApiName;
use crate::org::files::{FileError, Source, has_ending};

/// The most files of a plan.
const MOST_FILES: usize = 1_000;

/// The files of one object.
#[derive(Deserialize)]
struct Step {
    sobject: String,
    /// From the folder of the plan.
    files: Vec<PathBuf>,
}

/// The files that a plan names; none if the file is no plan.
pub(super) fn read(source: &Source) -> Result<Option<Vec<Seed>>, FileError> {
    if !has_ending(&source.path, ".json") {
        return Ok(None);
    }
    let Ok(steps) = serde_json::from_str::<Vec<Step>>(&source.text) else { return Ok(None) };
    if steps.is_empty() {
        return Ok(None);
    }
    if steps.iter().map(|step| step.files.len()).sum::<usize>() > MOST_FILES {
        return Err(FileError::of_file(&source.path, format!("expected a plan of at most {MOST_FILES} files")));
    }
    let folder = source.path.parent().unwrap_or(&source.path);
    let mut seeds = Vec::new();
    for step in steps {
        let object = ApiName::parse(&step.sobject).map_err(|problem| FileError::of_file(&source.path, problem))?.0;
        for file in step.files {
            seeds.push(Seed { source: Source::read(&folder.join(file))?, object: Some(object.to_owned()) });
        }
    }
    Ok(Some(seeds))
}
