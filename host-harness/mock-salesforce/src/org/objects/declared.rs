//! Reads an object's declaration: a head `API name | label | plural | key prefix | options`, then a line a field,
//! `API name | type | label | options | values`. `#` begins a comment.
//!
//! Two lines stand for several fields: `audit` for who made and changed a record, and `address PREFIX | LABEL` for an
//! address and its parts.

use crate::org::schema::{AutoNumber, Field, Kind, Lookup, Object, OnDelete, Unit, intern};

/// The number of the first record that the org numbers.
const FIRST_NUMBER: u64 = 1000;

const GEOCODE_ACCURACIES: &[&str] = &[
    "Address",
    "NearAddress",
    "Block",
    "Street",
    "ExtendedZip",
    "Zip",
    "Neighborhood",
    "City",
    "County",
    "State",
    "Unknown",
];

/// The object that a text declares.
pub(super) fn object(text: &'static str, person_accounts: bool) -> Result<Object, String> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let head = lines.next().unwrap_or_default();
    let [name, label, plural, key_prefix, options] = columns(head);
    let mut fields = Vec::new();
    for line in lines {
        let made = match columns(line) {
            ["audit", ..] => audit().to_vec(),
            [first, label, options, ..] if first == "address" || first.starts_with("address ") => {
                address(first.strip_prefix("address").unwrap_or_default().trim(), label, options)
            }
            [name, kind, label, options, values] => {
                vec![field(name, kind, label, options, values).map_err(|wrong| format!("{line}: {wrong}"))?]
            }
        };
        // Options are checked where fields are made; this one decides whether they are.
        if person_accounts
            || !columns(line).iter().skip(2).any(|column| options_of(column).any(|option| option == "person"))
        {
            fields.extend(made);
        }
    }
    let mut object = Object::new(name, label, plural, key_prefix, fields);
    for option in options_of(options) {
        match option {
            "closed" => object = object.closed(),
            "not-createable" => object.createable = false,
            "not-deletable" => object.deletable = false,
            "feeds" => object.has_feed = true,
            "merges" => object.mergeable = true,
            "undeletes" => object.undeletable = true,
            unknown => return Err(format!("{head}: unknown option {unknown}")),
        }
    }
    Ok(object)
}

fn columns(line: &'static str) -> [&'static str; 5] {
    let mut columns = line.split('|').map(str::trim);
    std::array::from_fn(|_| columns.next().unwrap_or_default())
}

