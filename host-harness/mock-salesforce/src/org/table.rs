//! The records of one object and the indexes on them. Not for rules: whatever is put here is kept.

use std::ops::Range;
use std::sync::Arc;

use super::{
    generated::Generator,
    id::RecordId,
    schema::{Field, Kind, Object},
    sorted::Sorted,
    value::{Key, Value, parse_number},
};

static NULL: Value = Value::Null;

/// One record.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: RecordId,
    pub(crate) deleted: bool,
    /// How many fields the object has.
    fields: usize,
    /// What is not null, with the place of its field, in the order of the object's fields: most fields of most records are.
    values: Arc<[(u16, Value)]>,
}

impl Row {
    /// A record with these values, one for each field of the object.
    pub(crate) fn new(object: &Object, id: RecordId, values: Vec<Value>) -> Self {
        let is_deleted = object.place("IsDeleted").and_then(|place| values.get(place));
        let (deleted, fields) = (is_deleted == Some(&Value::Boolean(true)), values.len());
        let held = (0..).zip(values).filter(|(_, value)| !value.is_null());
        Self { id, deleted, fields, values: held.collect() }
    }

    /// The value of the field at this place.
    pub(crate) fn value(&self, place: usize) -> &Value {
        let found = self.values.binary_search_by_key(&place, |(place, _)| usize::from(*place));
        found.ok().and_then(|found| self.values.get(found)).map_or(&NULL, |(_, value)| value)
    }

    /// About how much memory it takes, and its texts in the indexes, in bytes. Blobs are shared and not counted.
    fn bytes(&self) -> usize {
        let texts = self.values.iter().filter_map(|(_, value)| value.as_text()).map(str::len).sum::<usize>();
        128 + self.values.len() * size_of::<(u16, Value)>() + 2 * texts
    }

    /// The values, one for each field of the object, to make a changed record of.
    pub(crate) fn values(&self) -> Vec<Value> {
        let mut values = vec![Value::Null; self.fields];
        for (place, value) in self.values.iter() {
            if let Some(held) = values.get_mut(usize::from(*place)) {
                held.clone_from(value);
            }
        }
        values
    }
}

/// All records of one object, deleted ones too, in the order of their making, which is that of their Ids. A copy costs
/// little: what neither changes is shared.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) object: Arc<Object>,
    /// The object without the mask that `object` wears.
    whole: Option<Arc<Object>>,
    rows: Sorted<Row>,
    /// How many of the rows are deleted.
    deleted: usize,
    /// By the place of the field.
    indexes: Vec<(usize, Index)>,
    /// What makes the records, if none is stored.
    pub(super) generator: Option<Generator>,
}

/// The values of one field, each with the record that holds it, live or deleted: first null, then in the order of values.
pub(crate) type Index = Sorted<(Key, RecordId)>;

impl Table {
    pub(crate) fn new(object: Object) -> Self {
        let indexed = object.fields.iter().enumerate().filter(|(_, field)| field.has_index());
        let indexes = indexed.map(|(place, _)| (place, Index::default())).collect();
        Self { object: Arc::new(object), whole: None, rows: Sorted::default(), deleted: 0, indexes, generator: None }
    }

    /// A table of the same object that stores these records, and has no indexes.
    pub(super) fn holding(&self, rows: impl Iterator<Item = Row>) -> Self {
        let (object, whole) = (Arc::clone(&self.object), self.whole.clone());
        let mut table =
            Self { object, whole, rows: Sorted::default(), deleted: 0, indexes: Vec::new(), generator: None };
        rows.for_each(|row| table.put(row));
        table
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
        self.rows = Sorted::default();
        self.deleted = 0;
        self.indexes.iter_mut().for_each(|(_, index)| *index = Index::default());
    }

    /// Those that are stored.
    pub(crate) fn rows(&self) -> &Sorted<Row> {
        &self.rows
    }

    pub(crate) fn row(&self, id: RecordId) -> Option<&Row> {
        self.rows.find(|row| row.id.cmp(&id))
    }

    /// Whether its records are generated, and none is stored.
    pub(crate) fn is_generated(&self) -> bool {
        self.generator.is_some()
    }

    /// How many records there are, stored or generated, deleted ones too.
    pub(crate) fn len(&self) -> usize {
        self.generator.map_or(self.rows.len(), |generator| generator.count)
    }

    /// The Ids of the records at these places.
    pub(crate) fn ids(&self, places: Range<usize>) -> Vec<RecordId> {
        match self.generator {
            Some(generator) => places.filter_map(|number| generator.id(&self.object, number)).collect(),
            None => self.rows.range(places).map(|row| row.id).collect(),
        }
    }

    /// How many records are live.
    pub(crate) fn live(&self) -> usize {
        self.len() - self.deleted
    }

