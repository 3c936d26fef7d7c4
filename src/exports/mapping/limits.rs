//! Limits, counts and items.

use super::wit;
use crate::core::limits::{OrgLimit, RecentItem, RecordCount};

impl From<OrgLimit> for wit::OrgLimit {
    fn from(limit: OrgLimit) -> Self {
        Self { name: limit.name, max: limit.max, remaining: limit.remaining }
    }
}

impl From<RecordCount> for wit::RecordCount {
    fn from(count: RecordCount) -> Self {
        Self { object: count.object, count: count.count }
    }
}

impl From<RecentItem> for wit::RecentItem {
    fn from(item: RecentItem) -> Self {
        Self { object: item.object, id: item.id, name: item.name }
    }
}
