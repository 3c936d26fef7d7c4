//! Records as tables of a page, with a button where a sub-query has more rows than are here.

use std::borrow::Cow;
use std::cell::Cell as StdCell;

use maud::{Markup, html};

use super::record_link::Records;
use super::result::{SHOWN_CALL, cut};
use salesforce_actions::table::{Bounds, Cell, Children, Rests, Table};

/// Rows that the page shows; the downloads have all.
pub(super) const SHOWN_ROWS: usize = 500;
/// Rows of a sub-query in its cell.
const SHOWN_CHILDREN: usize = 50;
/// Bytes of all tables of a page.
const SHOWN_BYTES: usize = 512 << 10;
/// Bytes of markup around a cell, and around a button.
const CELL: usize = 32;
const BUTTON: usize = 192;
/// What a page makes a table of.
pub(super) const BOUNDS: Bounds = Bounds { rows: SHOWN_ROWS, bytes: 1 << 20, record_bytes: 1 << 20 };

/// The tables of a page: as much of them as it holds.
pub(super) struct Tables<'a> {
    /// The cursors behind sub-queries that are cut.
    rests: &'a Rests,
    records: &'a Records,
    /// How many more bytes are shown.
    left: StdCell<usize>,
}

impl Tables<'_> {
    pub(super) fn new<'a>(rests: &'a Rests, records: &'a Records) -> Tables<'a> {
        Tables { rests, records, left: StdCell::new(SHOWN_BYTES) }
    }

    /// No more is shown.
    pub(super) fn are_full(&self) -> bool {
        self.left.get() == 0
    }

    pub(super) fn table(&self, id: &str, table: &Table) -> Markup {
        html! { table id=(id) class="records" { (self.rows(table)) } }
    }

    /// What of a text is shown.
    fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let text = cut(text);
        self.take(text.len() + CELL);
        text
    }

    fn take(&self, bytes: usize) {
        self.left.set(self.left.get().saturating_sub(bytes));
    }

    fn rows(&self, table: &Table) -> Markup {
        html! {
            thead { tr {
                @for name in &table.columns { @if !self.are_full() { th scope="col" { (self.text(name)) } } }
            } }
            tbody {
                @for row in &table.rows { @if !self.are_full() {
                    tr { @for (column, cell) in table.columns.iter().zip(row) { @if !self.are_full() { (self.cell(column, cell)) } } }
                } }
            }
        }
    }

    fn cell(&self, column: &str, cell: &Cell) -> Markup {
        html! {
            @match cell {
                Cell::Empty => td class="empty" { (self.text("")) },
                Cell::Text(text) | Cell::Other(text) => td { (self.records.cell(column, &self.text(text))) },
                Cell::Number(digits) => td class="number" { (self.text(digits)) },
                Cell::Children(children) => td {
                    details { summary { (self.text(&children.counted())) }
                        (self.children(&Table::of_children(children, Bounds { rows: SHOWN_CHILDREN, ..BOUNDS }))) }
                    (self.rest(children))
                },
            }
        }
    }

    fn children(&self, table: &Table) -> Markup {
        html! {
            table class="children" { (self.rows(table)) }
            @if table.left_out() > 0 { p class="hint" { "The first " (table.rows.len()) "; the downloads have all " (table.count) "." } }
            (unfit(table))
        }
    }

    /// Asks for the next page of a sub-query.
    fn rest(&self, children: &Children) -> Markup {
        let cursor = self.rests.cursor(&children.place).filter(|cursor| cursor.len() <= SHOWN_CALL);
        let Some(cursor) = cursor else { return html! {} };
        let relationship = cut(&children.place.relationship);
        self.take(cursor.len() + relationship.len() + BUTTON);
        html! {
            button class="quiet rest" type="submit" form="playground-form" name="cursor" value=(cursor) formnovalidate
                data-count=(children.count) data-total=[children.total]
                aria-label={ "More rows of " (relationship) " of record " (children.place.record + 1) } { "More rows" }
        }
    }
}

/// Records that no table can show.
pub(super) fn unfit(table: &Table) -> Markup {
    html! {
        @match table.unfit {
            0 => {},
            1 => p class="hint" { "1 record is not in the table: there is none (`null`), or it is nested too deep or too long." },
            more => p class="hint" { (more) " records are not in the table: there are none (`null`), or they are nested too deep or too long." },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::super::result::SHOWN_CHARACTERS;
    use super::*;

    #[test]
    fn s04_a_table_is_no_longer_than_a_page_shows() {
        let record = format!("{{{}\"z\":\"{}\"}},", "\"a\":1,".repeat(3), "<".repeat(2_000));
        let json = format!("{{\"records\":[{}{{}}]}}", record.repeat(600));
        let table = Table::of_result(&RawValue::from_string(json).unwrap(), BOUNDS);
        let (rests, records) = (Rests::default(), Records::default());
        let tables = Tables::new(&rests, &records);
        let shown = tables.table("t", &table).into_string();
        // An escaped character takes at most six bytes.
        assert!(shown.len() < 8 * SHOWN_BYTES && table.count == 601, "{}", shown.len());
        assert!(tables.are_full() && !shown.contains(&"&lt;".repeat(SHOWN_CHARACTERS + 1)));
    }

    #[test]
    fn a_list_of_records_is_a_table_and_what_has_none_is_not() {
        let table = |json: &str| Table::of_result(&RawValue::from_string(json.to_owned()).unwrap(), BOUNDS);
        assert_eq!(table(r#"[{"a":1},{"a":2,"b":3}]"#).columns, ["a", "b"]);
        assert_eq!(table(r#"{"records":[{"a":1}]}"#).columns, ["a"]);
        assert_eq!(table(r#"{"id":"001","usage":null}"#).columns, ["id"]);
        assert!(["null", "\"x\"", "[1,2]", "[]", "{}"].iter().all(|json| table(json).columns.is_empty()));
    }

    #[test]
    fn f110_a_cell_that_is_cut_says_so_at_every_depth_and_leads_to_the_rest() {
        let cases = r#"{"totalSize":9,"done":false,"records":[{"N":1}]}"#;
        let contacts = format!(r#"{{"totalSize":260,"done":false,"records":[{{"Cases":{cases}}},{{"Cases":null}}]}}"#);
        let child = |relationship: &str, next: &str| {
            format!(r#"{{"record_index":1,"relationship":"{relationship}","count":1,"total_size":9,"next":"{next}"}}"#)
        };
        let json = format!(
            r#"{{"records":[7,{{"Contacts":{contacts}}}],"children":[{},{}]}}"#,
            child("Contacts", "/outer"),
            child("Contacts.0.Cases", "/inner")
        );
        let result = RawValue::from_string(json).unwrap();
        let (table, rests) = (Table::of_result(&result, BOUNDS), Rests::of_result(&result));
        let shown = Tables::new(&rests, &Records::default()).table("t", &table).into_string();
        assert!(
            shown.contains("<summary>2 of 260</summary>") && shown.contains("<summary>1 of 9</summary>"),
            "{shown}"
        );
        assert!(shown.contains(r#"value="/outer""#) && shown.contains(r#"value="/inner""#), "{shown}");
        assert!(shown.contains("More rows of Contacts.0.Cases of record 2"), "{shown}");
        assert!(unfit(&table).into_string().contains("1 record is not in the table"));
    }
}
