//! Every fault at every call of every function, once and for ever: how the step ends, how many calls it makes, that no
//! effect is had twice, and that a rerun without faults comes to the same end.

mod cell;
mod expected;
mod faults;

use simulators::Service;
use tokio::task::JoinSet;
use workflow_tests::Setup;

use self::expected::Lasting;
use self::faults::{FAULTS, Fault};
use crate::call_sites::CallSite;

/// All cells of these call sites with the faults that are wanted; a failure names each that is other than expected.
async fn check_all(call_sites: &[CallSite], wanted: impl Fn(&Fault) -> bool) {
    let mut cells = JoinSet::new();
    for fault in FAULTS.iter().filter(|fault| wanted(fault)) {
        for call_site in call_sites {
            for lasting in [Lasting::Once, Lasting::ForEver] {
                cells.spawn(cell::check(*call_site, fault, lasting));
            }
        }
    }
    let failures: Vec<_> = cells.join_all().await.into_iter().filter_map(Result::err).collect();
    assert!(failures.is_empty(), "{} cells:\n{}", failures.len(), failures.join("\n"));
}

/// Everything that is over at once; a service that does not answer has tests of its own, with clients that wait less.
async fn check(call_site: CallSite) {
    check_all(&[call_site], |fault| !fault.takes_time()).await;
}

async fn check_without_answers(call_sites: &[CallSite]) {
    check_all(call_sites, Fault::takes_time).await;
}

#[tokio::test]
async fn create_dataset_group_survives_what_happens_to_its_look() {
    check(CallSite::CreateLook).await;
}

#[tokio::test]
async fn create_dataset_group_survives_what_happens_to_its_creation() {
    check(CallSite::CreateGroup).await;
}

#[tokio::test]
async fn create_dataset_group_survives_what_happens_to_its_second_look() {
    check(CallSite::CreateLookAgain).await;
}

#[tokio::test]
async fn create_dataset_group_survives_what_happens_while_it_reads_the_tags_of_a_failed_group() {
    check(CallSite::ReplaceListTags).await;
}

#[tokio::test]
async fn create_dataset_group_survives_what_happens_while_it_looks_at_a_failed_group_again() {
    check(CallSite::ReplaceLookAgain).await;
}

#[tokio::test]
async fn create_dataset_group_survives_what_happens_to_its_deletion() {
    check(CallSite::ReplaceDelete).await;
}

#[tokio::test]
async fn poll_status_survives_what_happens_to_its_look() {
    check(CallSite::PollLook).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_while_it_reads_the_link() {
    check(CallSite::AttachListTags).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_to_its_look() {
    check(CallSite::AttachGet).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_to_its_search() {
    check(CallSite::AttachSearch).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_to_its_creation() {
    check(CallSite::AttachCreate).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_to_its_assignment() {
    check(CallSite::AttachUpdate).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_while_it_reads_the_link_again() {
    check(CallSite::AttachListTagsAgain).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_while_it_writes_the_link() {
    check(CallSite::AttachTag).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_while_it_reads_the_link_back() {
    check(CallSite::AttachReadBack).await;
}

#[tokio::test]
async fn create_dataset_group_survives_a_service_that_does_not_answer() {
    check_without_answers(&[
        CallSite::CreateLook,
        CallSite::CreateGroup,
        CallSite::CreateLookAgain,
        CallSite::ReplaceListTags,
        CallSite::ReplaceLookAgain,
        CallSite::ReplaceDelete,
    ])
    .await;
}

#[tokio::test]
async fn poll_status_survives_a_service_that_does_not_answer() {
    check_without_answers(&[CallSite::PollLook]).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_services_that_do_not_answer() {
    check_without_answers(&[
        CallSite::AttachListTags,
        CallSite::AttachGet,
        CallSite::AttachSearch,
        CallSite::AttachCreate,
        CallSite::AttachUpdate,
        CallSite::AttachListTagsAgain,
        CallSite::AttachTag,
        CallSite::AttachReadBack,
    ])
    .await;
}

#[tokio::test]
async fn a_service_that_nobody_can_reach_is_unavailable_and_a_rerun_goes_on() {
    for (call_site, service) in [
        (CallSite::CreateGroup, Service::Personalize),
        (CallSite::ReplaceListTags, Service::Personalize),
        (CallSite::ReplaceDelete, Service::Personalize),
        (CallSite::PollLook, Service::Personalize),
        (CallSite::AttachCreate, Service::Personalize),
        (CallSite::AttachCreate, Service::DataZone),
        (CallSite::AttachSearch, Service::DataZone),
        (CallSite::AttachUpdate, Service::DataZone),
    ] {
        let mut setup = Setup::start().await;
        call_site.prepare(&setup).await;
        setup.hang_up(service).await;
        let error = call_site.run(&setup).await.expect_err("nobody listens");
        assert_eq!(error.name(), "Unavailable", "{call_site:?} without {service:?}");
        assert_eq!(setup.effects().await, [""; 0], "{call_site:?} without {service:?}");
        setup.call_again().await;
        call_site.converge(&setup).await.unwrap_or_else(|what| panic!("{call_site:?} without {service:?}: {what}"));
    }
}
