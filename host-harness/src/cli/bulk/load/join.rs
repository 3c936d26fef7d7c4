//! What became of each row: the results of a job keep no order, and have the rows' own columns. A row is found by the column that
//! names its record, and among several of the same name by all it has; a row that creates, by all it has: of equal rows each may
//! stand for the other.

use std::collections::HashMap;

use super::sent::Sent;
use crate::cli::rows::Row;

/// The rows of a piece, of some of which it is known what became of them.
pub(super) struct Join<'a> {
    sent: &'a Sent,
    rows: &'a [Row],
    /// Places of rows of which it is not known yet.
    open: HashMap<String, Vec<usize>>,
    /// `{"ok":...}` or `{"error":...}`
    pub(super) entries: Vec<Option<String>>,
}

/// Results that do not belong to their job: what was expected of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Strange(pub(super) &'static str);

impl<'a> Join<'a> {
    pub(super) fn new(sent: &'a Sent, rows: &'a [Row]) -> Join<'a> {
        let mut open: HashMap<String, Vec<usize>> = HashMap::new();
        // The first is taken first.
        for (at, row) in rows.iter().enumerate().rev() {
            open.entry(name(sent, &sent.cells(row))).or_default().push(at);
        }
        Join { sent, rows, open, entries: vec![None; rows.len()] }
    }

    /// How many rows are left of which it is not known.
    pub(super) fn left(&self) -> usize {
        self.entries.iter().filter(|entry| entry.is_none()).count()
    }

    /// Takes results, CSV. `entry` says what a row of them tells, by its cells of these columns and, of a row whose record is named, the
    /// name; none: nothing that could be.
    ///
    /// # Errors
    /// They are not of this job.
    pub(super) fn take<const N: usize>(
        &mut self,
        csv: &str,
        told: [&str; N],
        mut entry: impl FnMut([&str; N], Option<&str>) -> Option<String>,
    ) -> Result<(), Strange> {
        // Where there are no rows there may be no header.
        if csv.trim().is_empty() {
            return Ok(());
        }
        let form = |_| Strange("CSV with the same number of cells in each row");
        let mut reader = csv::ReaderBuilder::new().from_reader(csv.as_bytes());
        let header = reader.headers().map_err(form)?;
        let place = |name: &str| header.iter().position(|known| known.eq_ignore_ascii_case(name));
        let own: Option<Vec<usize>> = self.sent.names.iter().map(|name| place(name)).collect();
        let own = own.ok_or(Strange("the columns of the rows"))?;
        let told = told.map(place);
        if told.iter().any(Option::is_none) {
            return Err(Strange("the columns that tell what became of a row"));
        }
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row).map_err(form)? {
            let cells: Vec<String> = own.iter().map(|at| row.get(*at).unwrap_or_default().to_owned()).collect();
            // What is of none of the rows leaves one untold, which then is unknown.
            let Some(at) = self.find(&cells) else { continue };
            let told = told.map(|at| at.and_then(|at| row.get(at)).unwrap_or_default());
            let key = self.sent.key.and_then(|key| cells.get(key)).map(String::as_str);
            if let Some(known) = self.entries.get_mut(at) {
                *known = entry(told, key);
            }
        }
        Ok(())
    }

    /// The row that has these cells.
    fn find(&mut self, cells: &[String]) -> Option<usize> {
        let open = self.open.get_mut(&name(self.sent, cells))?;
        let is_equal = |at: &usize| {
            let row = self.rows.get(*at).map(|row| self.sent.cells(row));
            row.is_some_and(|own| {
                own.iter().zip(cells).all(|(own, cell)| without_returns(own) == without_returns(cell))
            })
        };
        let nth = if open.len() > 1 { open.iter().rposition(is_equal) } else { None };
        match nth {
            Some(nth) => Some(open.remove(nth)),
            None => open.pop(),
        }
    }
}

/// What a row is found by.
fn name(sent: &Sent, cells: &[String]) -> String {
    match sent.key.and_then(|key| cells.get(key)) {
        Some(key) => key.clone(),
        None => without_returns(&cells.join("\u{1f}")),
    }
}

/// Salesforce may end the lines within a cell in its own way.
fn without_returns(text: &str) -> String {
    text.replace('\r', "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::rows::{Input, Purpose};

    /// The first cells of what results tell, for each row of the input.
    async fn joined(input: &str, purpose: Purpose<'_>, results: &str) -> Result<Vec<Option<String>>, Strange> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), input).unwrap();
        let input = Input::open(file.path()).await.unwrap();
        let (sent, _) = Sent::of(&input, purpose).unwrap();
        let (mut all, mut rows) = (input.rows().unwrap(), Vec::new());
        while let Some(row) = all.next().unwrap() {
            rows.push(row);
        }
        let mut join = Join::new(&sent, &rows);
        join.take(results, ["sf__Id"], |[id], _| Some(id.to_owned())).map(|()| join.entries)
    }

    fn ids(entries: Result<Vec<Option<String>>, Strange>) -> Vec<String> {
        entries.unwrap().into_iter().map(Option::unwrap_or_default).collect()
    }

    #[tokio::test]
    async fn results_in_any_order_find_their_rows() {
        let input = "K__c,Name\n1,a\n2,\"b\r\nc\"\n1,d\n";
        let results = "\"sf__Id\",\"NAME\",\"K__c\"\n\"y\",\"d\",\"1\"\n\"x\",\"a\",\"1\"\n\"z\",\"b\nc\",\"2\"\n";
        assert_eq!(ids(joined(input, Purpose::Upsert("K__c"), results).await), ["x", "z", "y"]);
        assert_eq!(ids(joined(input, Purpose::Create, results).await), ["x", "z", "y"]);
        // Salesforce may write a value in its own way, and a row may have no result.
        let other = "sf__Id,K__c,Name\nx,1,A\n";
        assert_eq!(ids(joined(input, Purpose::Upsert("K__c"), other).await), ["x", "", ""]);
        assert_eq!(ids(joined("Name\na\na\n", Purpose::Create, "sf__Id,Name\nx,a\ny,a\n").await), ["x", "y"]);
        assert_eq!(ids(joined("Name\na\n", Purpose::Create, "").await), [""]);
    }

    #[tokio::test]
    async fn results_of_other_rows_tell_nothing_and_other_results_are_refused() {
        let input = "Name\na\n";
        assert_eq!(ids(joined(input, Purpose::Create, "sf__Id,Name\nx,b\n").await), [""]);
        assert_eq!(ids(joined(input, Purpose::Create, "sf__Id,Name\nx,a\ny,a\n").await), ["x"]);
        for (results, expected) in [
            ("sf__Id\nx\n", "the columns of the rows"),
            ("Id,Name\nx,a\n", "the columns that tell what became of a row"),
            ("sf__Id,Name\nx\n", "CSV with the same number of cells in each row"),
        ] {
            assert_eq!(joined(input, Purpose::Create, results).await, Err(Strange(expected)), "{results}");
        }
    }
}
