//! What the system does with the memory of a process that holds credentials.

use std::io;

/// Switches core dumps of this process off: a fault, or `SIGQUIT`, then leaves no copy of its
/// memory, and so of no credential, on a disk. On Linux other programs of the same user can
/// neither read its memory and its environment nor debug it from then on; root can.
///
/// It is for programs that embed a [`Host`](crate::Host), to call first in `main`: the library
/// changes nothing of its process by itself. A program that this one starts has no core dumps
/// either, unless it raises the limit again.
///
/// # Errors
///
/// What the system answers. There is nothing to switch off on Windows.
pub fn forbid_core_dumps() -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = Rlimit {
            current: Some(0),
            ..getrlimit(Resource::Core)
        };
        setrlimit(Resource::Core, limit)?;
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // The engine asks the kernel which pages a call has touched, through a file that then
        // cannot be opened any more but stays open.
        let _opened = wasmtime::PoolingAllocationConfig::is_pagemap_scan_available();
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    Ok(())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    use super::*;

    #[test]
    fn neither_a_limit_nor_the_kernel_permits_a_dump() {
        let before = getrlimit(Resource::Core);
        forbid_core_dumps().unwrap();
        let after = getrlimit(Resource::Core);
        assert_eq!(after.current, Some(0));
        assert_eq!(after.maximum, before.maximum);
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        // Twice does no harm.
        forbid_core_dumps().unwrap();
    }
}
