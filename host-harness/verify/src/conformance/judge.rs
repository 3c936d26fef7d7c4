//! What is seen in a result and in an error, whatever the check: a secret where none belongs, and a claim that the org knows better.

use super::bench::Bench;
use super::needles::{Hay, Kind, Needle};
use super::shown::Shown;
use salesforce_runtime::bindings::types::{Error, Outcome};

impl Bench<'_> {
    pub(super) fn look_at_result(&self, call: &str, result: &impl Shown) {
        let own = result.secrets().into_iter().map(|(kind, text)| Needle::new(kind, &text));
        let own: Vec<_> = own.filter(Needle::is_long_enough).collect();
        let hay = Hay::new(result.rest().as_bytes());
        let known = self.watch.needles();
        // A body's text may be a result's, where it is no error.
        let secrets = || known.iter().filter(|needle| needle.kind != Kind::Plant);
        for needle in own.iter().chain(secrets()).filter(|needle| needle.is_in(&hay)) {
            self.add_leak(format!("a result of {call} holds {} where it does not belong", needle.kind.name()));
        }
        for field in &own {
            let hay = Hay::new(field.text.as_bytes());
            for other in secrets().filter(|other| other.text != field.text && other.is_in(&hay)) {
                self.add_leak(format!("{} in a result of {call} holds {}", field.kind.name(), other.kind.name()));
            }
            if !known.iter().any(|needle| needle.kind == field.kind && needle.text == field.text) {
                self.watch.keep(field.clone());
            }
        }
        if let Some(usage) = result.usage() {
            let (before, allowed) = self.material.api_usage;
            let made = u32::try_from(self.watch.count()).unwrap_or(u32::MAX);
            let fits = usage.allowed == allowed && (before..=before.saturating_add(made)).contains(&usage.used);
            if !fits {
                self.add_claim(format!("a result of {call} claims other API calls than the org counted"));
            }
        }
    }

    pub(super) fn look_at_error(&self, call: &str, error: &Error) {
        let hay = Hay::new(format!("{error:?}").as_bytes());
        for needle in self.watch.needles().iter().filter(|needle| needle.is_in(&hay)) {
            self.add_leak(format!("an error of {call} holds {}", needle.kind.name()));
        }
        let (requests, writes) = self.since_call();
        match error.outcome {
            Outcome::NotSent if requests > 0 => {
                self.add_claim(format!("an error of {call} says that nothing was sent, but {requests} requests came"));
            }
            Outcome::NotSent | Outcome::Rejected if writes > 0 => {
                self.add_claim(format!("an error of {call} says that nothing was changed, but {writes} records were"));
            }
            _ => {}
        }
    }
}
