//! Child sub-queries in the records of a page: what does not fit has a locator of its own.

use std::sync::Arc;

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::{CHILD_PAGE, Open, OpenQuery, Reader, Rows, new_id, page_size, unwritable};
use crate::ApiError;

#[derive(Debug)]
pub(super) struct HeldRow {
    pub(super) json: Box<RawValue>,
    pub(super) weight: usize,
}

/// A record of a query.
#[derive(Debug)]
pub(super) struct Parent {
    /// The locator of the query.
    pub(super) query: String,
    /// The position in the whole result.
    pub(super) position: usize,
}

/// Cuts the child results of the record at this position, and those within them, to their first pages, and adds what is cut off
/// under its locator.
pub(super) fn cut_children(
    record: &mut Value,
    query: &mut OpenQuery,
    position: usize,
    reader: Reader<'_>,
    cut: &mut Vec<(String, Open)>,
) -> Result<(), ApiError> {
    for children in record.as_object_mut().into_iter().flat_map(|record| record.values_mut()) {
        // A parent record has no `totalSize`.
        let Some(children) = children.as_object_mut().filter(|children| children.contains_key("totalSize")) else {
            continue;
        };
        let total_size = children.get("totalSize").and_then(Value::as_i64).unwrap_or(-1);
        let Some(records) = children.get_mut("records").and_then(Value::as_array_mut) else { continue };
        for record in records.iter_mut() {
            cut_children(record, query, position, reader, cut)?;
        }
        let first = page_size(records.iter().map(weight), CHILD_PAGE);
        let rest = records.split_off(first);
        if rest.is_empty() {
            continue;
        }
        let held = |row: &Value| Ok(HeldRow { json: to_raw_value(row).map_err(unwritable)?, weight: weight(row) });
        let rows = rest.iter().map(held).collect::<Result<Arc<[_]>, ApiError>>()?;
        let id = query.children.entry((position, cut.len())).or_insert_with(new_id).clone();
        children.insert("done".to_owned(), json!(false));
        children.insert("nextRecordsUrl".to_owned(), json!(reader.url(&id, first)));
        let rows = Rows::Children { total_size, first, rows };
        let parent = Some(Parent { query: query.id.clone(), position });
        cut.push((id, Open { user_id: reader.user_id.to_owned(), since: reader.now, rows, parent }));
    }
    Ok(())
}

/// How many rows a record takes of its page: one, and one for each of its children on it.
pub(super) fn weight(record: &Value) -> usize {
    let children = record.as_object().into_iter().flat_map(|record| record.values());
    let children = children.filter(|value| value.get("totalSize").is_some());
    let rows = children.filter_map(|children| children.get("records")?.as_array()).flatten();
    1 + rows.map(weight).sum::<usize>()
}

/// Whether children of a record did not fit.
pub(super) fn is_cut(record: &Value) -> bool {
    record.as_object().into_iter().flat_map(|record| record.values()).any(|value| value.get("nextRecordsUrl").is_some())
}
