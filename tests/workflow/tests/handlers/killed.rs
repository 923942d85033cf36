//! A function that is killed at a call is run again.

use simulators::{Answer, CallFilter, Fault, Kind, Word};
use tokio::select;
use tokio::task::yield_now;
use workflow_tests::{Pace, Setup};

use crate::call_sites::CallSite;

/// Runs the function, drops it as soon as the simulators note that its call was cut, and runs it again from scratch.
async fn kill_at(call_site: CallSite, kind: Kind) {
    let mut setup = Setup::start_at(Pace::Halting).await;
    call_site.prepare(&setup).await;
    let cut = Fault::new(call_site.service(), kind.clone()).operation(call_site.operation()).after(call_site.passed());
    setup.control.add_fault(cut).await.expect("a fault");
    let was_cut = async {
        let is_cut = |call: &simulators::Call| call.status == Answer::Word(Word::Cut);
        while !setup
            .control
            .calls(CallFilter::operation(call_site.operation()))
            .await
            .expect("the log")
            .iter()
            .any(is_cut)
        {
            yield_now().await;
        }
    };
    select! {
        // What acts on a look is not sent again: the function ends at the cut, and that is all that is left of it, too.
        ended = call_site.run(&setup) => {
            assert!(call_site.acts_on_a_look() && ended.is_err(), "{call_site:?} ended with {ended:?} before it was killed");
        }
        () = was_cut => {}
    }
    setup.control.clear_faults().await.expect("an order");
    setup.call_again().await;
    call_site.converge(&setup).await.unwrap_or_else(|what| panic!("{call_site:?} / {}: {what}", kind.name()));
}

#[tokio::test]
async fn a_function_that_is_killed_before_its_call_has_an_effect_comes_to_the_same_end() {
    for call_site in CallSite::ALL {
        kill_at(call_site, Kind::CutBeforeEffect).await;
    }
}

#[tokio::test]
async fn a_function_that_is_killed_between_the_effect_and_the_answer_comes_to_the_same_end() {
    for call_site in CallSite::ALL {
        kill_at(call_site, Kind::CutAfterEffect).await;
    }
}
