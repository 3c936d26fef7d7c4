//! What each client did in each row, for people.

use std::fmt;

use super::Told;
use super::rows::Row;
use super::server::Arrived;

/// Characters of what a caller was told.
const SHOWN: usize = 100;

/// All rows with what each client did; the first client is ours.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) rows: Vec<(&'static Row, Vec<Cell>)>,
}

/// What one client did in one row.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) client: &'static str,
    pub(crate) told: Told,
    pub(crate) arrived: Arrived,
}

impl Table {
    /// The promises of ours that were broken.
    pub(crate) fn broken(&self) -> Vec<String> {
        let ours = self.rows.iter().filter_map(|(row, cells)| Some((row, cells.first()?)));
        ours.filter_map(|(row, cell)| row.broken(&cell.told, &cell.arrived)).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (row, cells) in &self.rows {
            writeln!(f, "\n{}", row.title)?;
            for cell in cells {
                writeln!(f, "{cell}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, what) = match &self.told {
            Told::Result(what) => ("result", what.as_str()),
            Told::Error(what) => ("error", what.as_str()),
            Told::Nothing => ("nothing", ""),
        };
        let mut shown: String = what.chars().take(SHOWN).collect();
        if shown.len() < what.len() {
            shown.push('…');
        }
        write!(f, "  {:<25} {kind} {shown}\n{:28}{}", self.client, "", self.arrived)
    }
}

impl fmt::Display for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} request(s)", self.requests)?;
        if self.creates > 0 {
            write!(f, ", {} create(s)", self.creates)?;
        }
        if self.refreshes > 0 {
            write!(f, ", {} for tokens", self.refreshes)?;
        }
        if self.stopped {
            write!(f, ", until it was stopped")?;
        }
        match (self.elsewhere, self.token_elsewhere) {
            (0, _) => Ok(()),
            (elsewhere, 0) => write!(f, "; {elsewhere} to the other host, without the token"),
            (elsewhere, _) => write!(f, "; {elsewhere} to the other host, WITH THE TOKEN"),
        }
    }
}
