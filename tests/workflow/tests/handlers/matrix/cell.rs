//! One cell: a call site, a fault, and how long it lasts.

use simulators::CallFilter;
use workflow_tests::{Pace, Setup, effects_of};

use super::expected::{Expected, Lasting, expected};
use super::faults::Fault;
use crate::call_sites::CallSite;

/// Says what was other than expected.
pub async fn check(call_site: CallSite, fault: &Fault, lasting: Lasting) -> Result<(), String> {
    let pace = if fault.takes_time() { Pace::Hasty } else { Pace::Deployed };
    let setup = Setup::start_at(pace).await;
    call_site.prepare(&setup).await;
    let order = simulators::Fault {
        times: match lasting {
            Lasting::Once => Some(1),
            Lasting::ForEver => None,
        },
        ..simulators::Fault::new(call_site.service(), fault.kind(call_site.service()))
    };
    let order = order.operation(call_site.operation()).after(call_site.passed());
    setup.control.add_fault(order).await.expect("a fault");
    let found = disturbed(call_site, &setup).await.and_then(|found| {
        let expected = expected(call_site, fault, lasting);
        if found == expected { Ok(()) } else { Err(format!("{found:?}, not {expected:?}")) }
    });
    setup.control.clear_faults().await.expect("an order");
    found
        .and(call_site.converge(&setup).await)
        .map_err(|what| format!("{call_site:?} / {} / {lasting:?}: {what}", fault.name))
}

/// Runs the function into the fault.
async fn disturbed(call_site: CallSite, setup: &Setup) -> Result<Expected, String> {
    let ended = call_site.run(setup).await;
    let calls = setup.control.calls(CallFilter::operation(call_site.operation())).await.expect("the log");
    let effects = effects_of(&calls);
    if effects.len() > 1 {
        return Err(format!("the call had its effect {} times", effects.len()));
    }
    let calls = u32::try_from(calls.len()).expect("a few calls");
    Ok(Expected { error: ended.err().map(|error| error.name()), calls })
}
