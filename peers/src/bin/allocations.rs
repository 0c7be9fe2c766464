//! How often each contender allocates to do its work once, as JSON: `{row: {contender: allocations}}`.

use std::collections::BTreeMap;

use ssss_peers::rows;

/// The first time may set something up.
const TIMES: usize = 2;

fn main() {
    let mut table = BTreeMap::new();
    for mut row in rows(None) {
        let of_row: BTreeMap<&str, u64> = row
            .contenders
            .iter_mut()
            .map(|contender| {
                let counts = [(); TIMES].map(|()| contender.cost(allocations, 1));
                (contender.name, counts[TIMES - 1])
            })
            .collect();
        table.insert(row.name, of_row);
    }
    println!("{}", serde_json::json!(table));
}

fn allocations(work: &mut dyn FnMut()) -> u64 {
    allocation_counter::measure(work).count_total
}
