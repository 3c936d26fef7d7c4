//! `composite`.

use super::Connector;
use super::mapping::{graphs, parts};
use super::types::{answer, call};
use crate::core::composite::{self, Gave, Parts};
use crate::core::error::Result as Parsed;
use crate::world::exports::workflow::salesforce::composite as wit;
use crate::world::exports::workflow::salesforce::types::Error;

impl wit::Guest for Connector {
    fn composite(
        on: wit::Connection,
        subrequests: Vec<wit::Subrequest>,
        all_or_none: bool,
        options: wit::CallOptions,
    ) -> Result<wit::CompositeResult, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let parts = parts(Parts::of_composite(), subrequests)?;
            let done = composite::composite(&mut transport, &connection, &parts, all_or_none, &options)?;
            Ok(wit::CompositeResult { results: results(done.results), usage: done.usage.map(Into::into) })
        })
    }

    fn graph(
        on: wit::Connection,
        asked: Vec<wit::RecordGraph>,
        options: wit::CallOptions,
    ) -> Result<wit::GraphsResult, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let done = composite::graph(&mut transport, &connection, &graphs(asked)?, &options)?;
            let graphs = done.graphs.into_iter().map(|graph| wit::GraphResult {
                graph_id: graph.id,
                successful: graph.results.iter().all(Result::is_ok),
                results: results(graph.results),
            });
            Ok(wit::GraphsResult { graphs: graphs.collect(), usage: done.usage.map(Into::into) })
        })
    }
}

fn results(results: Vec<Parsed<Gave>>) -> Vec<Result<wit::PartResult, Error>> {
    let result = |result: Parsed<Gave>| match result {
        Ok(gave) => Ok(gave.into()),
        Err(error) => Err((*error).into()),
    };
    results.into_iter().map(result).collect()
}
