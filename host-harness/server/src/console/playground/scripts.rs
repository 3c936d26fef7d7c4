//! The playground's own style sheet and scripts: modules that import one another by name, and CodeMirror as one built file.

use axum::Router;
use maud::{Markup, html};

use super::super::assets::{Asset, asset};
use crate::app::App;

macro_rules! script {
    ($name:literal, $file:literal) => {
        asset!(concat!("/console/", $name), "text/javascript; charset=utf-8", include_str!($file))
    };
}

static STYLE: Asset = asset!("/console/playground.css", "text/css; charset=utf-8", include_str!("playground.css"));
static PLAYGROUND: Asset = script!("playground.js", "playground.js");
static EDITOR: Asset = script!("soql-editor.js", "soql-editor.js");
static IMPORTED: [Asset; 7] = [
    script!("described.js", "described.js"),
    script!("rows.js", "rows.js"),
    script!("parameters.js", "parameters.js"),
    script!("placeholders.js", "placeholders.js"),
    script!("soql.js", "soql.js"),
    script!("soql-completion.js", "soql-completion.js"),
    script!("codemirror.js", "codemirror/codemirror.js"),
];

pub(super) fn router() -> Router<App> {
    let all = [&STYLE, &PLAYGROUND, &EDITOR].into_iter().chain(&IMPORTED);
    all.fold(Router::new(), |router, asset| router.merge(asset.router()))
}

/// What the page loads. The editor is large: only a form with SOQL has it.
pub(super) fn links(has_soql: bool) -> Markup {
    html! {
        link rel="stylesheet" href=(STYLE.url());
        script type="module" src=(PLAYGROUND.url()) {}
        @if has_soql { script type="module" src=(EDITOR.url()) {} }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    /// Names and versions, as the first line of the built file has them.
    fn built() -> Vec<(&'static str, &'static str)> {
        let file = include_str!("codemirror/codemirror.js");
        let said = file.strip_prefix("/*! Made by cargo xtask codemirror of ").unwrap();
        let (parts, _) = said.split_once("; MIT:\n").unwrap();
        parts.split(", ").map(|part| part.split_once(' ').unwrap()).collect()
    }

    #[test]
    fn the_built_editor_is_of_the_versions_that_are_locked_and_its_licence_names_each() {
        let lock: Value = serde_json::from_str(include_str!("codemirror/package-lock.json")).unwrap();
        let licence = include_str!("codemirror/LICENSE");
        let built = built();
        assert!(built.iter().any(|(name, _)| *name == "@codemirror/view"), "{built:?}");
        for (name, version) in built {
            let locked = &lock["packages"][format!("node_modules/{name}")];
            assert_eq!(
                (locked["version"].as_str(), locked["license"].as_str()),
                (Some(version), Some("MIT")),
                "{name}"
            );
            assert!(licence.contains(name), "{name}");
        }
        assert!(include_str!("codemirror/codemirror.js").contains(licence), "it is served with its licence");
    }

    #[test]
    fn every_module_that_is_imported_is_served() {
        let served: Vec<_> = super::IMPORTED.iter().map(|asset| asset.url()).collect();
        let ours = [
            include_str!("playground.js"),
            include_str!("soql-editor.js"),
            include_str!("soql-completion.js"),
            include_str!("parameters.js"),
            include_str!("soql.js"),
        ];
        let imported: Vec<_> = ours
            .iter()
            .flat_map(|text| text.split("from \"./").skip(1))
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(imported.contains(&"codemirror.js"), "{imported:?}");
        for module in imported {
            assert!(served.iter().any(|url| url.starts_with(&format!("/console/{module}?"))), "{module}");
        }
    }
}
