//! The records of a call, checked, and the request that they become.

use crate::core::error::{Error, Result};
use crate::core::http::Method;
use crate::core::json::Json;
use crate::core::name::{FieldName, ObjectName};
use crate::core::record_id::RecordId;
use crate::core::records::SaveOptions;

/// Salesforce's limit on the records of a call.
const MOST_RECORDS: usize = 200;
/// And on the runs of records of one object after another.
const MOST_RUNS: usize = 10;

/// A record as the caller gives it.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// API name of its object.
    pub object: &'a str,
    /// Its Id, for an update.
    pub id: Option<&'a str>,
    /// The text of a JSON object.
    pub fields: &'a str,
}

/// What is done with records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the calls of sObject Collections")]
pub enum Work {
    Create,
    Update,
    Upsert,
    Delete,
}

/// Records to write, and how.
pub struct Batch {
    pub(super) work: Work,
    pub(super) method: Method,
    /// Behind `/services/data/vNN.N`.
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    /// JSON text.
    pub(super) body: Option<String>,
    pub(super) all_or_none: bool,
    /// How many records.
    pub(super) count: usize,
    /// Those of an update or a delete, one for each record.
    pub(super) ids: Vec<RecordId>,
}

impl Batch {
    /// Creates those without an Id, and updates those with one: either all have one or none.
    pub fn save(records: &[Given<'_>], all_or_none: bool, options: &SaveOptions) -> Result<Self> {
        let is_update = records.first().is_some_and(|record| record.id.is_some());
        let (work, method) = if is_update { (Work::Update, Method::Patch) } else { (Work::Create, Method::Post) };
        let mut batch = Self::new(work, method, "/composite/sobjects".into(), all_or_none);
        batch.headers = options.headers();
        batch.add_all(records, ".fields", None)?;
        Ok(batch)
    }

    /// Updates or creates records of one object by an external Id field.
    pub fn upsert(
        object: &str,
        external_id_field: &str,
        records: &[String],
        all_or_none: bool,
        options: &SaveOptions,
    ) -> Result<Self> {
        const FIELD: &str = "external-id-field";
        let object = ObjectName::parse(object)?;
        let field = FieldName::parse(external_id_field).map_err(|error| error.at(FIELD))?;
        if field.as_str().eq_ignore_ascii_case("Id") {
            return Err(Error::invalid_argument(
                FIELD,
                "an external Id field: update-records is for records that are known by their Id",
            ));
        }
        let path = ["/composite/sobjects/", object.as_str(), "/", field.as_str()].concat();
        let given: Vec<_> = records.iter().map(|fields| Given { object: object.as_str(), id: None, fields }).collect();
        let mut batch = Self::new(Work::Upsert, Method::Patch, path, all_or_none);
        batch.headers = options.headers();
        batch.add_all(&given, "", Some(&field))?;
        Ok(batch)
    }

    /// Deletes records of any objects.
    pub fn delete(ids: &[String], all_or_none: bool) -> Result<Self> {
        check_count("ids", ids.len())?;
        let mut batch = Self::new(Work::Delete, Method::Delete, "/composite/sobjects?ids=".into(), all_or_none);
        for (index, id) in ids.iter().enumerate() {
            batch.add_id(id, &format!("ids[{index}]"))?;
            batch.path.push_str(if index == 0 { "" } else { "," });
            batch.path.push_str(id);
        }
        batch.path.push_str(if all_or_none { "&allOrNone=true" } else { "&allOrNone=false" });
        batch.count = ids.len();
        Ok(batch)
    }

    fn new(work: Work, method: Method, path: String, all_or_none: bool) -> Self {
        Self { work, method, path, headers: Vec::new(), body: None, all_or_none, count: 0, ids: Vec::new() }
    }

    /// Writes the body. `member` is where the fields are inside of a record, for errors.
    fn add_all(&mut self, records: &[Given<'_>], member: &str, key: Option<&FieldName>) -> Result<()> {
        check_count("records", records.len())?;
        let bytes: usize = records.iter().map(|record| record.fields.len() + record.object.len() + 64).sum();
        let mut body = String::with_capacity(bytes + 64);
        body.push_str(if self.all_or_none { r#"{"allOrNone":true"# } else { r#"{"allOrNone":false"# });
        body.push_str(r#","records":["#);
        let (mut runs, mut last) = (0, "");
        for (index, record) in records.iter().enumerate() {
            let place = format!("records[{index}]");
            let object = ObjectName::parse(record.object).map_err(|error| error.at(&[&place, ".object"].concat()))?;
            runs += usize::from(!last.eq_ignore_ascii_case(record.object));
            last = record.object;
            body.push_str(if index == 0 { "" } else { "," });
            // First of all: Salesforce refuses a record whose attributes come behind other members.
            for part in [r#"{"attributes":{"type":""#, object.as_str(), r#""}"#] {
                body.push_str(part);
            }
            if let Some(id) = record.id {
                self.add_id(id, &[&place, ".id"].concat())?;
                for part in [r#","id":""#, id, r#"""#] {
                    body.push_str(part);
                }
            }
            let fields = fields(&[&place, member].concat(), record.fields, key)?;
            let members = fields.as_str().get(1..).unwrap_or_default();
            body.push_str(if fields.object().is_some_and(|fields| fields.iter().next().is_none()) { "" } else { "," });
            body.push_str(members);
        }
        if runs > MOST_RUNS {
            let expected = format!(
                "at most {MOST_RUNS} runs of records of one object after another, Salesforce's limit, but there are {runs}: \
                 sort the records by object"
            );
            return Err(Error::invalid_argument("records", &expected));
        }
        body.push_str("]}");
        self.body = Some(body);
        self.count = records.len();
        Ok(())
    }

    fn add_id(&mut self, id: &str, place: &str) -> Result<()> {
        let id = RecordId::parse(place, id)?;
        if let Some(earlier) = self.ids.iter().position(|earlier| earlier.is(&id)) {
            let list = if self.work == Work::Delete { "ids" } else { "records" };
            return Err(Error::invalid_argument(place, &format!("each Id once, but {list}[{earlier}] has it too")));
        }
        self.ids.push(id);
        Ok(())
    }
}

fn check_count(name: &str, count: usize) -> Result<()> {
    if (1..=MOST_RECORDS).contains(&count) {
        return Ok(());
    }
    let expected = format!(
        "1 to {MOST_RECORDS}, but there are {count}: send parts of {MOST_RECORDS}, or use the Bulk API for many thousands"
    );
    Err(Error::invalid_argument(name, &expected))
}

/// The fields of a record: an object without what stands in the record beside them. With `key`, that field has a value.
fn fields<'a>(place: &str, text: &'a str, key: Option<&FieldName>) -> Result<Json<'a>> {
    let (fields, members) = Json::parse_members(place, text)?;
    let find =
        |name: &str| members.iter().find(|(member, _)| member.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    for (name, why) in [
        ("attributes", "no attributes, which are written here"),
        ("Id", "no Id: a new record has none, an update has it beside its fields, and an upsert has its external Id"),
    ] {
        if find(name).is_some() {
            return Err(Error::invalid_argument(place, why));
        }
    }
    match key {
        Some(key) if !find(key.as_str()).is_some_and(is_key_value) => {
            Err(Error::invalid_argument(place, &[key.as_str(), " with a text that is not empty, or a number"].concat()))
        }
        _ => Ok(fields),
    }
}

/// A text that is not empty, or a number.
fn is_key_value(value: Json<'_>) -> bool {
    match value.as_str().as_bytes() {
        [b'"', rest @ ..] => rest.len() > 1,
        [b'-' | b'0'..=b'9', ..] => true,
        _ => false,
    }
}
