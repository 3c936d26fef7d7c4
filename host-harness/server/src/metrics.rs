//! What Prometheus reads: counts and durations, no names of tenants' records, no secrets.

use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use super::executions::ExecutionState;
use salesforce_actions::Actions;
use salesforce_runtime::egress::ExchangeFailure;

/// The server's metrics.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    executions: Family<Labels, Counter>,
    durations: Family<ActionLabel, Histogram>,
    refused: Family<ReasonLabel, Counter>,
    running: Gauge,
    connections: Gauge,
    connections_ended: Family<ReasonLabel, Counter>,
    authorizations_failed: Family<KindLabel, Counter>,
    refreshes_failed: Family<KindLabel, Counter>,
    users_needed: Family<ReasonLabel, Counter>,
    unrecorded: Gauge,
    egress: Family<EgressLabels, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    action: ActionName,
    state: State,
}

/// Each is one of few words, whatever components do.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EgressLabels {
    host: &'static str,
    ended: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ActionLabel {
    action: ActionName,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ActionName(&'static str);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State(ExecutionState);

impl ActionName {
    /// A tenant may call its own actions what it likes, and there is no end of names: they count together.
    fn of(action: &str) -> ActionName {
        ActionName(Actions::of_connector().named(action).map_or("of-a-component", |own| own.name.as_str()))
    }
}

impl EncodeLabelValue for ActionName {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        EncodeLabelValue::encode(&self.0, encoder)
    }
}

impl EncodeLabelValue for State {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        EncodeLabelValue::encode(&self.0.as_str(), encoder)
    }
}

impl Metrics {
    pub(crate) fn new() -> Metrics {
        let mut registry = Registry::with_prefix("harness");
        let executions = Family::default();
        registry.register("executions", "Executions that have ended", executions.clone());
        // From half a millisecond to a minute.
        let durations: Family<ActionLabel, Histogram> =
            Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.0005, 2.0, 18)));
        registry.register_with_unit("execution_duration", "Time of an execution", Unit::Seconds, durations.clone());
        let refused = Family::default();
        registry.register("executions_refused", "Executions that were not begun", refused.clone());
        let running = Gauge::default();
        registry.register("executions_running", "Executions that run in this process", running.clone());
        let connections = Gauge::default();
        registry.register("http_connections", "Connections that clients have open", connections.clone());
        let connections_ended = Family::default();
        let help = "Connections that were turned away, or ended because their client was too slow or idle";
        registry.register("http_connections_ended", help, connections_ended.clone());
        let unrecorded = Gauge::default();
        let words = "Ends of executions, and new tokens, that wait until the database takes writes";
        registry.register("unrecorded", words, unrecorded.clone());
        let authorizations_failed = Family::default();
        registry.register(
            "authorizations_failed",
            "Authorizations that connected nothing",
            authorizations_failed.clone(),
        );
        let refreshes_failed = Family::default();
        registry.register("refreshes_failed", "Refreshes that gave no tokens", refreshes_failed.clone());
        let users_needed = Family::default();
        let words = "Connections that began to need their user again";
        registry.register("connections_need_user", words, users_needed.clone());
        let egress = Family::default();
        let words = "Requests to Salesforce that have ended, by the kind of host and by status or failure";
        registry.register("egress_requests", words, egress.clone());
        Metrics {
            registry,
            executions,
            durations,
            refused,
            running,
            connections,
            connections_ended,
            authorizations_failed,
            refreshes_failed,
            users_needed,
            unrecorded,
            egress,
        }
    }

    pub(crate) fn executed(&self, action: &str, state: ExecutionState, duration: Duration) {
        let action = ActionName::of(action);
        self.executions.get_or_create(&Labels { action, state: State(state) }).inc();
        self.durations.get_or_create(&ActionLabel { action }).observe(duration.as_secs_f64());
    }

    /// A request to a host of this kind has ended.
    pub(crate) fn exchanged(&self, host: &'static str, failure: Option<ExchangeFailure>, status: Option<u16>) {
        let ended = match (failure, status) {
            (Some(failure), _) => failure.as_str(),
            (None, Some(200..300)) => "2xx",
            (None, Some(300..400)) => "3xx",
            (None, Some(400..500)) => "4xx",
            (None, Some(500..600)) => "5xx",
            (None, _) => "other",
        };
        self.egress.get_or_create(&EgressLabels { host, ended }).inc();
    }

    pub(crate) fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&ReasonLabel { reason }).inc();
    }

    pub(crate) fn connections(&self, open: usize) {
        self.connections.set(i64::try_from(open).unwrap_or(i64::MAX));
    }

    pub(crate) fn connection_ended(&self, reason: &'static str) {
        self.connections_ended.get_or_create(&ReasonLabel { reason }).inc();
    }

    pub(crate) fn authorization_failed(&self, kind: &'static str) {
        self.authorizations_failed.get_or_create(&KindLabel { kind }).inc();
    }

    pub(crate) fn refresh_failed(&self, kind: &'static str) {
        self.refreshes_failed.get_or_create(&KindLabel { kind }).inc();
    }

    pub(crate) fn user_needed(&self, reason: &'static str) {
        self.users_needed.get_or_create(&ReasonLabel { reason }).inc();
    }

    /// The text that Prometheus scrapes (OpenMetrics 1.0).
    pub(crate) fn encode(&self, running: usize, unrecorded: usize) -> String {
        self.running.set(i64::try_from(running).unwrap_or(i64::MAX));
        self.unrecorded.set(i64::try_from(unrecorded).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_executed_is_counted_by_action_and_state() {
        let metrics = Metrics::new();
        metrics.executed("soql-query", ExecutionState::Succeeded, Duration::from_millis(3));
        metrics.refused("too-fast");
        let text = metrics.encode(2, 1);
        for line in [
            r#"harness_executions_total{action="soql-query",state="succeeded"} 1"#,
            r#"harness_execution_duration_seconds_count{action="soql-query"} 1"#,
            r#"harness_executions_refused_total{reason="too-fast"} 1"#,
            "harness_executions_running 2",
            "harness_unrecorded 1",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }

    #[test]
    fn what_went_out_is_counted_by_kind_of_host_and_by_what_came_of_it() {
        let metrics = Metrics::new();
        for status in [200, 204, 302, 401, 404, 503, 999] {
            metrics.exchanged("salesforce", None, Some(status));
        }
        metrics.exchanged("login", Some(ExchangeFailure::Broken), Some(200));
        metrics.exchanged("login", Some(ExchangeFailure::NotConnected), None);
        let text = metrics.encode(0, 0);
        for (host, ended, count) in [
            ("salesforce", "2xx", 2),
            ("salesforce", "3xx", 1),
            ("salesforce", "4xx", 2),
            ("salesforce", "5xx", 1),
            ("salesforce", "other", 1),
            ("login", "broken", 1),
            ("login", "not-connected", 1),
        ] {
            let line = format!(r#"harness_egress_requests_total{{host="{host}",ended="{ended}"}} {count}"#);
            assert!(text.contains(&line), "{line} in {text}");
        }
    }
}
