//! The commands of the README, which are run as they stand there.

use std::path::Path;

use crate::Result;

/// The one command in the `sh` block under a heading.
pub(crate) fn command(readme: &Path, heading: &str) -> Result<String> {
    let text = std::fs::read_to_string(readme)?;
    find(&text, heading).ok_or_else(|| {
        format!("README.md has no heading `## {heading}` with one `sh` block of one command").into()
    })
}

fn find(text: &str, heading: &str) -> Option<String> {
    let (_, section) = text.split_once(&format!("\n## {heading}\n"))?;
    let section = section.split("\n## ").next()?;
    let (_, block) = section.split_once("```sh\n")?;
    let (block, rest) = block.split_once("```")?;
    let mut commands = block.lines().filter(|line| !line.trim().is_empty());
    let command = commands.next()?;
    (commands.next().is_none() && !rest.contains("```sh")).then(|| command.to_owned())
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn one_command() {
        let readme =
            "# x\n\n## Try it\n\ntext\n\n```sh\ncargo run\n```\n\n## Test it\n\n```sh\nb\n```\n";
        assert_eq!(find(readme, "Try it").as_deref(), Some("cargo run"));
        assert_eq!(find(readme, "Test it").as_deref(), Some("b"));
        assert_eq!(find(readme, "Else"), None);
        let two = "\n## Try it\n```sh\na\nb\n```\n";
        assert_eq!(find(two, "Try it"), None);
        let blocks = "\n## Try it\n```sh\na\n```\n```sh\nb\n```\n";
        assert_eq!(find(blocks, "Try it"), None);
        let later = "\n## Try it\ntext\n## Test it\n```sh\nb\n```\n";
        assert_eq!(find(later, "Try it"), None);
    }
}
