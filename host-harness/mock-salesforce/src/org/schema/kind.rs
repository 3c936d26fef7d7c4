//! The types of fields, and what may be asked of each.

/// The type of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// The record's own Id.
    Id,
    /// A lookup.
    Reference(Lookup),
    /// One line of text, at most so many characters.
    Text(usize),
    /// Many lines of text; cannot be filtered, sorted or grouped.
    LongText(usize),
    /// An email address.
    Email,
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
    /// One of several values; others are refused when it is restricted.
    Picklist {
        /// The values.
        values: &'static [&'static str],
        /// Whether others are refused.
        restricted: bool,
    },
    /// Any of several values, joined by `;`.
    MultiPicklist(&'static [&'static str]),
    /// A checkbox; never null.
    Boolean,
    /// A whole number of 32 bits.
    Integer,
    /// A decimal number.
    Number {
        /// What it counts.
        unit: Unit,
        /// How many digits it has at most.
        precision: u32,
        /// How many of them stand behind the point.
        scale: u32,
    },
    /// A calendar day.
    Date,
    /// A moment, to the second.
    DateTime,
    /// A time of day.
    Time,
    /// An address: a compound field, read as the object of its parts and written through them.
    Address,
    /// A geolocation: a compound field of a latitude and a longitude.
    Location,
    /// A file's bytes.
    Base64,
}

impl Kind {
    /// Whether `WHERE` may ask about its values.
    #[must_use]
    pub fn is_filterable(&self) -> bool {
        !matches!(self, Self::LongText(_) | Self::Base64) && !self.is_compound()
    }

    /// Whether `ORDER BY` may sort by its values.
    #[must_use]
    pub fn is_sortable(&self) -> bool {
        !matches!(self, Self::LongText(_) | Self::MultiPicklist(_) | Self::Base64) && !self.is_compound()
    }

    /// Whether `GROUP BY` may group by its values.
    #[must_use]
    pub fn is_groupable(&self) -> bool {
        !self.is_compound()
            && !matches!(
                self,
                Self::LongText(_)
                    | Self::MultiPicklist(_)
                    | Self::Number { .. }
                    | Self::DateTime
                    | Self::Time
                    | Self::Base64
            )
    }

    /// Whether aggregate functions may be taken of its values.
    ///
    /// Source: SOQL and SOSL Reference, "Support for Field Types in Aggregate Functions".
    #[must_use]
    pub fn is_aggregatable(&self) -> bool {
        !self.is_compound()
            && !matches!(self, Self::LongText(_) | Self::MultiPicklist(_) | Self::Boolean | Self::Base64)
    }

    /// Whether its values are text.
    #[must_use]
    pub fn is_text(&self) -> bool {
        match self {
            Self::Text(_) | Self::LongText(_) | Self::Email | Self::Phone | Self::Url => true,
            Self::Picklist { .. } | Self::MultiPicklist(_) => true,
            Self::Id
            | Self::Reference(_)
            | Self::Boolean
            | Self::Integer
            | Self::Number { .. }
            | Self::Date
            | Self::DateTime
            | Self::Time
            | Self::Address
            | Self::Location
            | Self::Base64 => false,
        }
    }

    /// Whether its value is made of the values of other fields.
    #[must_use]
    pub fn is_compound(&self) -> bool {
        matches!(self, Self::Address | Self::Location)
    }

    /// The type's name in describe and in error messages.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Reference(_) => "reference",
            Self::Text(_) => "string",
            Self::LongText(_) => "textarea",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Url => "url",
            Self::Picklist { .. } => "picklist",
            Self::MultiPicklist(_) => "multipicklist",
            Self::Boolean => "boolean",
            Self::Integer => "int",
            Self::Number { unit: Unit::Plain, .. } => "double",
            Self::Number { unit: Unit::Currency, .. } => "currency",
            Self::Number { unit: Unit::Percent, .. } => "percent",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::Time => "time",
            Self::Address => "address",
            Self::Location => "location",
            Self::Base64 => "base64",
        }
    }
}

/// What a decimal number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Nothing in particular: `double`.
    Plain,
    /// Money: `currency`.
    Currency,
    /// Hundredths: `percent`.
    Percent,
}

/// A lookup to another object.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// The API name of the object it leads to; the first of several.
    pub to: &'static str,
    /// The others, when it is polymorphic.
    pub also: &'static [&'static str],
    /// The name of the relationship in a field path.
    pub relationship: &'static str,
    /// The name of the relationship in a child sub-query.
    pub children: Option<&'static str>,
    /// What becomes of the child when the parent is deleted.
    pub on_delete: OnDelete,
}

impl Lookup {
    /// A lookup that is emptied when its parent is deleted, and that has no name from the parent's side.
    #[must_use]
    pub fn new(to: &'static str, relationship: &'static str) -> Self {
        Self { to, also: &[], relationship, children: None, on_delete: OnDelete::Clear }
    }

    /// All objects that it leads to.
    pub fn targets(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.to).chain(self.also.iter().copied())
    }

    /// Whether it may lead to records of several objects.
    #[must_use]
    pub fn is_polymorphic(&self) -> bool {
        !self.also.is_empty()
    }

    /// Whether it leads to this object.
    #[must_use]
    pub fn leads_to(&self, object: &str) -> bool {
        self.targets().any(|target| target == object)
    }
}

/// What becomes of a record when the one it looks up to is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// The lookup is emptied.
    Clear,
    /// It is deleted too.
    Cascade,
    /// The parent cannot be deleted.
    Restrict,
}
