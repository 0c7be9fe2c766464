//! Plans in words.

use ssss_client::{Loss, Plan, Publication, Purpose, Write, quoted};

use crate::table::short_id;

/// A plan as a person reads it before it is carried out: every write, and what is lost.
pub(crate) fn lines(plan: &Plan) -> String {
    let mut lines = Vec::new();
    let published = plan.publication().map(|(after, publication)| {
        let line = format!(" {} {}\n", after, self::publication(publication));
        (after, line)
    });
    for (index, stage) in plan.stages().iter().enumerate() {
        for write in stage {
            lines.push(format!(" {} {}\n", index + 1, purpose(write)));
        }
        if let Some((after, line)) = &published
            && *after == index + 1
        {
            lines.push(line.clone());
        }
    }
    if let Some((0, line)) = published {
        lines.push(line);
    }
    lines.extend(plan.losses().iter().map(|loss| format!(" ! {loss}\n")));
    lines.concat()
}

/// What is published, in words.
fn publication(publication: Publication) -> &'static str {
    match (publication.identity, publication.backup) {
        (true, true) => "then publish the cross-signing identity, and make a key backup",
        (true, false) => "then publish the cross-signing identity",
        _ => "then make a key backup",
    }
}

/// What is lost, a line each.
pub(crate) fn losses(losses: &[Loss]) -> String {
    let shown = losses.iter().take(SHOWN);
    let mut lines: Vec<_> = shown.map(|loss| format!(" ! {loss}\n")).collect();
    if let Some(more @ 1..) = losses.len().checked_sub(SHOWN) {
        lines.push(format!(" ! and {more} more; --json names them\n"));
    }
    lines.concat()
}

/// How many losses are shown at the end of a change.
const SHOWN: usize = 20;

/// What a stage has done, in few words.
pub(crate) fn stage(writes: &[Write]) -> String {
    match writes {
        [write] => purpose(write),
        [first, ..] => {
            let count = writes.len();
            match first.purpose() {
                Purpose::StoreSecret(..) => {
                    format!("{count} secrets are stored, each opened again")
                }
                Purpose::DescribeKey(id) => format!(
                    "key {} is described, and {} stored for it, each opened again",
                    short_id(id),
                    match count - 1 {
                        1 => "1 secret is".to_owned(),
                        more => format!("{more} secrets are"),
                    }
                ),
                Purpose::StripSecret(..) => format!("{count} secrets are stripped of the old key"),
                Purpose::RemoveSecret(_) => format!("{count} secrets are removed"),
                _ => format!("{count} events are written"),
            }
        }
        [] => String::new(),
    }
}

/// What a write does.
fn purpose(write: &Write) -> String {
    let secret = |name: &ssss_client::ssss_model::SecretName| quoted(name.as_str());
    match write.purpose() {
        Purpose::DescribeKey(id) => format!("describe key {}", short_id(id)),
        Purpose::BlankKey(id) => format!("blank the description of key {}", short_id(id)),
        Purpose::StoreSecret(name, ids) => {
            let ids: Vec<_> = ids.iter().map(short_id).collect();
            format!("seal {} for key {}", secret(name), ids.join(", "))
        }
        Purpose::StripSecret(name, _) => {
            format!("take an old key's part out of {}", secret(name))
        }
        Purpose::RemoveSecret(name) => format!("remove {}", secret(name)),
        Purpose::SetDefaultKey { id, .. } => format!("make key {} the default", short_id(id)),
        Purpose::UnsetDefaultKey => "make no key the default".to_owned(),
        _ => format!("put {} back as it was", quoted(write.event_type())),
    }
}