    /// How many records there ever were: the number of the next.
    pub(crate) fn next_number(&self) -> u64 {
        u64::try_from(self.rows.len()).unwrap_or(u64::MAX)
    }

    /// The Id of the next record. A record that came with its Id may have had the number already.
    pub(super) fn next_id(&self) -> Option<RecordId> {
        let ids = (self.next_number()..).map(|number| RecordId::numbered(self.object.key_prefix, number));
        ids.into_iter().find(|id| id.is_none_or(|id| self.row(id).is_none())).flatten()
    }

    /// Adds a record, or puts it in the place of the one with the same Id.
    pub(crate) fn put(&mut self, row: Row) {
        let old = self.rows.find(|known| known.id.cmp(&row.id));
        for (field, index) in &mut self.indexes {
            let case_sensitive = self.object.fields.get(*field).is_some_and(|field| field.case_sensitive);
            let key = row.value(*field).key(case_sensitive);
            if let Some(old) = old {
                let gone = (old.value(*field).key(case_sensitive), row.id);
                if gone.0 == key {
                    continue;
                }
                index.remove(|entry| entry.cmp(&gone));
            }
            index.put((key, row.id), Ord::cmp);
        }
        self.deleted += usize::from(row.deleted);
        self.deleted -= usize::from(old.is_some_and(|old| old.deleted));
        self.rows.put(row, |known, new| known.id.cmp(&new.id));
    }

    /// About how much memory it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let entries = self.indexes.iter().map(|(_, index)| index.len()).sum::<usize>();
        self.rows.iter().map(Row::bytes).sum::<usize>() + entries * size_of::<(Key, RecordId)>()
    }

    /// Marks a record as deleted, where no field of it can say so.
    pub(super) fn bury(&mut self, id: RecordId) {
        if let Some(row) = self.row(id).filter(|row| !row.deleted) {
            self.put(Row { deleted: true, ..row.clone() });
        }
    }

    /// The index on each field that has one, by the field's place.
    pub(crate) fn indexes(&self) -> impl Iterator<Item = (usize, &Index)> {
        self.indexes.iter().map(|(place, index)| (*place, index))
    }

    /// The records that hold a value of an indexed field from the first key on and before the second, in the order of values.
    pub(super) fn range<'a>(&'a self, field: usize, from: &Key, until: &'a Key) -> impl Iterator<Item = &'a Row> {
        let index = self.indexes.iter().find(|(place, _)| *place == field);
        let entries = index.into_iter().flat_map(|(_, index)| index.from(&|(known, _)| known < from));
        entries.take_while(move |(known, _)| known < until).filter_map(|(_, id)| self.row(*id))
    }

    /// The records that hold a value other than null in an indexed field, in the order of their making. None when
    /// there is no index on the field.
    pub(crate) fn find<'a>(&'a self, field: usize, value: &Value) -> Option<impl Iterator<Item = &'a Row> + use<'a>> {
        let case_sensitive = self.object.fields.get(field).is_some_and(|field| field.case_sensitive);
        self.find_key(field, value.key(case_sensitive))
    }

    /// The records that hold a value in a field, with an index on it or without, in the order of their making.
    pub(crate) fn all_with<'a>(&'a self, field: usize, value: &Value) -> Box<dyn Iterator<Item = &'a Row> + 'a> {
        if let Some(found) = self.find(field, value) {
            return Box::new(found);
        }
        let key = value.key(false);
        Box::new(self.rows.iter().filter(move |row| row.value(field).key(false) == key))
    }

    /// [`Table::find`] by what the index knows the value by.
    pub(crate) fn find_key(&self, field: usize, key: Key) -> Option<impl Iterator<Item = &Row> + use<'_>> {
        let (_, index) = self.indexes.iter().find(|(place, _)| *place == field)?;
        let entries = index.from(&|(known, _)| *known < key);
        let entries = entries.take_while(move |(known, _)| *known == key && key != Key::Null);
        Some(entries.filter_map(|(_, id)| self.row(*id)))
    }
}

/// The values of a record of which nothing is known yet.
pub(super) fn blank(table: &Table) -> Vec<Value> {
    let record_type = table.object.record_types.iter().find(|known| known.default).and_then(|known| known.id);
    let value = |field: &Field| match (&field.kind, field.default) {
        (Kind::Reference(_), _) if field.name == "RecordTypeId" => record_type.map_or(Value::Null, Value::Id),
        // Who is made is there to log in.
        (Kind::Boolean, _) if field.name == "IsActive" && table.object.name == "User" => Value::Boolean(true),
        (Kind::Boolean, default) => Value::Boolean(default == Some("true")),
        (Kind::Integer | Kind::Number { .. }, Some(default)) => {
            parse_number(default).map_or(Value::Null, Value::Number)
        }
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
        table.bury(ids[1]);
        assert_eq!((table.live(), table.row(ids[1]).unwrap().deleted), (1, true));
    }
}
