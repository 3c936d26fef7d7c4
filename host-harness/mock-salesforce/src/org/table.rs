//! The records of one object and the indexes on them. Not for rules: whatever is put here is kept.

use std::{collections::HashMap, sync::Arc};

use super::{
    id::RecordId,
    schema::{Field, Kind, Object},
    value::{Key, Value},
};

static NULL: Value = Value::Null;

/// One record.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: RecordId,
    pub(crate) deleted: bool,
    /// In the order of the object's fields.
    values: Arc<[Value]>,
}

impl Row {
    /// A record with these values, one for each field of the object.
    pub(crate) fn new(object: &Object, id: RecordId, values: Vec<Value>) -> Self {
        let is_deleted = object.place("IsDeleted").and_then(|place| values.get(place));
        Self { id, deleted: is_deleted == Some(&Value::Boolean(true)), values: values.into() }
    }

    /// The value of the field at this place.
    pub(crate) fn value(&self, place: usize) -> &Value {
        self.values.get(place).unwrap_or(&NULL)
    }

    /// About how much memory it takes with its share of the indexes, in bytes. Blobs are shared and not counted.
    pub(crate) fn bytes(&self) -> usize {
        let texts = self.values.iter().filter_map(Value::as_text).map(str::len).sum::<usize>();
        256 + self.values.len() * size_of::<Value>() + 2 * texts
    }

    /// The values, to make a changed record of.
    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }
}

/// All records of one object, deleted ones too, in the order of their making.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) object: Arc<Object>,
    /// The object without the mask that `object` wears.
    whole: Option<Arc<Object>>,
    rows: Vec<Row>,
    by_id: HashMap<RecordId, usize>,
    /// For each field that has one: from a value to the places of the rows that hold it, live or deleted.
    indexes: HashMap<usize, HashMap<Key, Vec<usize>>>,
}

impl Table {
    pub(crate) fn new(object: Object) -> Self {
        let indexed = object.fields.iter().enumerate().filter(|(_, field)| field.has_index());
        let indexes = indexed.map(|(place, _)| (place, HashMap::new())).collect();
        Self { object: Arc::new(object), whole: None, rows: Vec::new(), by_id: HashMap::new(), indexes }
    }

    /// Shows the object like this instead, until it is unmasked. Fields keep their places.
    pub(super) fn mask(&mut self, seen: Arc<Object>) {
        let whole = std::mem::replace(&mut self.object, seen);
        self.whole.get_or_insert(whole);
    }

    pub(super) fn unmask(&mut self) {
        if let Some(whole) = self.whole.take() {
            self.object = whole;
        }
    }

    /// Drops all records. The numbers of new ones begin again.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.by_id.clear();
        self.indexes.values_mut().for_each(HashMap::clear);
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(crate) fn row(&self, id: RecordId) -> Option<&Row> {
        self.rows.get(*self.by_id.get(&id)?)
    }

    /// How many records there ever were: the number of the next.
    pub(crate) fn next_number(&self) -> u64 {
        u64::try_from(self.rows.len()).unwrap_or(u64::MAX)
    }

    /// Adds a record, or puts it in the place of the one with the same Id.
    pub(crate) fn put(&mut self, row: Row) {
        let place = self.by_id.get(&row.id).copied().unwrap_or(self.rows.len());
        for (field, index) in &mut self.indexes {
            let case_sensitive = self.object.fields.get(*field).is_some_and(|field| field.case_sensitive);
            let key = row.value(*field).key(case_sensitive);
            if let Some(old) = self.rows.get(place) {
                let old_key = old.value(*field).key(case_sensitive);
                if old_key == key {
                    continue;
                }
                if let Some(places) = index.get_mut(&old_key) {
                    places.retain(|held| *held != place);
                }
            }
            if key != Key::Null {
                let places = index.entry(key).or_default();
                let at = places.partition_point(|held| *held < place);
                places.insert(at, place);
            }
        }
        self.by_id.insert(row.id, place);
        match self.rows.get_mut(place) {
            Some(old) => *old = row,
            None => self.rows.push(row),
        }
    }

    /// Marks a record as deleted, where no field of it can say so.
    pub(super) fn bury(&mut self, id: RecordId) {
        if let Some(row) = self.by_id.get(&id).and_then(|place| self.rows.get_mut(*place)) {
            row.deleted = true;
        }
    }

    /// The records that hold a value other than null in an indexed field, in the order of their making. None when
    /// there is no index on the field.
    pub(crate) fn find(&self, field: usize, value: &Value) -> Option<impl Iterator<Item = &Row> + '_> {
        let case_sensitive = self.object.fields.get(field).is_some_and(|field| field.case_sensitive);
        self.find_key(field, &value.key(case_sensitive))
    }

    /// [`Table::find`] by what the index knows the value by.
    pub(crate) fn find_key<'a>(&'a self, field: usize, key: &Key) -> Option<impl Iterator<Item = &'a Row> + use<'a>> {
        let places = self.indexes.get(&field)?.get(key).map(Vec::as_slice).unwrap_or_default();
        Some(places.iter().filter_map(|place| self.rows.get(*place)))
    }
}

/// The values of a record of which nothing is known yet.
pub(super) fn blank(table: &Table) -> Vec<Value> {
    let value = |field: &Field| match (&field.kind, field.default) {
        (Kind::Boolean, default) => Value::Boolean(default == Some("true")),
        (_, Some(default)) => Value::text(default),
        _ => Value::Null,
    };
    table.object.fields.iter().map(value).collect()
}

/// Puts values into their places.
pub(super) fn overlay(values: &mut [Value], given: impl IntoIterator<Item = (usize, Value)>) {
    for (place, new) in given {
        if let Some(value) = values.get_mut(place) {
            *value = new;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::schema::{Field, Kind};

    fn table() -> Table {
        Table::new(Object::new(
            "Thing__c",
            "Thing",
            "Things",
            "a09",
            vec![Field::new("Id", "Record ID", Kind::Id), Field::new("Code__c", "Code", Kind::Text(10)).external_id()],
        ))
    }

    fn row(number: u64, code: &str) -> Row {
        let id = RecordId::numbered("a09", number).unwrap();
        Row::new(&table().object, id, vec![Value::Id(id), Value::text(code)])
    }

    fn found(table: &Table, code: &str) -> Vec<RecordId> {
        table.find(1, &Value::text(code)).unwrap().map(|row| row.id).collect()
    }

    #[test]
    fn an_index_follows_every_change() {
        let mut table = table();
        let (first, second) = (row(0, "a"), row(1, "A"));
        let ids = [first.id, second.id];
        table.put(first);
        table.put(second);
        assert_eq!(found(&table, "A"), ids, "in any case");
        table.put(row(0, "b"));
        assert_eq!(found(&table, "a"), [ids[1]]);
        assert_eq!(found(&table, "b"), [ids[0]]);
        table.put(row(0, ""));
        assert_eq!(found(&table, ""), []);
        assert_eq!(table.rows().len(), 2);
        assert!(table.find(0, &Value::Null).is_none());
    }
}
