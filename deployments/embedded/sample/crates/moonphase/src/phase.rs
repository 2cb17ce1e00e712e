use std::f64::consts::PI;
use std::fmt;

use crate::Date;

/// The mean time from one new moon to the next, in days.
pub const SYNODIC_MONTH: f64 = 29.530_588_853;

/// The new moon of 6 January 2000, 18:14 UTC, as a Julian date.
const KNOWN_NEW_MOON: f64 = 2_451_550.259_722;

/// One of the eight names people give to the shape of the moon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Not seen at all.
    New,
    /// A growing sickle.
    WaxingCrescent,
    /// Half, growing.
    FirstQuarter,
    /// More than half, growing.
    WaxingGibbous,
    /// The whole disc.
    Full,
    /// More than half, shrinking.
    WaningGibbous,
    /// Half, shrinking.
    LastQuarter,
    /// A shrinking sickle.
    WaningCrescent,
}

impl Phase {
    /// All phases, from one new moon to the next.
    pub const ALL: [Self; 8] = [
        Self::New,
        Self::WaxingCrescent,
        Self::FirstQuarter,
        Self::WaxingGibbous,
        Self::Full,
        Self::WaningGibbous,
        Self::LastQuarter,
        Self::WaningCrescent,
    ];

    /// The word for this phase that is stable across versions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::WaxingCrescent => "waxing-crescent",
            Self::FirstQuarter => "first-quarter",
            Self::WaxingGibbous => "waxing-gibbous",
            Self::Full => "full",
            Self::WaningGibbous => "waning-gibbous",
            Self::LastQuarter => "last-quarter",
            Self::WaningCrescent => "waning-crescent",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.pad(self.name())
    }
}

/// The moon at noon UTC of one day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moon {
    age: f64,
}

impl Moon {
    /// The moon on a day.
    ///
    /// ```
    /// use moonphase::{Date, Moon, Phase};
    ///
    /// let moon = Moon::on(Date::new(2025, 3, 14)?);
    /// assert_eq!(moon.phase(), Phase::Full);
    /// assert!(moon.illumination() > 0.98);
    /// # Ok::<(), moonphase::DateError>(())
    /// ```
    pub fn on(day: Date) -> Self {
        let since = f64::from(day.julian_day()) - KNOWN_NEW_MOON;
        Self {
            age: since.rem_euclid(SYNODIC_MONTH),
        }
    }

    /// Days since the last new moon: at least 0, less than [`SYNODIC_MONTH`].
    pub const fn age(self) -> f64 {
        self.age
    }

    /// The lit part of the disc, from 0 to 1.
    pub fn illumination(self) -> f64 {
        (1.0 - (2.0 * PI * self.age / SYNODIC_MONTH).cos()) / 2.0
    }

    /// The name of the shape; each of the eight has an equal share of the month.
    pub fn phase(self) -> Phase {
        let eighths = (self.age / SYNODIC_MONTH * 8.0).round();
        Phase::ALL
            .into_iter()
            .zip(0_u8..)
            .find(|(_, place)| f64::from(*place) >= eighths)
            .map_or(Phase::New, |(phase, _)| phase)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase_on(text: &str) -> Phase {
        Moon::on(text.parse().expect("a day of the calendar")).phase()
    }

    #[test]
    fn known_eclipses_are_at_new_and_full_moon() {
        for solar in ["1999-08-11", "2017-08-21", "2024-04-08", "2026-08-12"] {
            assert_eq!(phase_on(solar), Phase::New, "{solar}");
        }
        for lunar in ["2018-07-27", "2022-05-16", "2025-03-14", "2025-09-07"] {
            assert_eq!(phase_on(lunar), Phase::Full, "{lunar}");
        }
    }

    #[test]
    fn phases_follow_each_other_through_a_month() {
        let start = Date::new(2024, 4, 8).expect("a day").julian_day();
        let mut seen = vec![];
        for day in 8..=30 {
            let date = Date::new(2024, 4, day).expect("a day");
            assert!(date.julian_day() >= start);
            let phase = Moon::on(date).phase();
            if seen.last() != Some(&phase) {
                seen.push(phase);
            }
        }
        assert_eq!(seen, Phase::ALL[..7]);
    }

    #[test]
    fn age_and_light_stay_in_their_bounds_for_centuries() {
        for year in (1..=9999).step_by(37) {
            for month in 1..=12 {
                let moon = Moon::on(Date::new(year, month, 15).expect("a day"));
                assert!((0.0..SYNODIC_MONTH).contains(&moon.age()), "{year}-{month}");
                assert!((0.0..=1.0).contains(&moon.illumination()), "{year}-{month}");
            }
        }
    }

    #[test]
    fn every_name_is_its_own() {
        for (place, phase) in Phase::ALL.iter().enumerate() {
            assert!(Phase::ALL[..place]
                .iter()
                .all(|other| other.name() != phase.name()));
        }
    }
}
