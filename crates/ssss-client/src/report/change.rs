//! Changes that stopped on their way.

use std::collections::{BTreeMap, BTreeSet};

use ssss_model::{KeyDescription, KeyId, Snapshot};

use super::SecretReport;
use crate::finding::Finding;

/// Changes from one key to another that stopped on their way, one of the keys being the default.
///
/// Ours: the default key has every secret, and another key some. js-sdk's: the default key has some
/// or none, because it was made the default first, and another key has every one.
pub(super) fn change_findings(
    snapshot: &Snapshot,
    default: Option<&KeyId>,
    secrets: &[SecretReport],
) -> Vec<Finding> {
    let Some(default) = default else {
        return Vec::new();
    };
    let mut by_key: BTreeMap<&KeyId, BTreeSet<usize>> = BTreeMap::new();
    let mut all = 0;
    for (index, secret) in secrets.iter().enumerate() {
        all += usize::from(!secret.keys.is_empty());
        for id in &secret.keys {
            by_key.entry(id).or_default().insert(index);
        }
    }
    let none = BTreeSet::new();
    let of_default = by_key.get(default).unwrap_or(&none);
    let is_described = |id: &KeyId| {
        let description = snapshot.key(id).present();
        description.is_some_and(KeyDescription::is_supported)
    };
    let others = by_key
        .iter()
        .filter(|(id, _)| **id != default && is_described(id));
    let finding = |(id, of_other): (&&KeyId, &BTreeSet<usize>)| {
        let done = of_other.intersection(of_default).count();
        let (from, to, of) = if of_default.len() == all && of_other.len() < all {
            (default, *id, of_default.len())
        } else if of_other.len() == all && of_default.len() < all {
            (*id, default, of_other.len())
        } else {
            return None;
        };
        Some(Finding::ChangeUnfinished {
            from: from.clone(),
            to: to.clone(),
            done,
            of,
        })
    };
    others.filter_map(finding).collect()
}
