//! WIT types as data: what the types of an action's parameters and result are made of, with their documentation.
//!
//! A type refers to types before it alone, as in a component's binary, so none contains itself; and they are few and flat
//! ([`Types::MOST`], [`Types::DEEPEST`]), whoever made them.

use serde::{Deserialize, Serialize, Serializer};

/// The package of the connector's own interfaces.
pub const PACKAGE: &str = "workflow:salesforce";

/// The types of a component's actions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "Vec<Type>")]
pub struct Types {
    types: Vec<Type>,
    /// How many are in one another in each.
    depths: Vec<usize>,
}

/// A type among [`Types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TypeId(u32);

/// A type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Type {
    /// Its name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<TypeName>,
    /// What `///` says of it in the WIT; empty where the WIT was not at hand.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// What it is made of.
    pub shape: Shape,
}

/// The name of a type, e.g. `query` of `workflow:salesforce/soql`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeName {
    /// The interface, without its version.
    pub interface: String,
    /// In kebab case.
    pub name: String,
}

/// What a type is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// `bool`
    Bool,
    /// `u8` to `u64` and `s8` to `s64`
    Integer {
        /// Whether it can be below zero.
        signed: bool,
        /// 8, 16, 32 or 64.
        bits: u8,
    },
    /// `f32` or `f64`
    Float {
        /// 32 or 64.
        bits: u8,
    },
    /// `char`
    Char,
    /// `string`
    Text,
    /// `types.json`: JSON text, which stands as itself in JSON.
    Json,
    /// `list<u8>`, base64 in JSON.
    Bytes,
    /// `list<soql.parameter>`: an object of names and values in JSON.
    Parameters,
    /// `option<T>`
    Option(TypeId),
    /// `list<T>`
    List(TypeId),
    /// `tuple<T, ...>`
    Tuple(Vec<TypeId>),
    /// `record`
    Record(Vec<Field>),
    /// `variant`
    Variant(Vec<Case>),
    /// `enum`
    Enum(Vec<Label>),
    /// `flags`
    Flags(Vec<Label>),
    /// `result<T, E>`
    Result {
        /// Where it went well.
        ok: Option<TypeId>,
        /// Where it did not.
        error: Option<TypeId>,
    },
}

/// A field of a record, or a parameter of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// In kebab case.
    pub name: String,
    /// What `///` says of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: TypeId,
}

/// A case of a variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// In kebab case.
    pub name: String,
    /// What `///` says of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// What it holds.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub ty: Option<TypeId>,
}

/// A case of an enum, or a flag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// In kebab case.
    pub name: String,
    /// What `///` says of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
}

/// More than is taken of a component's types; says what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooManyTypes {
    /// There are too many.
    #[error("expected at most {} types", Types::MOST)]
    Types,
    /// They are too deep in one another.
    #[error("expected types at most {} deep in one another", Types::DEEPEST)]
    Depth,
    /// One has too many fields, cases, flags or parts.
    #[error("expected at most {} members in a type, found {found}", Types::MEMBERS)]
    Members {
        /// How many it has.
        found: usize,
    },
    /// One refers to a type that is not before it.
    #[error("expected types that refer to those before them alone")]
    Forward,
}

impl Types {
    /// Types of a component.
    pub const MOST: usize = 1_000;
    /// Types in one another.
    pub const DEEPEST: usize = 16;
    /// Fields of a record, cases of a variant.
    pub const MEMBERS: usize = 200;

    /// One of them. Those of another component are not for this.
    #[must_use]
    pub fn get(&self, id: TypeId) -> &Type {
        static NOTHING: Type = Type { name: None, docs: String::new(), shape: Shape::Tuple(Vec::new()) };
        self.types.get(id.0 as usize).unwrap_or(&NOTHING)
    }

    /// What one of them is made of.
    #[must_use]
    pub fn shape(&self, id: TypeId) -> &Shape {
        &self.get(id).shape
    }

    /// Whether a type has this name in the connector's own package, e.g. `soql`, `page`.
    #[must_use]
    pub fn is_own(&self, id: TypeId, interface: &str, name: &str) -> bool {
        self.get(id).name.as_ref().is_some_and(|found| found.is_own(interface, name))
    }

