//! A table as text, for terminals.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Table;
use super::cell::Cell;
use crate::display::line;

/// Columns of a terminal that a cell takes at most.
const WIDEST_CELL: usize = 45;
/// Those that it may keep where a terminal is too narrow for all of the table.
const NARROWEST_CELL: usize = 8;
/// Characters of a cell that are looked at; some take no column.
const MOST_CHARACTERS: usize = 4 * WIDEST_CELL;
/// Between two columns.
const GAP: usize = 2;
/// Names that are told of columns without a place.
const NAMED: usize = 20;

impl Table {
    /// The table in lines no wider than this, if there is a width, and below it what is not in it.
    ///
    /// Where they are too wide, first the widest columns become narrower, then the last ones are left out and named. A cell
    /// that is cut ends with `…`.
    #[must_use]
    pub fn to_text(&self, width: Option<usize>) -> String {
        let names: Vec<String> = self.columns.iter().map(|name| line(name)).collect();
        let rows: Vec<Vec<String>> = self.rows.iter().map(|row| row.iter().map(shown).collect()).collect();
        let widest = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width());
            cells.chain([names.get(column).map_or(0, |name| name.width())]).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..names.len()).map(widest).collect();
        if let Some(width) = width {
            fit(&mut widths, width);
        }
        let rule: Vec<String> = widths.iter().map(|&width| "─".repeat(width)).collect();
        let mut text = String::new();
        for row in [&names, &rule].into_iter().chain(&rows).filter(|row| !row.is_empty()) {
            text.push_str(&laid_out(row, &widths));
            text.push('\n');
        }
        for note in self.notes(names.get(widths.len()..).unwrap_or_default()) {
            text.push_str(&note);
            text.push('\n');
        }
        text
    }

    /// What the records have and the table does not.
    fn notes(&self, without_place: &[String]) -> Vec<String> {
        let mut notes = Vec::new();
        if !without_place.is_empty() {
            let named = without_place.get(..NAMED).unwrap_or(without_place).join(", ");
            let more = without_place.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            notes.push(format!("the terminal is too narrow for {named}{more}"));
        }
        if self.is_wider {
            notes.push(format!("the records have more than the {} columns of a table", self.columns.len()));
        }
        match self.unfit {
            0 => {}
            1 => notes.push("1 record is not in the table: it is no object, or nested too deep".to_owned()),
            more => notes.push(format!("{more} records are not in the table: they are no objects, or nested too deep")),
        }
        notes
    }
}

/// One line, cut if it is long: a record may hold anything, terminal commands included.
fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) | Cell::Number(text) | Cell::Other(text) => {
            // A cell may be megabytes long: its end is not looked at.
            match text.char_indices().nth(MOST_CHARACTERS) {
                Some((end, _)) => cut(&format!("{}…", line(text.get(..end).unwrap_or_default())), WIDEST_CELL),
                None => cut(&line(text), WIDEST_CELL),
            }
        }
        Cell::Children(children) => children.counted(),
    }
}

/// Makes the widest columns narrower until all fit; if that is not enough, the last ones go.
fn fit(widths: &mut Vec<usize>, width: usize) {
    let taken = |widths: &[usize], widest: usize| {
        widths.iter().map(|&width| width.min(widest) + GAP).sum::<usize>().saturating_sub(GAP)
    };
    while widths.len() > 1 && taken(widths, NARROWEST_CELL) > width {
        widths.pop();
    }
    let mut widest = widths.iter().copied().max().unwrap_or(0);
    while widest > 1 && taken(widths, widest) > width {
        widest -= 1;
    }
    widths.iter_mut().for_each(|width| *width = widest.min(*width));
}

fn laid_out(row: &[String], widths: &[usize]) -> String {
    let mut text = String::new();
    for (cell, &width) in row.iter().zip(widths) {
        let cell = cut(cell, width);
        text.push_str(&cell);
        text.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + GAP));
    }
    text.trim_end().to_owned()
}

/// The text, or its beginning and `…`.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let (mut shown, mut left) = (String::new(), width.saturating_sub(1));
    for character in text.chars() {
        let Some(rest) = left.checked_sub(character.width().unwrap_or(0)) else { break };
        left = rest;
        shown.push(character);
    }
    shown.push('…');
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Bounds;

    fn text(records: &str, width: Option<usize>) -> String {
        Table::of_records(records, Bounds::NONE).to_text(width)
    }

    #[test]
    fn records_become_columns_and_rows() {
        let records = r#"[{"attributes":{"type":"Account"},"Name":"東京","Owner":{"attributes":{},"Name":"Ada"},"N":0.10},
            {"attributes":{},"Name":"a\u001b[2Jb","Owner":null,"Contacts":{"totalSize":3,"done":false,"records":[{}]}}]"#;
        let expected = "\
Name         Owner.Name  N     Contacts
───────────  ──────────  ────  ────────
東京         Ada         0.10
a\\u{1b}[2Jb                    1 of 3
";
        assert_eq!(text(records, None), expected);
    }

    #[test]
    fn f109_what_is_not_in_the_table_is_told_below_it() {
        assert_eq!(
            text(r#"[{"A":"x\ud800"},3]"#, None),
            "A\n──\nx\u{fffd}\n1 record is not in the table: it is no object, or nested too deep\n"
        );
        assert_eq!(text("[1,2]", None), "2 records are not in the table: they are no objects, or nested too deep\n");
        assert_eq!(text("[]", None), "");
    }

    #[test]
    fn long_cells_are_cut() {
        let text = text(&format!(r#"[{{"A":"{}"}}]"#, "x".repeat(100)), None);
        assert!(text.ends_with(&format!("\n{}…\n", "x".repeat(WIDEST_CELL - 1))), "{text}");
    }

    #[test]
    fn a_table_is_no_wider_than_its_terminal() {
        let records = r#"[{"Name":"Global Energy Holdings","City":"東京東京東京","Code":"A1","Site":"x"}]"#;
        let expected = "\
Name        City        Code  Site
──────────  ──────────  ────  ────
Global En…  東京東京…   A1    x
";
        assert_eq!(text(records, Some(34)), expected);
        let expected = "\
Name      City
────────  ────────
Global …  東京東…
the terminal is too narrow for Code, Site
";
        assert_eq!(text(records, Some(18)), expected);
        for width in 1..60 {
            let text = text(records, Some(width));
            let table = text.lines().take_while(|line| !line.starts_with("the terminal"));
            assert!(table.into_iter().all(|line| line.width() <= width.max(2)), "{width}:\n{text}");
        }
    }
}
