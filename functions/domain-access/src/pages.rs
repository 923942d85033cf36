//! Lists of a service, page by page, until enough is found.

use std::collections::BTreeSet;
use std::time::Duration;

use contract::StepError;
use service_call::Call;
use tokio::time::timeout;

/// The most items that DataZone returns in a page.
pub const PAGE: i32 = 50;
/// The most pages of one search: 10,000 items of DataZone. No domain is known to have as many, so more is a search without
/// an end.
const MOST_PAGES: usize = 200;
/// For all pages of one search. If the service is slower, the next attempt searches again.
const SEARCH: Duration = Duration::from_secs(45);

/// What a page tells.
#[derive(Debug)]
pub struct Page<T> {
    /// What is searched for, as far as the page has it.
    pub found: Vec<T>,
    /// The token of the next page.
    pub next: Option<String>,
}

/// The first that a page has.
///
/// # Errors
/// As [`at_most`].
pub async fn first<T>(
    call: &Call,
    page: impl AsyncFn(Option<String>) -> Result<Page<T>, StepError>,
) -> Result<Option<T>, StepError> {
    Ok(at_most(1, call, page).await?.pop())
}

/// The first `most` that the pages have. (The SDK's paginators take a repeated token for the end.)
///
/// # Errors
/// [`StepError::Unavailable`] for a search that takes too long or gets one page twice, [`StepError::Unexpected`] for one
/// without an end, and what `page` returns.
pub async fn at_most<T>(
    most: usize,
    call: &Call,
    page: impl AsyncFn(Option<String>) -> Result<Page<T>, StepError>,
) -> Result<Vec<T>, StepError> {
    within(SEARCH, call, search(most, call, page)).await
}

async fn search<T>(
    most: usize,
    call: &Call,
    page: impl AsyncFn(Option<String>) -> Result<Page<T>, StepError>,
) -> Result<Vec<T>, StepError> {
    let Call { operation, resource, .. } = call;
    let mut tokens = BTreeSet::new();
    let mut token = None;
    let mut all = Vec::new();
    for _ in 0..MOST_PAGES {
        let Page { found, next } = page(token).await?;
        all.extend(found);
        all.truncate(most);
        token = next.filter(|token| !token.is_empty());
        let (true, Some(next)) = (all.len() < most, &token) else { return Ok(all) };
        if !tokens.insert(next.clone()) {
            return Err(call.clone().unfinished(format!("{operation} returned the same page token twice")));
        }
    }
    Err(StepError::unexpected(format!("{operation} returned more than {MOST_PAGES} pages for {resource}")))
}

async fn within<T>(
    limit: Duration,
    call: &Call,
    search: impl Future<Output = Result<T, StepError>>,
) -> Result<T, StepError> {
    timeout(limit, Box::pin(search)).await.unwrap_or_else(|_| {
        Err(call.clone().unfinished(format!("the search did not end within {} seconds", limit.as_secs())))
    })
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use contract::Service;

    use super::*;

    #[tokio::test]
    async fn a_search_that_does_not_end_in_time_is_unavailable() {
        let call = Call { service: Service::DataZone, operation: "SearchGroupProfiles", resource: String::new() };
        let error = within::<()>(Duration::ZERO, &call, pending()).await.expect_err("too late");
        assert_eq!(error.name(), "Unavailable");
        assert_eq!(error.cause().operation.as_deref(), Some("SearchGroupProfiles"));
    }
}
