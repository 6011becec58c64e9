//! Folders that only their owner may read, because inputs and outputs are confidential.

use std::path::Path;

/// Creates the folder and its parents, with mode 0700 where it is new.
pub fn create_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
