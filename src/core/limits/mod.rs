//! What an org has room for, how many records it has, and what its user saw last.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_limits.htm>,
//! `resources_record_count.htm` and `resources_recent_items.htm` beside it.

mod org_limits;
mod recent_items;
mod record_counts;

pub use org_limits::{LimitList, OrgLimit, org_limits};
pub use recent_items::{RecentItem, RecentList, recent_items};
pub use record_counts::{CountList, RecordCount, parse_objects, record_counts};
