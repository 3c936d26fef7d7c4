//! What is sent of a row: the cells of its CSV, whatever it was written in. The whole input is looked at before anything is.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use salesforce_connector::core::json::Json;
use salesforce_connector::core::record_id::RecordId;

use crate::cli::failure::Failure;
use crate::cli::rows::{Columns, Described, Format, Input, NULL, Purpose, Row, Written};

/// Columns of JSON lines. Salesforce takes 5,000 fields of a record.
const MOST_COLUMNS: usize = 5_000;

/// The columns that are sent.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) names: Vec<String>,
    /// The one that names the record of a row.
    pub(super) key: Option<usize>,
    from: From,
}

/// Where their cells come from.
#[derive(Debug)]
enum From {
    /// Columns of the input.
    Csv(Vec<usize>),
    /// Members of this name in lower case: the index of the column.
    Json(HashMap<String, usize>),
}

impl Sent {
    /// Looks at the whole input. Gives the number of rows too.
    ///
    /// # Errors
    /// `Failure::Local`: what was expected in which line.
    pub(super) fn of(input: &Input, purpose: Purpose<'_>) -> Result<(Sent, u64), Failure> {
        let mut sent = match &input.format {
            Format::Csv(names) => {
                let columns = Columns::of(names, purpose, None).map_err(|words| input.wrong(1, &words))?;
                let used: Vec<_> = columns.are_used().enumerate().filter(|(_, used)| *used).map(|(at, _)| at).collect();
                let sent = used.iter().filter_map(|at| names.get(*at).cloned()).collect();
                Sent::with(sent, From::Csv(used), purpose)
            }
            Format::JsonLines => Sent::with(Vec::new(), From::Json(HashMap::new()), purpose),
        };
        let (mut rows, mut count) = (input.rows()?, 0);
        while let Some(row) = rows.next()? {
            count += 1;
            sent.look(&row, purpose).map_err(|words| input.wrong(row.line, &words))?;
        }
        if count > 0 && sent.names.is_empty() {
            return Err(input.wrong(1, "expected at least one field in a row"));
        }
        sent.key = sent.place_of_key(purpose);
        Ok((sent, count))
    }

    /// Refuses columns that the object does not have, or that cannot be set.
    ///
    /// # Errors
    /// `Failure::Local`
    pub(super) fn check(&self, input: &Input, purpose: Purpose<'_>, described: &Described) -> Result<(), Failure> {
        let line = u64::from(matches!(self.from, From::Csv(_)));
        Columns::of(&self.names, purpose, Some(described)).map(|_| ()).map_err(|words| input.wrong(line, &words))
    }

    /// The cells of a row, one for each column.
    pub(super) fn cells(&self, row: &Row) -> Vec<String> {
        match (&self.from, &row.written) {
            (From::Csv(places), Written::Csv(cells)) => {
                places.iter().map(|at| cells.get(*at).cloned().unwrap_or_default()).collect()
            }
            (From::Json(places), Written::Json(members)) => {
                let mut cells = vec![String::new(); self.names.len()];
                for (name, value) in members {
                    // It was looked at before.
                    let Ok((name, value)) = cell(name, value) else { continue };
                    let at = places.get(&name.to_ascii_lowercase());
                    if let Some(cell) = at.and_then(|at| cells.get_mut(*at)) {
                        *cell = value;
                    }
                }
                cells
            }
            _ => Vec::new(),
        }
    }

    fn with(names: Vec<String>, from: From, purpose: Purpose<'_>) -> Sent {
        let mut sent = Sent { names, key: None, from };
        sent.key = sent.place_of_key(purpose);
        sent
    }

    fn place_of_key(&self, purpose: Purpose<'_>) -> Option<usize> {
        let key = purpose.key()?;
        self.names.iter().position(|name| name.eq_ignore_ascii_case(key))
    }

