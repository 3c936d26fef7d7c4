//! Inputs and results of actions as JSON Schema, in the dialect of OpenAPI 3.1, with the documentation of the WIT.

use std::collections::BTreeMap;

use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, SchemaType,
    Type as JsonType,
};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::action::{Action, Actions};
use crate::bounded::{self, FieldValue};
use crate::form::documentation;
use crate::types::{Case, Field, PACKAGE, Shape, Type, TypeId, Types, member};
use crate::value::{LONGEST_BYTES, LONGEST_CSV, LONGEST_LIST, LONGEST_TEXT};

/// The schemas of a component's actions, by name: each has its input as `{Action}Input`, and its result where it gives one.
#[derive(Default)]
pub struct Schemas {
    named: BTreeMap<String, RefOr<Schema>>,
    inputs: Vec<(String, RefOr<Schema>)>,
    results: Vec<(String, RefOr<Schema>)>,
}

/// Which way a value goes: what may be left out of an input is always there in a result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

impl Schemas {
    /// Of all actions.
    #[must_use]
    pub fn of(actions: &Actions) -> Schemas {
        let mut schemas = Schemas::default();
        for action in actions.iter() {
            let input = schemas.input(actions.types(), action);
            let name = format!("{}Input", pascal(&action.name));
            schemas.named.insert(name.clone(), input);
            schemas.inputs.push((action.name.clone(), Ref::from_schema_name(name).into()));
            if let Some(id) = action.result {
                let result = schemas.ty(actions.types(), id, Way::Out);
                schemas.results.push((action.name.clone(), result));
            }
        }
        schemas
    }

    /// Those that others refer to.
    pub fn named(&self) -> impl Iterator<Item = (&String, &RefOr<Schema>)> {
        self.named.iter()
    }

    /// The input of each action, by its name.
    pub fn inputs(&self) -> impl Iterator<Item = (&String, &RefOr<Schema>)> {
        self.inputs.iter().map(|(name, schema)| (name, schema))
    }

    /// The result of each action that gives one, by its name.
    pub fn results(&self) -> impl Iterator<Item = (&String, &RefOr<Schema>)> {
        self.results.iter().map(|(name, schema)| (name, schema))
    }

    fn input(&mut self, types: &Types, action: &Action) -> RefOr<Schema> {
        let is_list = |field: &Field| matches!(types.shape(field.ty), Shape::List(_) | Shape::Bytes);
        let is_required = |field: &Field| is_list(field) || !types.may_be_left_out(field.ty);
        let documented =
            |parameter: &Field| Field { docs: documentation(action, parameter).to_owned(), ..parameter.clone() };
        let parameters: Vec<_> = action.parameters.iter().map(documented).collect();
        let object = self.object(types, &parameters, Way::In, is_required);
        object.description(Some(format!("Input of `{}`.", action.name))).into()
    }

    fn object(
        &mut self,
        types: &Types,
        fields: &[Field],
        way: Way,
        is_required: impl Fn(&Field) -> bool,
    ) -> ObjectBuilder {
        let mut object = ObjectBuilder::new().schema_type(JsonType::Object);
        for field in fields {
            let schema = described(self.ty(types, field.ty, way), &field.docs);
            object = object.property(member(&field.name), schema);
            if is_required(field) {
                object = object.required(member(&field.name));
            }
        }
        object.additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
    }

    /// A type: where it has a name and parts, a reference to it.
    fn ty(&mut self, types: &Types, id: TypeId, way: Way) -> RefOr<Schema> {
        let ty = types.get(id);
        let has_parts = matches!(ty.shape, Shape::Record(_) | Shape::Variant(_) | Shape::Enum(_) | Shape::Flags(_));
        let Some(name) = schema_name(ty, way).filter(|_| has_parts) else { return self.shape(types, ty, way) };
        if !self.named.contains_key(&name) {
            let schema = described(self.shape(types, ty, way), &ty.docs);
            self.named.insert(name.clone(), schema);
        }
        Ref::from_schema_name(name).into()
    }