fn options_of(column: &'static str) -> impl Iterator<Item = &'static str> {
    column.split(',').map(str::trim).filter(|option| !option.is_empty())
}

fn field(
    name: &'static str,
    kind: &'static str,
    label: &'static str,
    options: &'static str,
    values: &'static str,
) -> Result<Field, String> {
    let values: Vec<_> = values.split(';').map(str::trim).filter(|value| !value.is_empty()).collect();
    let (kind, described_as) = parse_kind(kind, intern::list(&values))?;
    let mut field = Field { described_as, ..Field::new(name, label, kind) };
    match field.kind {
        Kind::Id => field = field.required().read_only().id_lookup(),
        Kind::Boolean => field = field.required(),
        Kind::Address | Kind::Location => field = field.read_only(),
        _ => {}
    }
    options_of(options).try_fold(field, with_option)
}

fn with_option(mut field: Field, option: &'static str) -> Result<Field, String> {
    let (word, rest) = option.split_once(' ').unwrap_or((option, ""));
    match word {
        "required" | "owner" => Ok(field.required()),
        "read-only" => Ok(field.read_only()),
        "set-once" => Ok(Field { set_once: true, ..field }),
        "name" => Ok(field.name_field()),
        "external-id" => Ok(field.external_id()),
        "lookup-key" => Ok(field.id_lookup()),
        "unique" => Ok(field.unique()),
        "person" => Ok(field),
        "in" => Ok(Field { part_of: Some(rest), ..field }),
        "default" => Ok(field.default(rest)),
        "auto-number" => {
            let (digits, prefix) = rest.split_once(' ').unwrap_or((rest, ""));
            let digits = digits.parse().map_err(|_| "auto-number DIGITS PREFIX")?;
            Ok(field.auto_number(AutoNumber::new(&format!("{prefix}{{{}}}", "0".repeat(digits)), FIRST_NUMBER)))
        }
        "cascade" | "restrict" => match &mut field.kind {
            Kind::Reference(lookup) => {
                lookup.on_delete = if word == "cascade" { OnDelete::Cascade } else { OnDelete::Restrict };
                Ok(field)
            }
            _ => Err(format!("{word} is for lookups")),
        },
        _ => Err(format!("unknown option {option}")),
    }
}

/// The type, and what describe calls it if the type has several names.
fn parse_kind(text: &'static str, values: &'static [&'static str]) -> Result<(Kind, Option<&'static str>), String> {
    let wrong = || format!("unknown type {text}");
    let mut words = text.split_whitespace();
    let word = words.next().unwrap_or_default();
    let mut number = || words.next().and_then(|word| word.parse::<u32>().ok()).ok_or_else(wrong);
    let length = |number: u32| usize::try_from(number).unwrap_or_default();
    let kind = match word {
        "id" => Kind::Id,
        "text" => Kind::Text(length(number()?)),
        "textarea" => return Ok((Kind::Text(length(number()?)), Some("textarea"))),
        "long-text" => Kind::LongText(length(number()?)),
        "email" => Kind::Email,
        "phone" => Kind::Phone,
        "url" => Kind::Url,
        "picklist" => match number() {
            Ok(longest) => return Ok((Kind::Text(length(longest)), Some("picklist"))),
            Err(_) => Kind::Picklist { values, restricted: false },
        },
        "combobox" => return Ok((Kind::Picklist { values, restricted: false }, Some("combobox"))),
        "restricted" => Kind::Picklist { values, restricted: true },
        "multipicklist" => Kind::MultiPicklist(values),
        "boolean" => Kind::Boolean,
        "int" => Kind::Integer,
        "number" => Kind::Number { unit: Unit::Plain, precision: number()?, scale: number()? },
        "currency" => Kind::Number { unit: Unit::Currency, precision: number()?, scale: number()? },
        "percent" => Kind::Number { unit: Unit::Percent, precision: number()?, scale: number()? },
        "date" => Kind::Date,
        "datetime" => Kind::DateTime,
        "base64" => Kind::Base64,
        "lookup" => Kind::Reference(lookup(words).ok_or_else(wrong)?),
        _ => return Err(wrong()),
    };
    Ok((kind, None))
}

/// `OBJECT[,OBJECT...] RELATIONSHIP [CHILDREN]`.
fn lookup(mut words: impl Iterator<Item = &'static str>) -> Option<Lookup> {
    let mut targets = words.next()?.split(',');
    let (to, relationship) = (targets.next()?, words.next()?);
    let also: Vec<_> = targets.collect();
    Some(Lookup { also: intern::list(&also), children: words.next(), ..Lookup::new(to, relationship) })
}

fn audit() -> [Field; 5] {
    let moment = |name, label| Field::new(name, label, Kind::DateTime).required().read_only();
    let by = |name, label, relationship| {
        Field::new(name, label, Kind::Reference(Lookup::new("User", relationship))).required().read_only()
    };
    [
        moment("CreatedDate", "Created Date"),
        by("CreatedById", "Created By ID", "CreatedBy"),
        moment("LastModifiedDate", "Last Modified Date"),
        by("LastModifiedById", "Last Modified By ID", "LastModifiedBy"),
        moment("SystemModstamp", "System Modstamp"),
    ]
}

/// An address and its parts, all of whose names begin alike.
fn address(prefix: &str, label: &str, _options: &str) -> Vec<Field> {
    let name = |ending: &str| intern::text(&format!("{prefix}{ending}"));
    let whole = name("Address");
    let field = |ending: &str, words: &str, kind| Field {
        part_of: Some(whole),
        ..Field::new(name(ending), intern::text(format!("{label} {words}").trim()), kind)
    };
    let degrees = || Kind::Number { unit: Unit::Plain, precision: 18, scale: 15 };
    vec![
        Field { described_as: Some("textarea"), ..field("Street", "Street", Kind::Text(255)) },
        field("City", "City", Kind::Text(40)),
        field("State", "State/Province", Kind::Text(80)),
        field("PostalCode", "Zip/Postal Code", Kind::Text(20)),
        field("Country", "Country", Kind::Text(80)),
        field("Latitude", "Latitude", degrees()),
        field("Longitude", "Longitude", degrees()),
        field("GeocodeAccuracy", "Geocode Accuracy", Kind::Picklist { values: GEOCODE_ACCURACIES, restricted: true }),
        Field { part_of: None, ..field("Address", "Address", Kind::Address).read_only() },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const THING: &str = "# A comment.
        Thing__c | Thing | Things | a09 | undeletes
        Id | id | Record ID
        Kind__c | restricted | Kind | default B | A; B
        Owner | lookup User,Group Owner Things | Owner | owner, cascade
        address Site | Site
        Extra | text 5 | Extra | person, in SiteAddress
        audit";

    #[test]
    fn a_declaration_is_read() {
        let thing = object(THING, false).unwrap();
        assert_eq!(
            (thing.name, thing.plural, thing.key_prefix, thing.undeletable),
            ("Thing__c", "Things", "a09", true)
        );
        assert_eq!(thing.fields.len(), 3 + 9 + 5);
        let (_, kind) = thing.field("Kind__c").unwrap();
        assert!(matches!(kind.kind, Kind::Picklist { values: ["A", "B"], restricted: true }));
        assert_eq!(kind.default, Some("B"));
        let (_, _, lookup) = thing.lookup("Owner").unwrap();
        assert_eq!(lookup.targets().collect::<Vec<_>>(), ["User", "Group"]);
        assert_eq!((lookup.children, lookup.on_delete), (Some("Things"), OnDelete::Cascade));
        assert_eq!(thing.field("SiteCity").unwrap().1.part_of, Some("SiteAddress"));
        assert_eq!(object(THING, true).unwrap().fields.len(), 3 + 9 + 1 + 5);
    }

    #[test]
    fn what_is_misspelt_is_told() {
        for (text, error) in [
            ("T | T | T | a09\nName | txt 5 | Name", "unknown type txt 5"),
            ("T | T | T | a09\nName | text 5 | Name | requird", "unknown option requird"),
            ("T | T | T | a09 | open", "unknown option open"),
        ] {
            assert!(object(text, false).unwrap_err().contains(error));
        }
    }
}