    /// Takes up the columns of a row, and looks at its key.
    fn look(&mut self, row: &Row, purpose: Purpose<'_>) -> Result<(), String> {
        let key = match &row.written {
            Written::Csv(_) => self.key.and_then(|at| self.cells(row).into_iter().nth(at)),
            Written::Json(members) => self.take_up(members, purpose)?,
        };
        match purpose {
            Purpose::Create => Ok(()),
            Purpose::Update | Purpose::Delete => match key {
                Some(id) => RecordId::parse("Id", &id).map(|_| ()).map_err(|error| error.message),
                None => Err("expected the Id of the record".to_owned()),
            },
            Purpose::Upsert(field) => match key.filter(|key| !key.is_empty() && key != NULL) {
                Some(_) => Ok(()),
                None => Err(format!("expected {field} with a text")),
            },
        }
    }

    /// Gives the key.
    fn take_up(&mut self, members: &[(String, String)], purpose: Purpose<'_>) -> Result<Option<String>, String> {
        let mut found = None;
        for (name, value) in members {
            let is_key = purpose.key().is_some_and(|key| name.eq_ignore_ascii_case(key));
            if purpose == Purpose::Delete && !is_key {
                continue;
            }
            let (column, value) = cell(name, value)?;
            if is_key {
                found = Some(value);
            }
            let From::Json(places) = &mut self.from else { continue };
            let Entry::Vacant(place) = places.entry(column.to_ascii_lowercase()) else { continue };
            if self.names.len() == MOST_COLUMNS {
                return Err("expected at most 5,000 different members in all rows".to_owned());
            }
            place.insert(self.names.len());
            self.names.push(column);
        }
        Ok(found)
    }
}

/// The column and the cell of a member: null and an empty text empty the field.
fn cell(name: &str, value: &str) -> Result<(String, String), String> {
    let text = |value: &str| match value.as_bytes().first() {
        Some(b'"') => match serde_json::from_str::<String>(value) {
            Ok(text) if text.is_empty() => Ok(NULL.to_owned()),
            Ok(text) => Ok(text),
            Err(_) => Err(format!("{name}: expected a text without half a surrogate pair")),
        },
        Some(b'{' | b'[') => Err(format!("{name}: expected a text, a number, true, false or null")),
        _ if value == "null" => Ok(NULL.to_owned()),
        _ => Ok(value.to_owned()),
    };
    if !value.starts_with('{') {
        return Ok((name.to_owned(), text(value)?));
    }
    let (_, members) = Json::parse_members(name, value).map_err(|error| error.message)?;
    let members: Vec<_> = members.iter().collect();
    let [(field, value)] = members.as_slice() else {
        return Err(format!("{name}: expected an external Id and its value, such as {{\"ERP_Id__c\":\"42\"}}"));
    };
    match text(value.as_str())? {
        cell if cell == NULL => Err(format!("{name}: expected a value: to empty a lookup, name its field")),
        cell => Ok((format!("{name}.{field}"), cell)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_become_cells() {
        for (name, value, column, text) in [
            ("Name", r#""A\u00e9 \"x\"""#, "Name", "Aé \"x\""),
            ("Name", r#""""#, "Name", "#N/A"),
            ("Amount", "9007199254740993.10", "Amount", "9007199254740993.10"),
            ("Done__c", "true", "Done__c", "true"),
            ("Amount", "null", "Amount", "#N/A"),
            ("Parent", r#"{"ERP_Id__c":"42"}"#, "Parent.ERP_Id__c", "42"),
        ] {
            assert_eq!(cell(name, value), Ok((column.to_owned(), text.to_owned())));
        }
        for (value, told) in [
            ("[1]", "X: expected a text, a number, true, false or null"),
            ("{}", "X: expected an external Id and its value, such as {\"ERP_Id__c\":\"42\"}"),
            (r#"{"A":null}"#, "X: expected a value: to empty a lookup, name its field"),
            (r#"{"A":{}}"#, "X: expected a text, a number, true, false or null"),
            (r#""\ud800""#, "X: expected a text without half a surrogate pair"),
        ] {
            assert_eq!(cell("X", value).unwrap_err(), told);
        }
    }
}
