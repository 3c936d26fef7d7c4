//! What a composite or a graph asks for, and what a part gave.

use super::{external_id, query, wit};
use crate::core::composite::{Action, Gave, Graph, Parts, Reference, ReferringField, Which};
use crate::core::error::Result;
use crate::core::name::{FieldName, ObjectName};
use crate::core::record_id::RecordId;
use crate::core::records::parse_fields;

pub(crate) fn graphs(graphs: Vec<wit::RecordGraph>) -> Result<Vec<Graph>> {
    let mut parsed = Vec::new();
    for (index, graph) in graphs.into_iter().enumerate() {
        let parts = parts(Parts::of_graph(index), graph.subrequests)?;
        parsed.push(Graph::parse(index, &graph.graph_id, parts, &parsed)?);
    }
    Ok(parsed)
}

pub(crate) fn parts(mut parts: Parts, subrequests: Vec<wit::Subrequest>) -> Result<Parts> {
    for wit::Subrequest { reference_id, action: asked } in subrequests {
        parts.push(&reference_id, || action(asked))?;
    }
    Ok(parts)
}

fn action(action: wit::PartAction) -> Result<Action> {
    Ok(match action {
        wit::PartAction::Create(part) => Action::Create {
            object: ObjectName::parse(&part.object)?,
            fields: part.fields,
            references: references(part.references)?,
        },
        wit::PartAction::Update(part) => Action::Update {
            object: ObjectName::parse(&part.object)?,
            key: key(part.key)?,
            fields: part.fields,
            references: references(part.references)?,
        },
        wit::PartAction::Upsert(part) => Action::Upsert {
            object: ObjectName::parse(&part.object)?,
            external_id: external_id(&part.external_id)?,
            fields: part.fields,
            references: references(part.references)?,
            update_only: part.update_only,
        },
        wit::PartAction::Delete(part) => {
            Action::Delete { object: ObjectName::parse(&part.object)?, key: key(part.key)? }
        }
        wit::PartAction::Read(part) => Action::Read {
            object: ObjectName::parse(&part.object)?,
            key: match part.key {
                wit::ReadKey::Id(id) => key(wit::PartKey::Id(id))?,
                wit::ReadKey::Reference(reference) => key(wit::PartKey::Reference(reference))?,
                wit::ReadKey::ExternalId(id) => Which::ExternalId(external_id(&id)?),
            },
            fields: parse_fields(&part.fields)?,
        },
        wit::PartAction::Query(part) => Action::Query(query(wit::Query {
            soql: part.soql,
            parameters: part.parameters,
            include_deleted: part.include_deleted,
            batch_size: None,
            max_records: None,
        })?),
    })
}

fn key(key: wit::PartKey) -> Result<Which> {
    Ok(match key {
        wit::PartKey::Id(id) => Which::Id(RecordId::parse("key.id", &id)?),
        wit::PartKey::Reference(reference) => Which::Reference(Reference::parse("key.reference", &reference)?),
    })
}

fn references(references: Vec<wit::ReferringField>) -> Result<Vec<ReferringField>> {
    let field = |(index, referring): (usize, wit::ReferringField)| {
        Ok(ReferringField {
            field: FieldName::parse_as(&format!("references[{index}].field"), &referring.field)?,
            value: Reference::parse(&format!("references[{index}].value"), &referring.value)?,
        })
    };
    references.into_iter().enumerate().map(field).collect()
}

impl From<Gave> for wit::PartResult {
    fn from(gave: Gave) -> Self {
        match gave {
            Gave::Saved(saved) => {
                Self::Saved(wit::SavedPart { id: saved.id, created: saved.created, event_uuid: saved.event_uuid })
            }
            Gave::Updated => Self::Updated,
            Gave::Deleted => Self::Deleted,
            Gave::Values(values) => Self::Values(values),
            Gave::Records(page) => Self::Records(page.into()),
        }
    }
}
