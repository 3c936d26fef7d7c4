//! What tells of the org itself.

use super::Answer;
use crate::world::exports::workflow::salesforce::limits::{CountList, LimitList, RecentItem, RecentList};
use crate::world::exports::workflow::salesforce::schema::{ObjectDescription, ObjectList, RawDescription};
use crate::world::exports::workflow::salesforce::types::ApiUsage;

impl Answer for Option<RawDescription> {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        let (last_modified, usage) = honest.flatten().map(|raw| (raw.last_modified, raw.usage)).unwrap_or_default();
        Some(Some(RawDescription { description: text, last_modified, usage }))
    }

    fn hiding(self, text: String) -> Self {
        self.map(|raw| RawDescription { last_modified: Some(text), ..raw })
    }

    fn claiming(self, usage: ApiUsage) -> Self {
        self.map(|raw| RawDescription { usage: Some(usage), ..raw })
    }
}

impl Answer for Option<ObjectList> {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        Some(honest??).map(|list| Some(ObjectList { last_modified: Some(text), ..list }))
    }

    fn hiding(mut self, text: String) -> Self {
        self.iter_mut().flat_map(|list| list.objects.last_mut()).for_each(|object| object.label = text.clone());
        self
    }

    fn careless(mut self, deed: &str) -> Self {
        self.iter_mut().filter(|_| deed == "backwards").for_each(|list| list.objects.reverse());
        self
    }

    fn claiming(self, usage: ApiUsage) -> Self {
        self.map(|list| ObjectList { usage: Some(usage), ..list })
    }
}

impl Answer for Option<ObjectDescription> {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        Some(honest??).map(|described| Some(ObjectDescription { last_modified: Some(text), ..described }))
    }

    fn hiding(mut self, text: String) -> Self {
        let fields = self.iter_mut().flat_map(|described| described.fields.last_mut());
        fields.for_each(|field| field.inline_help_text = Some(text.clone()));
        self
    }

    fn careless(mut self, deed: &str) -> Self {
        let fields = self.iter_mut().flat_map(|described| &mut described.fields);
        fields.filter(|_| deed == "optional").for_each(|field| field.required = false);
        self
    }

    fn claiming(self, usage: ApiUsage) -> Self {
        self.map(|described| ObjectDescription { usage: Some(usage), ..described })
    }
}

impl Answer for LimitList {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        Some(honest?.hiding(text))
    }

    fn hiding(mut self, text: String) -> Self {
        self.limits.iter_mut().take(1).for_each(|limit| limit.name = text.clone());
        self
    }

    fn claiming(self, usage: ApiUsage) -> Self {
        Self { usage: Some(usage), ..self }
    }
}

impl Answer for CountList {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        Some(honest?.hiding(text))
    }

    fn hiding(mut self, text: String) -> Self {
        self.missing.push(text);
        self
    }

    fn claiming(self, usage: ApiUsage) -> Self {
        Self { usage: Some(usage), ..self }
    }
}

impl Answer for RecentList {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        Some(honest?.hiding(text))
    }

    fn hiding(mut self, text: String) -> Self {
        self.items.push(RecentItem { object: "Account".into(), id: text, name: None });
        self
    }

    fn claiming(self, usage: ApiUsage) -> Self {
        Self { usage: Some(usage), ..self }
    }
}
