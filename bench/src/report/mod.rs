//! From a run to `docs/BENCHMARKS.md` and its plots. All of it is generated, so whatever a sentence says about a figure is
//! computed from that figure, and what was not measured is called so.
//!
//! ```text
//! write ── sections (one a heading) ── contestants, targets, bulk, cost_model, tables ── figures (look-ups in the results)
//!    └──── plots ── chart (svg)                                                      └─ units (how figures are written)
//! ```

mod bulk;
mod chart;
mod contestants;
mod cost_model;
mod figures;
mod least_squares;
mod plots;
mod sections;
mod tables;
mod targets;
mod units;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};

use crate::results::Results;
use figures::Figures;

/// Writes `BENCHMARKS.md` and `benchmarks/*.svg` into this folder.
///
/// # Errors
/// If a file cannot be written.
pub(crate) fn write(results: &Results, docs: &Path) -> Result<()> {
    let figures = Figures::of(results);
    let folder = docs.join("benchmarks");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut drawn = Vec::new();
    for plot in plots::all(&figures)? {
        let file = folder.join(plot.file);
        match &plot.svg {
            Some(svg) => fs::write(&file, svg).with_context(|| format!("cannot write {}", file.display()))?,
            // That of an earlier run would tell of figures that are not in this one.
            None => match fs::remove_file(&file) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot remove {}", file.display()));
                }
                _ => {}
            },
        }
        drawn.extend(plot.svg.is_some().then_some(plot.file));
    }
    let file = docs.join("BENCHMARKS.md");
    fs::write(&file, sections::all(&figures, &drawn)).with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests;
