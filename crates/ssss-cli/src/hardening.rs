//! Keeping keys out of core dumps.

/// No core dump, and no other process of this user may read our memory. Where the system refuses,
/// the command works all the same.
#[cfg(unix)]
pub(crate) fn apply() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    _ = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

#[cfg(not(unix))]
pub(crate) fn apply() {}
