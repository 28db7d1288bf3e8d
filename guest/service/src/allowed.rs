//! Which functions callers may invoke.

use lambda_invocation_core::call::function_name::FunctionName;
use lambda_invocation_core::error::Error;

use crate::failure::Failure;
use crate::settings::ALLOWED_FUNCTIONS;

/// The list of functions. Empty, it allows none.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct AllowedFunctions<'a> {
    all: bool,
    functions: Vec<FunctionName<'a>>,
}

impl<'a> AllowedFunctions<'a> {
    /// Reads a list with commas or white space between its entries.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for an entry that is neither `*` nor a name or an ARN.
    pub fn parse(list: &'a str) -> Result<Self, Error> {
        let mut allowed = Self::default();
        for entry in list.split([',', ' ', '\t', '\r', '\n']) {
            match entry {
                "" => {}
                "*" => allowed.all = true,
                _ => allowed.functions.push(FunctionName::parse(entry).map_err(|_| {
                    Error::invalid(
                        ALLOWED_FUNCTIONS,
                        "must be *, or names and ARNs of functions with commas between, each with or without :QUALIFIER",
                    )
                })?),
            }
        }
        Ok(allowed)
    }

    /// Checks an invocation.
    ///
    /// An entry counts for the function that is written as it is: a bare name is one of
    /// the service's own account and region, and no ARN of another. Without a qualifier
    /// it allows every version and alias, with one only that.
    ///
    /// # Errors
    ///
    /// 403 for a function that is not in the list, 400 for a malformed name.
    pub fn check(&self, function_name: &str, qualifier: Option<&str>) -> Result<(), Failure> {
        let asked = FunctionName::parse(function_name).map_err(Error::from)?;
        let qualifier = asked.qualifier.or(qualifier);
        let is_allowed = |entry: &FunctionName<'_>| {
            entry.name == asked.name
                && entry.account == asked.account
                && entry.region == asked.region
                && (entry.qualifier.is_none() || entry.qualifier == qualifier)
        };
        if self.all || self.functions.iter().any(is_allowed) {
            return Ok(());
        }
        Err(Failure::new(
            403,
            "AccessDeniedException",
            "this service is not set up to invoke this function or qualifier",
        ))
    }
}
