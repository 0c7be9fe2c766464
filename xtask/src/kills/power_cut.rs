//! What a power cut may undo, which no kill shows: what was written is in memory still.

use super::strace::Call;

/// Why a power cut may damage what is renamed: a file must be on the disk before it gets its name, and
/// the name before anything else is written.
pub(super) fn danger(calls: &[Call]) -> Option<String> {
    let is_sync = |call: &&Call| matches!(call.name.as_str(), "fsync" | "fdatasync");
    let is_change = |call: &&Call| is_rename(call) || call.name.contains("write");
    let is_either = |call: &&Call| is_sync(call) || is_change(call);
    for (number, call) in calls.iter().enumerate().filter(|(_, call)| is_rename(call)) {
        let (earlier, later) = (&calls[..number], &calls[number + 1..]);
        let what = format!("{} {}", call.name, call.count);
        if !earlier
            .iter()
            .rfind(is_either)
            .is_some_and(|call| is_sync(&call))
        {
            return Some(format!(
                "nothing is synced between the last write and {what}"
            ));
        }
        if !later
            .iter()
            .find(is_either)
            .is_some_and(|call| is_sync(&call))
        {
            return Some(format!("nothing is synced between {what} and what follows"));
        }
    }
    None
}

pub(super) fn is_rename(call: &Call) -> bool {
    call.name.starts_with("rename")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_dangerous(names: &str) -> bool {
        let call = |name: &str| Call {
            name: name.to_owned(),
            count: 1,
        };
        let calls: Vec<_> = names.split(' ').map(call).collect();
        danger(&calls).is_some()
    }

    #[test]
    fn names_and_contents_are_on_the_disk_in_time() {
        for good in [
            "openat write close",
            "write fsync rename openat fsync close write",
            "write fdatasync renameat2 fsync write write fsync renameat fsync",
        ] {
            assert!(!is_dangerous(good), "{good}");
        }
        for bad in [
            "rename fsync",
            "write rename fsync",
            "fsync write renameat fsync",
            "write fsync rename",
            "write fsync rename write fsync",
            "write fsync rename rename fsync",
        ] {
            assert!(is_dangerous(bad), "{bad}");
        }
    }
}
