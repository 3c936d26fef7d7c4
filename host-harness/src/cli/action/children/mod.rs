//! `--all-children`: the rows of sub-queries that a page does not hold.
//!
//! Salesforce ends the cursors of a page's sub-queries once a further page of the query is fetched. So they are followed
//! before that, and the innermost first: to a sub-query in its rows, a sub-query is the query.

mod splice;

use std::cmp::Reverse;
use std::pin::Pin;

use salesforce_actions::Walk;

use self::splice::{Rest, splice};
use super::super::exit_code::Exit;
use super::super::failure::Failure;
use super::caller::Caller;
use salesforce_runtime::bindings::soql::{ChildCursor, Page};

/// Bytes of a page's records with all rows of their sub-queries.
const MOST_BYTES: usize = 64 << 20;

/// The page with all rows of its sub-queries, at every depth.
///
/// # Errors
/// A page of a sub-query could not be fetched, the rows are not as many as Salesforce said, or they are too long. Then there
/// is no result: a page that lacks rows would look like one that does not.
pub(super) async fn complete(caller: &Caller<'_>, page: Page) -> Result<Page, Failure> {
    let mut left = MOST_BYTES;
    whole(caller, page, &mut left).await
}

/// Boxed, for it calls itself: a page of a sub-query may have sub-queries.
fn whole<'a>(
    caller: &'a Caller<'_>,
    mut page: Page,
    left: &'a mut usize,
) -> Pin<Box<dyn Future<Output = Result<Page, Failure>> + 'a>> {
    Box::pin(async move {
        *left = left.checked_sub(page.records.len()).ok_or_else(too_long)?;
        let mut children = std::mem::take(&mut page.children);
        children.sort_by_key(|child| Reverse(child.relationship.split('.').count()));
        let mut rests = Vec::new();
        for child in &children {
            let pages = rest(caller, child, left).await?;
            page.usage = pages.last().and_then(|page| page.usage).or(page.usage);
            let arrays = pages.into_iter().map(|page| page.records).collect();
            let record = usize::try_from(child.record_index).unwrap_or(usize::MAX);
            rests.push(Rest { record, relationship: child.relationship.clone(), arrays });
        }
        page.records = splice(&page.records, &rests)
            .ok_or_else(|| wrong("a cursor leads to rows of a sub-query that the page does not have".to_owned()))?;
        Ok(page)
    })
}

/// The pages behind a cursor.
async fn rest(caller: &Caller<'_>, child: &ChildCursor, left: &mut usize) -> Result<Vec<Page>, Failure> {
    let mut walk = Walk::after(format!("the sub-query {}", child.relationship), child.count, child.total_size);
    let (mut pages, mut next) = (Vec::new(), Some(child.next.clone()));
    while let Some(cursor) = next {
        let page = caller.page(&super::next_page(&cursor)?, None).await?;
        walk.step(&page).map_err(Failure::reading)?;
        next = page.next.clone();
        pages.push(whole(caller, page, left).await?);
    }
    walk.end().map_err(Failure::reading)?;
    Ok(pages)
}

fn too_long() -> Failure {
    let message = format!(
        "the sub-queries of one page have more than {} MiB: ask for fewer records a page with --batch-size, or for fewer \
         fields",
        MOST_BYTES >> 20
    );
    Failure::Children(message, Exit::Limit)
}

fn wrong(message: String) -> Failure {
    Failure::Children(message, Exit::InvalidResponse)
}
