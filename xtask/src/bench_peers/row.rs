//! A piece of work: what it costs each who does it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::Result;

const OURS: &str = "ssss";
/// The others: what they are called, and what their fields are called.
const OTHERS: [(&str, &str, &str); 3] = [
    ("matrix-sdk-crypto", "matrix_sdk_crypto", "ratio"),
    ("RustCrypto", "rustcrypto", "rustcrypto_ratio"),
    ("js-sdk", "js_sdk", "js_ratio"),
];

/// A piece of work: what it costs each who does it.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) ours_ns: f64,
    pub(super) allocations: Option<u64>,
    /// matrix-sdk-crypto, `RustCrypto`, js-sdk; `None` where one does no such work.
    pub(super) others: [Option<Other>; 3],
}

/// Somebody who does the same.
pub(super) struct Other {
    pub(super) ns: f64,
    /// Of the times of each round, how many times ours it is: a quarter of the rounds, half, three quarters.
    pub(super) ratios: [f64; 3],
    pub(super) allocations: Option<u64>,
}

impl Row {
    pub(super) fn new(
        name: &str,
        times: &BTreeMap<String, Vec<f64>>,
        allocations: Option<&BTreeMap<String, u64>>,
    ) -> Result<Self> {
        let ours = times.get(OURS).ok_or_else(|| format!("{name}: no times"))?;
        let count = |who: &str| allocations.and_then(|of| of.get(who)).copied();
        let others = OTHERS.map(|(who, ..)| {
            let theirs = times.get(who)?;
            let ratios: Vec<f64> = theirs.iter().zip(ours).map(|(a, b)| a / b).collect();
            Some(Other {
                ns: quartiles(theirs)[1],
                ratios: quartiles(&ratios),
                allocations: count(who),
            })
        });
        Ok(Self {
            name: name.to_owned(),
            ours_ns: quartiles(ours)[1],
            allocations: count(OURS),
            others,
        })
    }

    pub(super) fn to_json(&self) -> Value {
        let mut json = json!({"ours_ns": self.ours_ns});
        if let Some(count) = self.allocations {
            json["allocations"] = count.into();
        }
        for ((_, field, ratio), other) in OTHERS.iter().zip(&self.others) {
            let Some(other) = other else { continue };
            json[format!("{field}_ns")] = other.ns.into();
            json[*ratio] = other.ratios[1].into();
            if let Some(count) = other.allocations {
                json[format!("{field}_allocations")] = count.into();
            }
        }
        json
    }
}

/// The lower quartile, the median, the upper quartile.
fn quartiles(numbers: &[f64]) -> [f64; 3] {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    [1, 2, 3].map(|quarter| {
        let (place, rest) = (last * quarter / 4, last * quarter % 4);
        let low = sorted.get(place).copied().unwrap_or(f64::NAN);
        let high = sorted.get(place + 1).copied().unwrap_or(low);
        low + (high - low) * f64::from(u8::try_from(rest).unwrap_or_default()) / 4.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_of_few_and_many() {
        for (numbers, expected) in [
            (&[3.0][..], [3.0, 3.0, 3.0]),
            (&[2.0, 1.0], [1.25, 1.5, 1.75]),
            (&[5.0, 1.0, 4.0, 2.0, 3.0], [2.0, 3.0, 4.0]),
        ] {
            let found = quartiles(numbers);
            let is_near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-9;
            assert!(found.iter().zip(&expected).all(is_near), "{found:?}");
        }
    }

    #[test]
    fn ratios_are_those_of_single_rounds() {
        // The machine was busy in the second round, for both.
        let times = BTreeMap::from([
            (OURS.to_owned(), vec![10.0, 100.0, 10.0]),
            ("js-sdk".to_owned(), vec![20.0, 200.0, 21.0]),
        ]);
        let allocations = BTreeMap::from([(OURS.to_owned(), 1)]);
        let row = Row::new("open", &times, Some(&allocations)).unwrap();
        assert_eq!(
            row.to_json(),
            json!({"ours_ns": 10.0, "allocations": 1, "js_sdk_ns": 21.0, "js_ratio": 2.0})
        );
        assert!(Row::new("open", &BTreeMap::new(), None).is_err());
    }
}
