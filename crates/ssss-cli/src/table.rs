//! Tables, and how what a server chose stands in them.

use comfy_table::{ContentArrangement, Table, presets};
use ssss_client::quoted;
use ssss_client::ssss_model::KeyId;

/// Lays rows out under a heading, indented by one space. Cells are escaped already.
pub(crate) fn table<const N: usize>(heading: [&str; N], rows: Vec<[String; N]>) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(heading.iter());
    for row in rows {
        table.add_row(row.iter());
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A key's id, shortened if it is long and plain.
pub(crate) fn short_id(id: &KeyId) -> String {
    let id = id.as_str();
    let is_plain = id
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "/+=_-".contains(c));
    match (id.get(..8), id.get(id.len().saturating_sub(4)..)) {
        (Some(start), Some(end)) if is_plain && id.len() > 20 => format!("{start}…{end}"),
        _ => quoted(id),
    }
}
