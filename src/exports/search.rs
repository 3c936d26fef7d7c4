//! `search`.

use super::Connector;
use super::types::{answer, call};
use crate::core::search::{self, Found, Scope, Search, SearchObject, bind_sosl};
use crate::core::soql::Parameter;
use crate::world::exports::workflow::salesforce::search as wit;
use crate::world::exports::workflow::salesforce::types::Error;

impl wit::Guest for Connector {
    fn search(
        on: wit::Connection,
        text: String,
        request: wit::SearchRequest,
        options: wit::CallOptions,
    ) -> Result<wit::Found, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
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
            let search = Search::parse(&text, &objects.collect::<Vec<_>>(), scope, request.limit)?;
            Ok(search::search(&mut transport, &connection, &search, &options)?.into())
        })
    }

    fn sosl_search(
        on: wit::Connection,
        sosl: String,
        parameters: Vec<wit::Parameter>,
        options: wit::CallOptions,
    ) -> Result<wit::Found, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let parameters: Vec<Parameter> = parameters.into_iter().map(Into::into).collect();
            let sosl = bind_sosl(&sosl, &parameters)?;
            Ok(search::sosl_search(&mut transport, &connection, &sosl, &options)?.into())
        })
    }
}

impl From<Found> for wit::Found {
    fn from(found: Found) -> Self {
        Self { records: found.records, count: found.count, usage: found.usage.map(Into::into) }
    }
}
