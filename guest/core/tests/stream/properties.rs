//! What holds for any bytes, cut anywhere.

use lambda_invocation_core::call::stream::StreamEvent;
use lambda_invocation_core::error::Error;
use proptest::prelude::*;

use crate::{chunk, complete, event, events};

fn whole() -> (Vec<u8>, Vec<StreamEvent>) {
    let body = [
        chunk("one"),
        chunk(&"x".repeat(300)),
        chunk(""),
        complete(r#"{"LogResult":"eA=="}"#),
    ]
    .concat();
    let (events, error) = events(&[&body]);
    assert_eq!((events.len(), error), (4, None));
    (body, events)
}

proptest! {
    /// Where the network cuts a stream makes no difference.
    #[test]
    fn any_split_of_the_bytes_gives_the_same_events(cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let (body, expected) = whole();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
        cuts.extend([0, body.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &body[pair[0]..pair[1]]).collect();
        prop_assert_eq!(events(&pieces), (expected, None));
    }

    /// What was not changed is given as it was; what was, is never given.
    #[test]
    fn any_change_is_an_error_after_the_events_before_it(place in any::<prop::sample::Index>(), mask in 1_u8..) {
        let (mut body, expected) = whole();
        let place = place.index(body.len());
        body[place] ^= mask;
        let (events, error) = events(&[&body]);
        prop_assert!(events.len() < expected.len());
        prop_assert_eq!(&events[..], &expected[..events.len()]);
        let error = error.unwrap();
        prop_assert!(matches!(error, Error::Service(_) | Error::Transport(_)), "{:?}", error);
        prop_assert!(error.maybe_ran());
    }

    #[test]
    fn any_end_is_an_error_after_the_events_before_it(end in any::<prop::sample::Index>()) {
        let (body, expected) = whole();
        let end = end.index(body.len());
        let (events, error) = events(&[&body[..end]]);
        prop_assert_eq!(&events[..], &expected[..events.len()]);
        prop_assert!(matches!(error, Some(Error::Transport(_))), "{:?}", error);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), framed in any::<bool>()) {
        let body = if framed { event("InvokeComplete", &bytes) } else { bytes };
        let (_, error) = events(&[&body]);
        prop_assert!(error.is_none_or(|error| error.maybe_ran()));
    }
}
