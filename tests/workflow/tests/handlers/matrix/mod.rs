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
use crate::sites::Site;

/// All cells of these sites with the faults that are wanted; a failure names each that is other than expected.
async fn check_all(sites: &[Site], wanted: impl Fn(&Fault) -> bool) {
    let mut cells = JoinSet::new();
    for fault in FAULTS.iter().filter(|fault| wanted(fault)) {
        for site in sites {
            for lasting in [Lasting::Once, Lasting::ForEver] {
                cells.spawn(cell::check(*site, fault, lasting));
            }
        }
    }
    let failures: Vec<_> = cells.join_all().await.into_iter().filter_map(Result::err).collect();
    assert!(failures.is_empty(), "{} cells:\n{}", failures.len(), failures.join("\n"));
}

/// Everything that is over at once; a service that does not answer has tests of its own, with clients that wait less.
async fn check(site: Site) {
    check_all(&[site], |fault| !fault.takes_time()).await;
}

async fn check_without_answers(sites: &[Site]) {
    check_all(sites, Fault::takes_time).await;
}

#[tokio::test]
async fn create_dataset_group_survives_what_happens_to_its_look() {
    check(Site::CreateLook).await;
}

#[tokio::test]
async fn create_dataset_group_survives_what_happens_to_its_creation() {
    check(Site::CreateGroup).await;
}

#[tokio::test]
async fn create_dataset_group_survives_what_happens_to_its_second_look() {
    check(Site::CreateLookAgain).await;
}

#[tokio::test]
async fn create_dataset_group_survives_what_happens_while_it_reads_the_tags_of_a_failed_group() {
    check(Site::ReplaceListTags).await;
}

#[tokio::test]
async fn create_dataset_group_survives_what_happens_while_it_looks_at_a_failed_group_again() {
    check(Site::ReplaceLookAgain).await;
}

#[tokio::test]
async fn create_dataset_group_survives_what_happens_to_its_deletion() {
    check(Site::ReplaceDelete).await;
}

#[tokio::test]
async fn poll_status_survives_what_happens_to_its_look() {
    check(Site::PollLook).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_while_it_reads_the_link() {
    check(Site::AttachListTags).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_to_its_look() {
    check(Site::AttachGet).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_to_its_search() {
    check(Site::AttachSearch).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_to_its_creation() {
    check(Site::AttachCreate).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_to_its_assignment() {
    check(Site::AttachUpdate).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_to_its_verification() {
    check(Site::AttachVerify).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_while_it_reads_the_link_again() {
    check(Site::AttachListTagsAgain).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_while_it_writes_the_link() {
    check(Site::AttachTag).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_what_happens_while_it_reads_the_link_back() {
    check(Site::AttachReadBack).await;
}

#[tokio::test]
async fn create_dataset_group_survives_a_service_that_does_not_answer() {
    check_without_answers(&[
        Site::CreateLook,
        Site::CreateGroup,
        Site::CreateLookAgain,
        Site::ReplaceListTags,
        Site::ReplaceLookAgain,
        Site::ReplaceDelete,
    ])
    .await;
}

#[tokio::test]
async fn poll_status_survives_a_service_that_does_not_answer() {
    check_without_answers(&[Site::PollLook]).await;
}

#[tokio::test]
async fn bootstrap_group_profile_survives_services_that_do_not_answer() {
    check_without_answers(&[
        Site::AttachListTags,
        Site::AttachGet,
        Site::AttachSearch,
        Site::AttachCreate,
        Site::AttachUpdate,
        Site::AttachVerify,
        Site::AttachListTagsAgain,
        Site::AttachTag,
        Site::AttachReadBack,
    ])
    .await;
}

#[tokio::test]
async fn a_service_that_nobody_can_reach_is_unavailable_and_a_rerun_goes_on() {
    for (site, service) in [
        (Site::CreateGroup, Service::Personalize),
        (Site::ReplaceListTags, Service::Personalize),
        (Site::ReplaceDelete, Service::Personalize),
        (Site::PollLook, Service::Personalize),
        (Site::AttachCreate, Service::Personalize),
        (Site::AttachCreate, Service::DataZone),
        (Site::AttachSearch, Service::DataZone),
        (Site::AttachUpdate, Service::DataZone),
    ] {
        let mut setup = Setup::start().await;
        site.prepare(&setup).await;
        setup.hang_up(service).await;
        let error = site.run(&setup).await.expect_err("nobody listens");
        assert_eq!(error.name(), "Unavailable", "{site:?} without {service:?}");
        assert_eq!(setup.effects().await, [""; 0], "{site:?} without {service:?}");
        setup.call_again().await;
        site.converge(&setup).await.unwrap_or_else(|what| panic!("{site:?} without {service:?}: {what}"));
    }
}
