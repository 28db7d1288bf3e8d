//! A plan and its apply: JSON with the state before, what is wanted, and the options.

use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::{Apply, Config, PlanAction, PlanOptions, State, plan};
use serde::Deserialize;

use crate::message::check_text;

/// Most requests of an apply: an incarnation is deleted, another one, and one is made.
const MAX_REQUESTS: usize = 3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    prior: Option<State>,
    desired: Option<Config>,
    #[serde(default)]
    replace: bool,
    /// Which request fails.
    fails_at: Option<usize>,
}

pub fn run(data: &[u8]) {
    let Ok(wanted) = serde_json::from_slice::<Wanted>(data) else {
        return;
    };
    let desired = wanted.desired.as_ref();
    let options = PlanOptions {
        unknown: Vec::new(),
        replace: wanted.replace,
    };
    let planned = match plan(wanted.prior.as_ref(), desired, &options) {
        Ok(planned) => planned,
        Err(error) => return check_text(&error.to_string()),
    };
    assert!(planned.requests.len() <= MAX_REQUESTS, "{planned:?}");
    let mut apply = match Apply::new(wanted.prior.clone(), desired, wanted.replace) {
        Ok(apply) => apply,
        Err(failed) => panic!("planned, and not applied: {}", failed.error),
    };
    let mut made = 0;
    while let Some(request) = apply.next_request() {
        // The plan is what happens.
        assert_eq!(Some(request), planned.requests.get(made));
        if wanted.fails_at == Some(made) {
            let failed = apply.failed(Error::NoRegion);
            assert_eq!(failed.completed.len(), made);
            // What is left can be planned for again.
            let again = plan(failed.state.as_ref(), desired, &PlanOptions::default());
            again.expect("a failure leaves a state that can be planned for");
            return;
        }
        made += 1;
        apply = match apply.succeeded(b"{\"done\":true}".to_vec()) {
            Ok(apply) => apply,
            Err(failed) => panic!("answered, and not kept: {}", failed.error),
        };
    }
    assert_eq!(made, planned.requests.len());
    let state = apply.finish();
    let again = plan(state.as_ref(), desired, &PlanOptions::default());
    let again = again.expect("what was applied can be planned for");
    assert_eq!(
        again.action,
        PlanAction::NoOp,
        "not reached by one apply: {again:?}"
    );
}
