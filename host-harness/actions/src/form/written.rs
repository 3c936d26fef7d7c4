//! How a value is written as JSON, for people: `{"sku": TEXT, "count": N}`.

use crate::types::{Case, Field, Shape, TypeId, Types, member};

/// Lists, objects and cases in one another; what is deeper is `...`.
const DEEPEST: usize = 3;
/// Members, cases or labels that are told of one type.
const MOST: usize = 5;

/// How a value of this type is written as JSON.
#[must_use]
pub fn written(types: &Types, id: TypeId) -> String {
    told(types, id, DEEPEST)
}

fn told(types: &Types, id: TypeId, depth: usize) -> String {
    let Some(below) = depth.checked_sub(1) else { return "...".to_owned() };
    let of = |id: TypeId| told(types, id, below);
    let case = |name: &str, ty: Option<TypeId>| match ty {
        None => format!("\"{name}\""),
        Some(ty) => format!("{{\"{}\": {}}}", member(name), of(ty)),
    };
    match types.shape(id) {
        Shape::Bool => "true|false".to_owned(),
        Shape::Integer { .. } | Shape::Float { .. } => "N".to_owned(),
        Shape::Char | Shape::Text => "TEXT".to_owned(),
        Shape::Bytes => "BASE64".to_owned(),
        Shape::Json => "JSON".to_owned(),
        Shape::Parameters => "{\"NAME\": VALUE}".to_owned(),
        Shape::Option(some) => told(types, *some, depth),
        Shape::List(entry) => format!("[{}, ...]", of(*entry)),
        Shape::Tuple(parts) => format!("[{}]", some_of(parts, ", ", |part| of(*part))),
        Shape::Record(fields) => {
            let field = |Field { name, ty, .. }: &Field| format!("\"{}\": {}", member(name), of(*ty));
            format!("{{{}}}", some_of(fields, ", ", field))
        }
        Shape::Variant(cases) => some_of(cases, " or ", |Case { name, ty, .. }| case(name, *ty)),
        Shape::Enum(labels) => some_of(labels, "|", |label| format!("\"{}\"", label.name)),
        Shape::Flags(labels) => format!("[{}, ...]", some_of(labels, "|", |label| format!("\"{}\"", label.name))),
        Shape::Result { ok, error } => format!("{} or {}", case("ok", *ok), case("error", *error)),
    }
}

/// The first of some, and whether there are more.
fn some_of<T>(all: &[T], between: &str, told: impl Fn(&T) -> String) -> String {
    let first = all.iter().take(MOST).map(told);
    first.chain((all.len() > MOST).then(|| "...".to_owned())).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Actions;

    #[test]
    fn each_type_is_told_as_its_json_is_written() {
        let types = r#"{"shape":"text"},
            {"shape":{"integer":{"signed":true,"bits":16}}},
            {"shape":{"option":1}},
            {"shape":{"record":[{"name":"sku-number","type":0},{"name":"count","type":2}]}},
            {"shape":{"list":3}},
            {"shape":{"enum":[{"name":"very-low"},{"name":"high"}]}},
            {"shape":{"variant":[{"name":"all-of-it"},{"name":"by","type":4}]}},
            {"shape":{"tuple":[0,1,5]}},
            {"shape":{"result":{"ok":1,"error":null}}},
            {"shape":{"list":6}},
            {"shape":{"list":9}},
            {"shape":{"tuple":[0,0,0,0,0,0,0]}}"#;
        let actions: Actions = serde_json::from_str(&format!(r#"{{"types":[{types}],"actions":[]}}"#)).unwrap();
        for (id, words) in [
            (2, "N"),
            (4, r#"[{"sku_number": TEXT, "count": N}, ...]"#),
            (5, r#""very-low"|"high""#),
            (6, r#""all-of-it" or {"by": [{"sku_number": ..., "count": ...}, ...]}"#),
            (7, r#"[TEXT, N, "very-low"|"high"]"#),
            (8, r#"{"ok": N} or "error""#),
            (10, r#"[["all-of-it" or {"by": ...}, ...], ...]"#),
            (11, "[TEXT, TEXT, TEXT, TEXT, TEXT, ...]"),
        ] {
            let id: TypeId = serde_json::from_str(&id.to_string()).unwrap();
            assert_eq!(written(actions.types(), id), words);
        }
    }
}
