//! One cell: a site, a fault, and how long it lasts.

use simulators::CallFilter;
use workflow_tests::{Pace, Setup, effects_of};

use super::expected::{Expected, Lasting, expected};
use super::faults::Fault;
use crate::sites::Site;

/// Says what was other than expected.
pub async fn check(site: Site, fault: &Fault, lasting: Lasting) -> Result<(), String> {
    let pace = if fault.takes_time() { Pace::Hasty } else { Pace::Deployed };
    let setup = Setup::start_at(pace).await;
    site.prepare(&setup).await;
    let order = simulators::Fault {
        times: match lasting {
            Lasting::Once => Some(1),
            Lasting::ForEver => None,
        },
        ..simulators::Fault::new(site.service(), fault.kind(site.service()))
    };
    let order = order.operation(site.operation()).after(site.passed());
    setup.control.add_fault(order).await.expect("a fault");
    let found = disturbed(site, &setup).await.and_then(|found| {
        let expected = expected(site, fault, lasting);
        if found == expected { Ok(()) } else { Err(format!("{found:?}, not {expected:?}")) }
    });
    setup.control.clear_faults().await.expect("an order");
    found.and(site.converge(&setup).await).map_err(|what| format!("{site:?} / {} / {lasting:?}: {what}", fault.name))
}

/// Runs the function into the fault.
async fn disturbed(site: Site, setup: &Setup) -> Result<Expected, String> {
    let ended = site.run(setup).await;
    let calls = setup.control.calls(CallFilter::operation(site.operation())).await.expect("the log");
    let effects = effects_of(&calls);
    if effects.len() > 1 {
        return Err(format!("the call had its effect {} times", effects.len()));
    }
    let calls = u32::try_from(calls.len()).expect("a few calls");
    Ok(Expected { error: ended.err().map(|error| error.name()), calls })
}
