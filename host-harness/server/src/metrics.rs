//! What Prometheus reads: counts and durations, no names of tenants' records, no secrets. Each label is one of few words, whatever
//! tenants, components and orgs do. docs/OPERATING.md lists all of them.

mod census;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

pub(crate) use census::Census;
use census::Counts;

use super::executions::ExecutionState;
use salesforce_actions::Actions;
use salesforce_connections::protocol::Ending;
use salesforce_runtime::bindings::types::ErrorKind;
use salesforce_runtime::egress::ExchangeFailure;
use salesforce_runtime::names;

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
    authorizations: Family<OutcomeLabel, Counter>,
    refreshes: Family<OutcomeLabel, Counter>,
    webhooks: Family<OutcomeLabel, Counter>,
    outbox: Gauge,
    users_needed: Family<ReasonLabel, Counter>,
    unrecorded: Gauge,
    egress: Family<EgressLabels, Counter>,
    lost: Counter,
    /// Not in `lost` before a scrape.
    lost_uncounted: AtomicU64,
    queue: Histogram,
    verifications: Family<OutcomeLabel, Counter>,
    verification_durations: Histogram,
    org_connections: Family<StateLabel, Gauge>,
    allowance: Family<UsedLabel, Gauge>,
    components: Family<StateLabel, Gauge>,
    database: Gauge,
    disk_free: Gauge,
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
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

