//! The user's own editor for a text.

use std::io::Write;

use crate::bounded::{self, Limits};

/// Opens the text in `$VISUAL` or `$EDITOR` and returns what was saved, or in words why not.
pub(super) async fn edit(text: &str) -> Result<String, String> {
    let named = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let command = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    let mut words = command.split_whitespace();
    let program = words.next().unwrap_or("vi");
    // Made with mode 0600: an input may hold what is nobody's business.
    let mut file = tempfile::Builder::new()
        .prefix("stepgate-")
        .suffix(".json")
        .tempfile()
        .map_err(|error| format!("There is no temporary file for the editor: {error}"))?;
    file.write_all(text.as_bytes()).map_err(|error| format!("The temporary file cannot be written: {error}"))?;
    let status = tokio::process::Command::new(program)
        .args(words)
        .arg(file.path())
        .status()
        .await
        .map_err(|error| format!("`{command}` cannot be run: {error}. Set VISUAL or EDITOR to your editor."))?;
    if !status.success() {
        return Err(format!("`{command}` ended with {status}; the input stays as it was."));
    }
    let saved = bounded::text_file_async(file.path(), Limits::INPUT).await;
    saved.map_err(|error| format!("What was saved cannot be read: {error}"))
}
