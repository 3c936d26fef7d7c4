//! What to search for, and where.

use super::wit;
use crate::core::error::Result;
use crate::core::search::{Scope, Search, SearchObject};

pub(crate) fn search_request(text: &str, request: wit::SearchRequest) -> Result<Search> {
    let scope = request.scope.map(|scope| match scope {
        wit::SearchScope::All => Scope::All,
        wit::SearchScope::Name => Scope::Name,
        wit::SearchScope::Email => Scope::Email,
        wit::SearchScope::Phone => Scope::Phone,
        wit::SearchScope::Sidebar => Scope::Sidebar,
    });
    let objects = request.objects.into_iter().map(|one| SearchObject {
        object: one.object,
        fields: one.fields,
        limit: one.limit,
    });
    Search::parse(text, &objects.collect::<Vec<_>>(), scope, request.limit)
}