/// How much of an org's allowance is used, in percent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct UsedLabel {
    used: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ActionName(&'static str);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State(ExecutionState);

const OF_A_COMPONENT: &str = "of-a-component";

impl ActionName {
    /// A tenant may call its own actions what it likes, and there is no end of names: they count together.
    fn of(action: &str) -> ActionName {
        ActionName(Actions::of_connector().named(action).map_or(OF_A_COMPONENT, |own| own.name.as_str()))
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
        let authorizations = Family::default();
        let words = "Authorizations that have ended, by what came of them: connected, or why not";
        registry.register("authorizations", words, authorizations.clone());
        let refreshes = Family::default();
        let words = "Refreshes that have ended, by what came of them: refreshed, or why there are no new tokens";
        registry.register("refreshes", words, refreshes.clone());
        let webhooks = Family::default();
        let words =
            "Attempts to deliver an event to a webhook, by what came of them: delivered, failed, given-up or gone";
        registry.register("webhook_deliveries", words, webhooks.clone());
        let outbox = Gauge::default();
        registry.register("webhook_outbox", "Events of all tenants that wait to be delivered", outbox.clone());
        let users_needed = Family::default();
        let words = "Connections that began to need their user again";
        registry.register("connections_need_user", words, users_needed.clone());
        let egress = Family::default();
        let words = "Requests to Salesforce that have ended, by the kind of host and by status or failure";
        registry.register("egress_requests", words, egress.clone());
        let lost = Counter::default();
        let words = "Executions that are unknown because their process ended before they did";
        registry.register("executions_lost", words, lost.clone());
        // From a tenth of a millisecond to half a minute.
        let queue = Histogram::new(exponential_buckets(0.0001, 3.0, 12));
        let words = "Time that executions waited for a place";
        registry.register_with_unit("queue", words, Unit::Seconds, queue.clone());
        let verifications = Family::default();
        let words = "Verifications of components that have ended";
        registry.register("verifications", words, verifications.clone());
        // From a tenth of a second to some four minutes.
        let verification_durations = Histogram::new(exponential_buckets(0.1, 3.0, 8));
        let words = "Time of a verification, without the wait for its turn";
        registry.register_with_unit("verification_duration", words, Unit::Seconds, verification_durations.clone());
        let org_connections = Family::default();
        registry.register("connections", "Connections to orgs, by state", org_connections.clone());
        let allowance = Family::default();
        let words = "Active connections, by how much of its daily API requests the org had used when it last said so, in percent";
        registry.register("connections_by_allowance", words, allowance.clone());
        let components = Family::default();
        registry.register("components", "Uploaded components, by state", components.clone());
        let database = Gauge::default();
        registry.register_with_unit("database", "The database, with its log", Unit::Bytes, database.clone());
        let disk_free = Gauge::default();
        let words = "Room that is left on the disk of the data directory";
        registry.register_with_unit("disk_free", words, Unit::Bytes, disk_free.clone());
        let metrics = Metrics {
            registry,
            executions,
            durations,
            refused,
            running,
            connections,
            connections_ended,
            authorizations,
            refreshes,
            webhooks,
            outbox,
            users_needed,
            unrecorded,
            egress,
            lost,
            lost_uncounted: AtomicU64::new(0),
            queue,
            verifications,
            verification_durations,
            org_connections,
            allowance,
            components,
            database,
            disk_free,
        };
        metrics.begin();
        metrics
    }

    /// What alerts watch begins at zero: of a series that begins at one, Prometheus sees no increase.
    fn begin(&self) {
        let own = Actions::of_connector().iter().map(|action| action.name.as_str());
        for action in own.chain([OF_A_COMPONENT]) {
            let unknown = Labels { action: ActionName::of(action), state: State(ExecutionState::Unknown) };
            drop(self.executions.get_or_create(&unknown));
        }
        drop(self.refreshes.get_or_create(&OutcomeLabel { outcome: names::error_kind(ErrorKind::InvalidClient) }));
        for ending in Ending::ALL {
            drop(self.users_needed.get_or_create(&ReasonLabel { reason: ending.as_str() }));
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

    /// An authorization has ended: `connected`, or the kind of its error.
    pub(crate) fn authorized(&self, outcome: &'static str) {
        self.authorizations.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    /// A refresh has ended: `refreshed`, or the kind of its error.
    pub(crate) fn refreshed(&self, outcome: &'static str) {
        self.refreshes.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    /// What came of an attempt to deliver an event, or a test.
    pub(crate) fn webhook(&self, outcome: &'static str) {
        self.webhooks.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    /// Executions are unknown, for their process has ended.
    pub(crate) fn lost(&self, executions: usize) {
        // They are found as a process starts, and a process that begins with as many as the last one had shows no increase: they are
        // counted once a scrape has seen what was before.
        self.lost_uncounted.fetch_add(u64::try_from(executions).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// An execution has got its place.
    pub(crate) fn waited(&self, duration: Duration) {
        self.queue.observe(duration.as_secs_f64());
    }

    /// A component was verified: `accepted`, `refused`, or `failed` if that could not be done.
    pub(crate) fn verified(&self, outcome: &'static str, duration: Duration) {
        self.verifications.get_or_create(&OutcomeLabel { outcome }).inc();
        self.verification_durations.observe(duration.as_secs_f64());
    }

    /// What the database and the disk have now.
    pub(crate) fn counted(&self, counts: &Counts) {
        for (state, count) in &counts.connections {
            self.org_connections.get_or_create(&StateLabel { state }).set(*count);
        }
        for (used, count) in &counts.allowance {
            self.allowance.get_or_create(&UsedLabel { used }).set(*count);
        }
        for (state, count) in &counts.components {
            self.components.get_or_create(&StateLabel { state }).set(*count);
        }
        self.outbox.set(counts.outbox);
        self.database.set(counts.database_bytes);
        self.disk_free.set(counts.disk_free_bytes);
    }

    pub(crate) fn user_needed(&self, ending: Ending) {
        self.users_needed.get_or_create(&ReasonLabel { reason: ending.as_str() }).inc();
    }

    /// The text that Prometheus scrapes (OpenMetrics 1.0).
    pub(crate) fn encode(&self, running: usize, unrecorded: usize) -> String {
        self.running.set(i64::try_from(running).unwrap_or(i64::MAX));
        self.unrecorded.set(i64::try_from(unrecorded).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        self.lost.inc_by(self.lost_uncounted.swap(0, Ordering::Relaxed));
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
    fn what_alerts_watch_begins_at_zero() {
        let text = Metrics::new().encode(0, 0);
        for series in [
            r#"executions_total{action="create-records",state="unknown"}"#,
            r#"executions_total{action="of-a-component",state="unknown"}"#,
            r#"connections_need_user_total{reason="answer-lost"}"#,
            "executions_lost_total",
            r#"refreshes_total{outcome="invalid-client"}"#,
        ] {
            assert!(text.contains(&format!("harness_{series} 0\n")), "{series} in {text}");
        }
    }

    #[test]
    fn each_process_counts_what_was_lost_from_zero() {
        for _ in 0..2 {
            let metrics = Metrics::new();
            metrics.lost(3);
            assert!(metrics.encode(0, 0).contains("harness_executions_lost_total 0\n"));
            assert!(metrics.encode(0, 0).contains("harness_executions_lost_total 3\n"));
            assert!(metrics.encode(0, 0).contains("harness_executions_lost_total 3\n"));
        }
    }

    /// The page for operators has a row for each: its name, its type, and its labels.
    #[test]
    fn the_page_for_operators_lists_each_metric_with_its_type_and_labels() {
        let metrics = Metrics::new();
        metrics.executed("soql-query", ExecutionState::Succeeded, Duration::ZERO);
        metrics.refused("too-fast");
        metrics.connection_ended("idle");
        metrics.authorized("connected");
        metrics.refreshed("refreshed");
        metrics.webhook("delivered");
        metrics.user_needed(Ending::Refused);
        metrics.exchanged("login", None, Some(200));
        metrics.verified("accepted", Duration::ZERO);
        metrics.counted(&Counts {
            connections: vec![("active", 1)],
            allowance: vec![("below-50", 1)],
            components: vec![("accepted", 1)],
            outbox: 1,
            database_bytes: 1,
            disk_free_bytes: 1,
        });
        let text = metrics.encode(0, 0);
        let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
        let labels = |name: &str| {
            let mut samples = text.lines().filter_map(|line| line.strip_prefix(name)?.split_once('{'));
            let (_, sample) = samples.find(|(suffix, _)| ["", "_total", "_count"].contains(suffix))?;
            let (labels, _) = sample.split_once('}')?;
            Some(
                labels
                    .split(',')
                    .filter_map(|label| Some(format!("`{}`", label.split_once('=')?.0)))
                    .collect::<Vec<_>>(),
            )
        };
        let shown: Vec<_> = types
            .map(|(name, kind)| {
                let name_shown = if kind == "counter" { format!("{name}_total") } else { name.to_owned() };
                format!("| `{name_shown}` | {kind} | {} |", labels(name).unwrap_or_default().join(", "))
            })
            .collect();
        let page = include_str!("../../../docs/OPERATING.md");
        let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| `harness_")).collect();
        let missing: Vec<_> = shown.iter().filter(|shown| !rows.iter().any(|row| row.starts_with(*shown))).collect();
        assert!(missing.is_empty(), "docs/OPERATING.md lacks {missing:#?}");
        let gone: Vec<_> = rows.iter().filter(|row| !shown.iter().any(|shown| row.starts_with(shown))).collect();
        assert!(gone.is_empty(), "there is no such metric: {gone:#?}");
        assert_eq!(shown.len(), rows.len());
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
