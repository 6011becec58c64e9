//! The parts of a path in a prompt.

/// Splits a path into its folder, with the separator, and the beginning of a name.
pub(in crate::app) fn split(path: &str) -> (&str, &str) {
    // The name of the home folder is complete.
    if path.trim_start() == "~" {
        return (path, "");
    }
    path.split_at(path.rfind(std::path::is_separator).map_or(0, |at| at + 1))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_path_is_split_after_its_last_separator() {
        assert_eq!(split("inputs/ord"), ("inputs/", "ord"));
        assert_eq!(split("/"), ("/", ""));
        assert_eq!(split("ord ers"), ("", "ord ers"));
        assert_eq!(split("~/注"), ("~/", "注"));
        assert_eq!(split(""), ("", ""));
    }
}