    fn shape(&mut self, types: &Types, ty: &Type, way: Way) -> RefOr<Schema> {
        match &ty.shape {
            Shape::Bool => of_type(JsonType::Boolean).into(),
            Shape::Integer { signed, bits } => integer(*signed, *bits).into(),
            Shape::Float { bits } => {
                let number = of_type(JsonType::Number);
                let format = if *bits == 32 { KnownFormat::Float } else { KnownFormat::Double };
                number.format(Some(SchemaFormat::KnownFormat(format))).into()
            }
            Shape::Char => of_type(JsonType::String).min_length(Some(1)).max_length(Some(1)).into(),
            Shape::Text => match way {
                Way::In => {
                    let is_csv = ty.name.as_ref().is_some_and(|name| name.is_own("bulk", "csv"));
                    let longest = if is_csv { LONGEST_CSV } else { LONGEST_TEXT };
                    of_type(JsonType::String).max_length(Some(longest)).into()
                }
                Way::Out => of_type(JsonType::String).into(),
            },
            Shape::Json => match way {
                Way::In => {
                    self.named.entry(FieldValue::name().into_owned()).or_insert_with(FieldValue::schema);
                    Ref::from_schema_name(FieldValue::name()).into()
                }
                Way::Out => ObjectBuilder::new().schema_type(SchemaType::AnyValue).into(),
            },
            Shape::Bytes => {
                let text = of_type(JsonType::String).content_encoding("base64");
                if way == Way::In { text.max_length(Some(LONGEST_BYTES)) } else { text }.into()
            }
            Shape::Parameters => match way {
                Way::In => {
                    let value = bounded::ParameterValue::name().into_owned();
                    self.named.entry(value).or_insert_with(bounded::ParameterValue::schema);
                    let name = bounded::Parameters::name();
                    self.named.entry(name.clone().into_owned()).or_insert_with(bounded::Parameters::schema);
                    Ref::from_schema_name(name).into()
                }
                Way::Out => ArrayBuilder::new().items(ObjectBuilder::new()).into(),
            },
            // What takes null already would take it twice, and so not at all.
            Shape::Option(of) if matches!(types.shape(*of), Shape::Json | Shape::Option(_)) => self.ty(types, *of, way),
            Shape::Option(of) => {
                OneOfBuilder::new().item(self.ty(types, *of, way)).item(of_type(JsonType::Null)).into()
            }
            Shape::List(of) => {
                let list = ArrayBuilder::new().items(self.ty(types, *of, way));
                if way == Way::In { list.max_items(Some(LONGEST_LIST)) } else { list }.into()
            }
            Shape::Tuple(parts) => {
                let parts: Vec<Schema> = parts.iter().map(|part| inline(self.ty(types, *part, way))).collect();
                let (least, most) = (Some(parts.len()), Some(parts.len()));
                ArrayBuilder::new().prefix_items(parts).min_items(least).max_items(most).into()
            }
            Shape::Record(fields) => {
                let is_required = |field: &Field| way == Way::Out || !types.may_be_left_out(field.ty);
                self.object(types, fields, way, is_required).into()
            }
            Shape::Variant(cases) => {
                let name = ty.name.as_ref().map(|name| pascal(&name.name)).unwrap_or_default();
                self.cases(types, &name, cases, way)
            }
            Shape::Result { ok, error } => {
                let case =
                    |name: &str, ty: &Option<TypeId>| Case { name: name.to_owned(), docs: String::new(), ty: *ty };
                self.cases(types, "Result", &[case("ok", ok), case("error", error)], way)
            }
            Shape::Enum(labels) => {
                let names: Vec<_> = labels.iter().map(|label| label.name.clone()).collect();
                let said = labels.iter().filter(|label| !label.docs.is_empty());
                let said: Vec<_> =
                    said.map(|label| format!("- `{}`: {}", label.name, Actions::said_of_json(&label.docs))).collect();
                let schema = of_type(JsonType::String).enum_values(Some(names));
                schema.description((!said.is_empty()).then(|| said.join("\n"))).into()
            }
            Shape::Flags(labels) => {
                let names: Vec<_> = labels.iter().map(|label| label.name.clone()).collect();
                let items = of_type(JsonType::String).enum_values(Some(names));
                ArrayBuilder::new().items(items).unique_items(true).into()
            }
        }
    }

