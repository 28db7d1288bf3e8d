//! Enums that stand for one of the WIT package.

/// Has generated bindings read the enum from the place of a case in WIT. The cases are
/// those of WIT in WIT's order, which a test holds.
macro_rules! wit_enum {
    ($enum:ident: $first:ident $(, $case:ident)+) => {
        impl $enum {
            /// The case at a place in WIT; for the code that `wit-bindgen` generates. A host
            /// cannot pass another place.
            #[doc(hidden)]
            pub fn _lift(place: u8) -> Self {
                match place {
                    $(place if place == Self::$case as u8 => Self::$case,)+
                    _ => Self::$first,
                }
            }
        }
    };
}
