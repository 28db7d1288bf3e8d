//! States that no plan can be made for, and what `Debug` leaves out.

use lambda_invocation_core::lifecycle::LifecycleScope::{CreateOnly, Crud};
use lambda_invocation_core::lifecycle::{PlanOptions, State, plan};

use crate::{config, state};

#[test]
fn a_state_of_another_version_is_sent_to_upgrade_state() {
    for version in [0, 2] {
        let prior = State {
            version,
            ..state(&config(Crud))
        };
        let refused = plan(Some(&prior), None, &PlanOptions::default()).unwrap_err();
        assert_eq!(refused.argument, "prior");
        assert!(refused.reason.contains("upgrade-state"), "{refused}");
    }
}

#[test]
fn a_stored_input_no_request_can_be_built_from_is_told_without_showing_it() {
    for stored in ["[\"canary\"]", "canary"] {
        let mut prior = config(Crud);
        prior.input = stored.to_owned();
        for desired in [None, Some(config(CreateOnly))] {
            let refused = plan(
                Some(&state(&prior)),
                desired.as_ref(),
                &PlanOptions::default(),
            )
            .unwrap_err();
            assert_eq!(refused.argument, "prior");
            assert!(!refused.reason.contains("canary"), "{refused}");
        }
    }
}

#[test]
fn debug_shows_neither_payload_nor_result() {
    let mut desired = config(Crud);
    desired.input = r#"{"a":"canary"}"#.to_owned();
    let planned = plan(
        Some(&state(&config(Crud))),
        Some(&desired),
        &PlanOptions::default(),
    )
    .unwrap();
    assert!(!format!("{planned:?}").contains("canary"));
    let kept = State {
        result: "canary".to_owned(),
        ..state(&desired)
    };
    assert!(!format!("{kept:?}").contains("canary"));
}
