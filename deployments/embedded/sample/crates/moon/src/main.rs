//! Says the phase of the moon on a day: `moon [YYYY-MM-DD]`, today in UTC when no day is given.

use std::env;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use moonphase::{Date, Moon};

const USAGE: &str = "usage: moon [YYYY-MM-DD | --version | --help]";

fn main() -> ExitCode {
    match answer(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("moon: {reason}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn answer(arguments: &[String]) -> Result<String, String> {
    let day = match arguments {
        [] => today()?,
        [only] if only == "--help" => return Ok(USAGE.to_owned()),
        [only] if only == "--version" => return Ok(format!("moon {}", env!("CARGO_PKG_VERSION"))),
        [only] => only.parse().map_err(|error| format!("{only}: {error}"))?,
        _ => return Err("one day at a time".to_owned()),
    };
    let moon = Moon::on(day);
    Ok(format!(
        "{day}  {:<15}  {:>3.0} % lit, {:>4.1} days old",
        moon.phase(),
        moon.illumination() * 100.0,
        moon.age()
    ))
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

    fn ask(arguments: &[&str]) -> Result<String, String> {
        answer(
            &arguments
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn a_day_is_answered_in_one_line() {
        let line = ask(&["2025-03-14"]).expect("an answer");
        assert!(line.starts_with("2025-03-14  full "), "{line}");
        assert!(!line.contains('\n'));
    }

    #[test]
    fn what_is_no_day_is_named_in_the_refusal() {
        assert!(ask(&["tomorrow"]).is_err_and(|reason| reason.starts_with("tomorrow: ")));
        assert!(ask(&["2024-01-01", "2024-01-02"]).is_err());
    }

    #[test]
    fn without_a_day_it_speaks_of_today() {
        assert!(ask(&[]).expect("an answer").contains("% lit"));
    }
}
