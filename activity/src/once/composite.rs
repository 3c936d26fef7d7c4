//! `composite`.

use salesforce_connector::core::composite::{self, Parts};

use crate::connect::run;
use crate::mapping::{graphs, parts};
use crate::types::each;
use crate::verdict::Action;
use crate::world::Activity;
use crate::world::exports::workflow::salesforce_activity::composite as wit;

impl wit::Guest for Activity {
    fn composite(
        subrequests: Vec<wit::Subrequest>,
        all_or_none: bool,
    ) -> Result<Vec<Result<wit::PartResult, wit::Error>>, wit::Error> {
        let actions = actions(&subrequests);
        let results = run(together(&actions), |transport, connection, options| {
            let parts = parts(Parts::of_composite(), subrequests)?;
            Ok(composite::composite(transport, connection, &parts, all_or_none, options)?.results)
        })?;
        Ok(each(results, actions))
    }

    fn graph(asked: Vec<wit::RecordGraph>) -> Result<Vec<wit::GraphResult>, wit::Error> {
        let actions: Vec<_> = asked.iter().map(|graph| actions(&graph.subrequests)).collect();
        let found = run(together(&actions.concat()), |transport, connection, options| {
            Ok(composite::graph(transport, connection, &graphs(asked)?, options)?.graphs)
        })?;
        let result = |(graph, actions): (composite::GraphResult, _)| wit::GraphResult {
            graph_id: graph.id,
            successful: graph.results.iter().all(Result::is_ok),
            results: each(graph.results, actions),
        };
        Ok(found.into_iter().zip(actions).map(result).collect())
    }
}

/// What each part does. Made again by itself, an update may come behind what another part did since.
fn actions(parts: &[wit::Subrequest]) -> Vec<Action> {
    let action = |part: &wit::Subrequest| match part.action {
        wit::PartAction::Read(_) | wit::PartAction::Query(_) => Action::Read,
        _ => Action::Write,
    };
    parts.iter().map(action).collect()
}

/// What they do as one call.
fn together(parts: &[Action]) -> Action {
    if parts.contains(&Action::Write) { Action::Write } else { Action::Read }
}
