//! XML of a Salesforce DX project.

use roxmltree::{Document, Node, ParsingOptions};

use super::{FileError, Source};

/// The most elements of a file.
const MOST_NODES: u32 = 1_000_000;

impl Source {
    /// What the file says, if its root is called so.
    pub(super) fn document(&self, root: &str) -> Result<Document<'_>, FileError> {
        let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
        let document = Document::parse_with_options(&self.text, options)
            .map_err(|error| self.error(usize::try_from(error.pos().row).unwrap_or(1), error.to_string()))?;
        let found = document.root_element().tag_name().name();
        if found == root {
            Ok(document)
        } else {
            let problem = format!("<{found}>: expected <{root}>");
            Err(self.error_at(document.root_element(), problem))
        }
    }

    /// An error where an element begins.
    pub(super) fn error_at(&self, node: Node<'_, '_>, problem: impl Into<String>) -> FileError {
        self.error(self.line_at(node.range().start), problem)
    }
}

/// The elements of this name in an element.
pub(super) fn children<'a, 'input>(node: Node<'a, 'input>, name: &str) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

pub(super) fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    children(node, name).next()
}

/// The text of the element of this name, if there is any.
pub(super) fn text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name)?.text().map(str::trim).filter(|text| !text.is_empty())
}

pub(super) fn is_true(node: Node<'_, '_>, name: &str) -> bool {
    text(node, name) == Some("true")
}