    fn cases(&mut self, types: &Types, name: &str, cases: &[Case], way: Way) -> RefOr<Schema> {
        let mut one_of = OneOfBuilder::new();
        for case in cases {
            let schema: RefOr<Schema> = match case.ty {
                None => of_type(JsonType::String).enum_values(Some([case.name.clone()])).into(),
                // By it generated clients name the class.
                Some(ty) => of_type(JsonType::Object)
                    .title(Some(format!("{name}{}", pascal(&case.name))))
                    .property(member(&case.name), self.ty(types, ty, way))
                    .required(member(&case.name))
                    .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
                    .into(),
            };
            one_of = one_of.item(described(schema, &case.docs));
        }
        one_of.into()
    }
}

/// What a schema is called: the connector's own by their types' names, others with their interface before.
fn schema_name(ty: &Type, way: Way) -> Option<String> {
    let name = ty.name.as_ref()?;
    let is_own = name.interface.strip_prefix(PACKAGE).is_some_and(|rest| rest.starts_with('/'));
    let interface = if is_own { String::new() } else { pascal(&name.interface) };
    let way = if way == Way::In { "Argument" } else { "" };
    Some(format!("{interface}{}{way}", pascal(&name.name)))
}

/// `AcmeQuotesActions` of `acme:quotes/actions`.
fn pascal(name: &str) -> String {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric());
    let mut pascal = String::new();
    for word in words {
        let mut letters = word.chars();
        pascal.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        pascal.push_str(letters.as_str());
    }
    pascal
}

fn of_type(json_type: JsonType) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(json_type)
}

fn integer(signed: bool, bits: u8) -> ObjectBuilder {
    let integer = of_type(JsonType::Integer);
    // Without a format, clients are generated with 32 bits. Names of formats: <https://spec.openapis.org/registry/format/>.
    let format = match (signed, bits) {
        (false, 64) => SchemaFormat::Custom("uint64".to_owned()),
        (false, 32) | (true, 64) => SchemaFormat::KnownFormat(KnownFormat::Int64),
        _ => SchemaFormat::KnownFormat(KnownFormat::Int32),
    };
    let integer = integer.format(Some(format));
    match (signed, bits) {
        (false, 8) => integer.minimum(Some(0)).maximum(Some(u8::MAX)),
        (false, 16) => integer.minimum(Some(0)).maximum(Some(u16::MAX)),
        (false, 32) => integer.minimum(Some(0)).maximum(Some(u32::MAX)),
        (false, _) => integer.minimum(Some(0)).maximum(Some(u64::MAX)),
        (true, 8) => integer.minimum(Some(i8::MIN)).maximum(Some(i8::MAX)),
        (true, 16) => integer.minimum(Some(i16::MIN)).maximum(Some(i16::MAX)),
        (true, 32) => integer.minimum(Some(i32::MIN)).maximum(Some(i32::MAX)),
        (true, _) => integer.minimum(Some(i64::MIN)).maximum(Some(i64::MAX)),
    }
}

/// With what is said of it. What refers to another schema is described there.
fn described(schema: RefOr<Schema>, docs: &str) -> RefOr<Schema> {
    if docs.is_empty() {
        return schema;
    }
    let docs = Actions::said_of_json(docs);
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.description = Some(match object.description {
                Some(said) => format!("{docs}\n\n{said}"),
                None => docs,
            });
            Schema::Object(object).into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.description = Some(docs);
            Schema::Array(array).into()
        }
        RefOr::T(Schema::OneOf(mut one_of)) => {
            one_of.description = Some(docs);
            Schema::OneOf(one_of).into()
        }
        RefOr::Ref(mut reference) => {
            reference.description = docs;
            reference.into()
        }
        other => other,
    }
}

fn inline(schema: RefOr<Schema>) -> Schema {
    match schema {
        RefOr::T(schema) => schema,
        reference @ RefOr::Ref(_) => utoipa::openapi::AllOfBuilder::new().item(reference).into(),
    }
}
