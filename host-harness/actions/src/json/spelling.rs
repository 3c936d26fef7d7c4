//! Which names an error tells. What came may be a secret in the wrong place, so:
//!
//! - a name that is known, of a field or of a case, is told: it is the type's and not the caller's;
//! - one that is not known is told if it is nearly one that is, and that one is suggested;
//! - one that nobody can know, of a query's parameter or of a record's field, is told if it can be such a name.

/// Known names that an error lists.
const MOST_LISTED: usize = 12;
/// The longest name that can be a misspelt one, or one that nobody knows.
const LONGEST: usize = 60;

/// What is wrong with a name that is none of those that are known, each with the form in which it is written. `what` is
/// "field", "variant" or the like.
pub(crate) fn unknown(what: &str, came: &str, known: &[(&str, String)]) -> String {
    match nearest(came, known.iter().map(|(name, _)| *name)) {
        Some(name) => {
            let form = known.iter().find(|(known, _)| *known == name).map_or(name, |(_, form)| form);
            format!("unknown {what}, did you mean {form}?")
        }
        None => format!("unknown {what}, expected {}", listed(known.iter().map(|(_, form)| form))),
    }
}

/// The known name that was meant: the same but for case, hyphens and a third of its letters.
#[must_use]
pub fn nearest<'a>(came: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if came.len() > LONGEST {
        return None;
    }
    let came = letters(came);
    let distance = |name: &'a str| {
        let name_letters = letters(name);
        let distance = strsim::damerau_levenshtein(&came, &name_letters);
        (distance * 3 <= name_letters.chars().count()).then_some((distance, name))
    };
    known.into_iter().filter_map(distance).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// Whether a text can be a name that nobody knows beforehand: a letter, then letters, digits and `_`.
pub(crate) fn is_possible(text: &str) -> bool {
    text.len() <= LONGEST
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `a, b or c`, or the first of them and how many more.
pub(crate) fn listed<T: AsRef<str>>(forms: impl IntoIterator<Item = T>) -> String {
    let forms: Vec<T> = forms.into_iter().collect();
    let join = |forms: &[T]| forms.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    match (forms.get(..MOST_LISTED), forms.as_slice()) {
        (Some(first), all) if all.len() > MOST_LISTED => {
            format!("{} or one of {} more", join(first), all.len() - MOST_LISTED)
        }
        (_, []) => "nothing".to_owned(),
        (_, [one]) => one.as_ref().to_owned(),
        (_, [first @ .., last]) => format!("{} or {}", join(first), last.as_ref()),
    }
}

fn letters(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] = ["soql", "parameters", "include_deleted", "batch_size", "off"];

    #[test]
    fn a_misspelt_name_is_known_again_and_a_secret_is_not() {
        for (came, meant) in [
            ("paramters", Some("parameters")),
            ("include-deleted", Some("include_deleted")),
            ("BatchSize", Some("batch_size")),
            ("batch_size2", Some("batch_size")),
            ("slq", None),
            ("sql", Some("soql")),
            ("hunter", None),
            ("hush", None),
            ("", None),
            ("of", Some("off")),
            ("00D5g0000000000!AQ", None),
        ] {
            assert_eq!(nearest(came, KNOWN), meant, "{came}");
        }
        assert_eq!(nearest(&"parameters".repeat(10_000), KNOWN), None);
    }

    #[test]
    fn known_names_are_listed_up_to_a_number() {
        assert_eq!(listed::<&str>([]), "nothing");
        assert_eq!(listed(["a"]), "a");
        assert_eq!(listed(["a", "b", "c"]), "a, b or c");
        let many: Vec<String> = (0..200).map(|number| format!("`n{number}`")).collect();
        let told = listed(&many);
        assert!(told.starts_with("`n0`, `n1`, ") && told.ends_with("`n11` or one of 188 more"), "{told}");
    }

    #[test]
    fn a_name_that_nobody_knows_is_told_if_it_can_be_one() {
        assert!(is_possible("accountId") && is_possible("ERP_Id__c") && is_possible("n2"));
        let long = "n".repeat(LONGEST + 1);
        for secret in ["", "00D5g", "a-b", "a b", "a!b", "a.b", "ä", &long] {
            assert!(!is_possible(secret), "{secret}");
        }
    }
}
