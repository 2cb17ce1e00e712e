//! What each path answers.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use moonphase::{Date, Moon, Phase};

use crate::http::{quoted, Request, Response};
use crate::settings::Settings;

/// The answer to one request.
pub fn answer(request: &Request, settings: &Settings) -> Response {
    match request.path.as_str() {
        "/healthz" => health(settings),
        "/version" => version(settings),
        "/phase" => phase(&request.query, settings),
        _ => Response::refusal(
            404,
            "there is /healthz, /version and /phase?date=YYYY-MM-DD",
        ),
    }
}

fn health(settings: &Settings) -> Response {
    let problem = settings.names.as_deref().and_then(|file| {
        Phase::ALL
            .into_iter()
            .find_map(|phase| name_in(file, phase).err())
    });
    match problem {
        None => Response::new(200, r#"{"status":"ok"}"#),
        Some(reason) => {
            let reason = quoted(&reason);
            Response::new(
                503,
                format!(r#"{{"status":"unhealthy","reason":{reason}}}"#),
            )
        }
    }
}

fn version(settings: &Settings) -> Response {
    let mut fields = vec![
        ("name", env!("CARGO_PKG_NAME").to_owned()),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    fields.extend(option_env!("MOONPHASE_COMMIT").map(|commit| ("commit", commit.to_owned())));
    fields.extend(
        settings
            .artifact_sha256
            .clone()
            .map(|sum| ("artifact_sha256", sum)),
    );
    let fields: Vec<String> = fields
        .into_iter()
        .map(|(name, value)| format!("{}:{}", quoted(name), quoted(&value)))
        .collect();
    Response::new(200, format!("{{{}}}", fields.join(",")))
}

fn phase(query: &str, settings: &Settings) -> Response {
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("date="));
    let day = match asked.map_or_else(today, |text| {
        text.parse().map_err(|error| format!("date: {error}"))
    }) {
        Ok(day) => day,
        Err(reason) => return Response::refusal(400, &reason),
    };
    let moon = Moon::on(day);
    let name = match &settings.names {
        None => moon.phase().name().to_owned(),
        Some(file) => match name_in(file, moon.phase()) {
            Ok(name) => name,
            Err(reason) => return Response::refusal(503, &reason),
        },
    };
    Response::new(
        200,
        format!(
            r#"{{"date":"{day}","phase":"{}","name":{},"age_days":{:.2},"illumination":{:.3}}}"#,
            moon.phase(),
            quoted(&name),
            moon.age(),
            moon.illumination()
        ),
    )
}

/// The name of a phase in the file of names.
fn name_in(file: &Path, phase: Phase) -> Result<String, String> {
    let text =
        fs::read_to_string(file).map_err(|error| format!("names {}: {error}", file.display()))?;
    text.lines()
        .filter_map(|line| line.split_once('='))
        .find(|(word, _)| word.trim() == phase.name())
        .map(|(_, name)| name.trim().to_owned())
        .ok_or_else(|| format!("names {}: no line for {phase}", file.display()))
}

fn today() -> Result<Date, String> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(|error| format!("the clock stands before 1970: {error}"))?;
    Date::from_unix(now.as_secs()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(path: &str, query: &str, settings: &Settings) -> Response {
        let request = Request {
            head_only: false,
            path: path.to_owned(),
            query: query.to_owned(),
        };
        answer(&request, settings)
    }

    fn plain() -> Settings {
        Settings::from_environment(|_| None)
    }

    fn named(file: &str) -> Settings {
        Settings::from_environment(|name| (name == "MOOND_NAMES").then(|| file.to_owned()))
    }

    #[test]
    fn a_known_full_moon_is_full() {
        let response = ask("/phase", "date=2025-03-14", &plain());
        assert_eq!(response.status, 200);
        assert!(
            response.body.contains(r#""phase":"full","name":"full""#),
            "{}",
            response.body
        );
    }

    #[test]
    fn without_a_date_today_is_meant() {
        assert_eq!(ask("/phase", "", &plain()).status, 200);
    }

    #[test]
    fn a_wrong_date_is_refused_with_its_reason() {
        let response = ask("/phase", "date=2023-02-29", &plain());
        assert_eq!(
            response,
            Response::refusal(400, "date: the calendar has no such day")
        );
    }

    #[test]
    fn a_path_that_is_not_there_is_not_found() {
        assert_eq!(ask("/", "", &plain()).status, 404);
    }

    #[test]
    fn the_version_says_what_it_was_installed_from_when_it_knows() {
        assert!(!ask("/version", "", &plain())
            .body
            .contains("artifact_sha256"));
        let installed = Settings::from_environment(|name| {
            (name == "MOOND_ARTIFACT_SHA256").then(|| "abc".to_owned())
        });
        assert!(ask("/version", "", &installed)
            .body
            .contains(r#""artifact_sha256":"abc""#));
    }

    #[test]
    fn it_is_unhealthy_without_the_names_it_was_promised() {
        assert_eq!(ask("/healthz", "", &plain()).status, 200);
        let response = ask("/healthz", "", &named("/nowhere/names.txt"));
        assert_eq!(response.status, 503);
        assert!(
            response.body.contains("/nowhere/names.txt"),
            "{}",
            response.body
        );
        assert_eq!(ask("/phase", "", &named("/nowhere/names.txt")).status, 503);
    }
}
