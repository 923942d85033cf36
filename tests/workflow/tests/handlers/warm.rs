//! What a function that has answered an event keeps for the next. (Its connection is looked at in `benches`, over TLS.)

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_credential_types::Credentials;
use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_sdk_personalize::Client;
use aws_sdk_personalize::config::IdentityCache;
use contract::DatasetGroupStatus;
use workflow_tests::Setup;

#[tokio::test]
async fn a_second_event_asks_for_no_new_credentials() {
    let mut setup = Setup::start().await;
    setup.put_group("CREATE PENDING").await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let counting = provide_credentials_fn(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        async { Ok(Credentials::new("AKIDSIMULATED", "secret", None, None, "test")) }
    });
    let configuration = setup.clients.personalize.config().to_builder().credentials_provider(counting);
    // The tests of this process share one configuration, and its cache keeps the credentials of a few clients only. A
    // function has two.
    let configuration = configuration.identity_cache(IdentityCache::lazy().build()).build();
    setup.clients.personalize = Client::from_conf(configuration);
    for _ in 0..3 {
        setup.poll(DatasetGroupStatus::CreatePending, 25).await.expect("a look");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}
