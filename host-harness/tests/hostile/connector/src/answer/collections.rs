//! What came of many records.

use super::Answer;
use crate::deeds::results;
use crate::world::exports::workflow::salesforce::collections::{DeletedRecords, FoundRecords, SavedRecords};
use crate::world::exports::workflow::salesforce::types::ApiUsage;

impl Answer for SavedRecords {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        Some(honest.unwrap_or(Self { results: Vec::new(), usage: None }).hiding(text))
    }

    fn hiding(mut self, text: String) -> Self {
        self.results.iter_mut().flatten().take(1).for_each(|saved| saved.event_uuid = Some(text.clone()));
        self
    }

    fn claiming(self, usage: ApiUsage) -> Self {
        Self { usage: Some(usage), ..self }
    }

    fn careless(self, deed: &str) -> Self {
        Self { results: results(self.results, deed), ..self }
    }
}

impl Answer for DeletedRecords {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        Some(honest.unwrap_or(Self { results: Vec::new(), usage: None }).hiding(text))
    }

    fn hiding(mut self, text: String) -> Self {
        self.results.iter_mut().flatten().take(1).for_each(|deleted| deleted.id = text.clone());
        self
    }

    fn claiming(self, usage: ApiUsage) -> Self {
        Self { usage: Some(usage), ..self }
    }

    fn careless(self, deed: &str) -> Self {
        Self { results: results(self.results, deed), ..self }
    }
}

impl Answer for FoundRecords {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        Some(Self { records: text, usage: honest.and_then(|found| found.usage) })
    }

    fn hiding(self, text: String) -> Self {
        Self { records: self.records.replacen('[', &format!(r#"["{text}","#), 1), ..self }
    }

    fn claiming(self, usage: ApiUsage) -> Self {
        Self { usage: Some(usage), ..self }
    }
}
