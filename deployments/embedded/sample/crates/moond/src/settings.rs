use std::path::PathBuf;

/// What the service is told by its environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `MOOND_LISTEN`: address and port; port 0 lets the system choose.
    pub listen: String,
    /// `MOOND_NAMES`: a file with names of the phases in another language, one `word=name` a line.
    pub names: Option<PathBuf>,
    /// `MOOND_ARTIFACT_SHA256`: the sum of the release archive that this binary was installed from.
    pub artifact_sha256: Option<String>,
}

impl Settings {
    /// Reads the settings through `lookup`; an empty value counts as absent.
    pub fn from_environment(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let given = |name| lookup(name).filter(|value| !value.is_empty());
        Self {
            listen: given("MOOND_LISTEN").unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
            names: given("MOOND_NAMES").map(PathBuf::from),
            artifact_sha256: given("MOOND_ARTIFACT_SHA256"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_given_means_loopback_and_english() {
        let settings = Settings::from_environment(|_| None);
        assert_eq!(settings.listen, "127.0.0.1:8080");
        assert_eq!(settings.names, None);
    }

    #[test]
    fn an_empty_value_is_no_value() {
        let settings = Settings::from_environment(|_| Some(String::new()));
        assert_eq!(settings, Settings::from_environment(|_| None));
    }

    #[test]
    fn each_setting_has_its_own_name() {
        let settings = Settings::from_environment(|name| Some(format!("<{name}>")));
        assert_eq!(settings.listen, "<MOOND_LISTEN>");
        assert_eq!(settings.names, Some(PathBuf::from("<MOOND_NAMES>")));
        assert_eq!(
            settings.artifact_sha256.as_deref(),
            Some("<MOOND_ARTIFACT_SHA256>")
        );
    }
}
