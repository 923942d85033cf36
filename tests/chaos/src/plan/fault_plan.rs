//! The fault plan: what goes wrong in a storm, and how often.

use fastrand::Rng;
use simulators::{DomainState, Fault, Kind, Service};

use super::Name;

/// For how long an answer is mostly held back at most, in milliseconds; the functions wait for 4 s.
const LATE: u64 = 400;
/// So late that the function has given up.
const TOO_LATE: u64 = 4_500;

/// The part of all calls that each kind hits.
fn rates(rng: &mut Rng) -> Vec<(f64, Kind)> {
    let error = |status, code: &str| Kind::Error { status, code: code.to_owned(), message: None };
    vec![
        (0.04, Kind::Throttle { code: None }),
        (0.02, error(503, "ServiceUnavailable")),
        (0.01, error(500, "InternalFailure")),
        (0.02, Kind::Delay { milliseconds: rng.u64(20..LATE / 4) }),
        (0.02, Kind::Delay { milliseconds: rng.u64(LATE / 4..LATE) }),
        (0.01, Kind::Delay { milliseconds: rng.u64(LATE..TOO_LATE / 2) }),
        (0.002, Kind::Delay { milliseconds: TOO_LATE }),
        (0.02, Kind::CutBeforeEffect),
        (0.02, Kind::CutAfterEffect),
        (0.01, Kind::TruncatedBody),
        (0.01, Kind::HtmlBadGateway),
        (0.004, Kind::AccessDenied),
    ]
}

/// Outages of a few names and projects first, as the oldest fault wins, then what may hit every call.
pub(super) fn draw(rng: &mut Rng, names: &[Name], domains: &[DomainState]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for project in domains.iter().flat_map(|domain| &domain.projects) {
        if rng.f64() < 0.1 {
            let operations = ["ListProjectMemberships", "CreateProjectMembership", "DeleteProjectMembership"];
            faults.push(outage(rng, Service::DataZone, &operations, &project.id));
        }
    }
    for name in names {
        if rng.f64() < 0.03 {
            let operations = [
                "DescribeDatasetGroup",
                "CreateDatasetGroup",
                "ListTagsForResource",
                "TagResource",
                "ListDatasets",
                "DeleteDatasetGroup",
            ];
            faults.push(outage(rng, Service::Personalize, &operations, &name.name));
        }
        if rng.f64() < 0.02 {
            let kind = Kind::Error { status: 400, code: "LimitExceededException".to_owned(), message: None };
            // As many as the attempts of the SDK, which takes it for throttling.
            let full = Fault::new(Service::Personalize, kind).operation("CreateDatasetGroup");
            faults.push(full.resource(&name.name).times(3));
        }
    }
    for service in [Service::Personalize, Service::DataZone] {
        for (probability, kind) in rates(rng) {
            faults.push(Fault::new(service, kind).chance(probability, rng.u64(..)));
        }
    }
    faults
}

/// One operation about one name or project fails until the faults end, or four times: then a retry of the state machine
/// succeeds.
fn outage(rng: &mut Rng, service: Service, operations: &[&str], resource: &str) -> Fault {
    let kind = match rng.u8(..4) {
        0 => Kind::Throttle { code: Some("TooManyRequestsException".to_owned()) },
        1 => Kind::CutBeforeEffect,
        2 => Kind::HtmlBadGateway,
        _ => Kind::Error { status: 503, code: "ServiceUnavailable".to_owned(), message: None },
    };
    let fault = Fault::new(service, kind).operation(operations[rng.usize(..operations.len())]).resource(resource);
    if rng.bool() { fault } else { fault.times(4) }
}