    /// Adds a type.
    ///
    /// # Errors
    /// [`TooManyTypes`].
    pub(crate) fn add(&mut self, ty: Type) -> Result<TypeId, TooManyTypes> {
        if self.types.len() >= Self::MOST {
            return Err(TooManyTypes::Types);
        }
        let found = ty.shape.members();
        if found > Self::MEMBERS {
            return Err(TooManyTypes::Members { found });
        }
        let mut depth = 1;
        for part in ty.shape.parts() {
            let below = self.depths.get(part.0 as usize).ok_or(TooManyTypes::Forward)?;
            depth = depth.max(1 + below);
        }
        if depth > Self::DEEPEST {
            return Err(TooManyTypes::Depth);
        }
        let id = TypeId(u32::try_from(self.types.len()).map_err(|_| TooManyTypes::Types)?);
        self.types.push(ty);
        self.depths.push(depth);
        Ok(id)
    }

    /// Takes the documentation of types of the same name and make.
    pub(crate) fn document(&mut self, known: &Types) {
        for ty in &mut self.types {
            let Some(found) = known.types.iter().find(|known| known.name.is_some() && known.name == ty.name) else {
                continue;
            };
            ty.docs.clone_from(&found.docs);
            match (&mut ty.shape, &found.shape) {
                (Shape::Record(fields), Shape::Record(known)) => {
                    let docs =
                        |name: &str| known.iter().find(|known| known.name == name).map(|known| known.docs.clone());
                    fields.iter_mut().for_each(|field| field.docs = docs(&field.name).unwrap_or_default());
                }
                (Shape::Variant(cases), Shape::Variant(known)) => {
                    let docs =
                        |name: &str| known.iter().find(|known| known.name == name).map(|known| known.docs.clone());
                    cases.iter_mut().for_each(|case| case.docs = docs(&case.name).unwrap_or_default());
                }
                (Shape::Enum(labels), Shape::Enum(known)) => {
                    let docs =
                        |name: &str| known.iter().find(|known| known.name == name).map(|known| known.docs.clone());
                    labels.iter_mut().for_each(|label| label.docs = docs(&label.name).unwrap_or_default());
                }
                _ => {}
            }
        }
    }

    /// Whether a type stands for nothing where it is left out: an option, a bool, a list, or a record of such.
    #[must_use]
    pub fn may_be_left_out(&self, id: TypeId) -> bool {
        match self.shape(id) {
            Shape::Bool | Shape::Option(_) | Shape::List(_) | Shape::Bytes | Shape::Parameters | Shape::Flags(_) => {
                true
            }
            Shape::Record(fields) => fields.iter().all(|field| self.may_be_left_out(field.ty)),
            _ => false,
        }
    }
}

impl TryFrom<Vec<Type>> for Types {
    type Error = TooManyTypes;

    fn try_from(all: Vec<Type>) -> Result<Types, TooManyTypes> {
        let mut types = Types::default();
        all.into_iter().try_for_each(|ty| types.add(ty).map(drop))?;
        Ok(types)
    }
}

impl Serialize for Types {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.types.serialize(serializer)
    }
}

impl TypeName {
    /// Whether it is a name of the connector's own package.
    #[must_use]
    pub fn is_own(&self, interface: &str, name: &str) -> bool {
        let own = self.interface.strip_prefix(PACKAGE).and_then(|rest| rest.strip_prefix('/'));
        own == Some(interface) && self.name == name
    }
}

impl Shape {
    fn parts(&self) -> impl Iterator<Item = TypeId> {
        let parts: Vec<TypeId> = match self {
            Shape::Option(of) | Shape::List(of) => vec![*of],
            Shape::Tuple(parts) => parts.clone(),
            Shape::Record(fields) => fields.iter().map(|field| field.ty).collect(),
            Shape::Variant(cases) => cases.iter().filter_map(|case| case.ty).collect(),
            Shape::Result { ok, error } => ok.iter().chain(error).copied().collect(),
            _ => Vec::new(),
        };
        parts.into_iter()
    }

    fn members(&self) -> usize {
        match self {
            Shape::Tuple(parts) => parts.len(),
            Shape::Record(fields) => fields.len(),
            Shape::Variant(cases) => cases.len(),
            Shape::Enum(labels) | Shape::Flags(labels) => labels.len(),
            _ => 0,
        }
    }
}

/// A name as JSON has it: in snake case.
#[must_use]
pub fn member(name: &str) -> String {
    name.replace('-', "_")
}
