use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar, from year 1 to year 9999.
///
/// ```
/// use moonphase::Date;
///
/// let leap_day: Date = "2024-02-29".parse()?;
/// assert_eq!(leap_day.to_string(), "2024-02-29");
/// assert!("2023-02-29".parse::<Date>().is_err());
/// # Ok::<(), moonphase::DateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// Why a text or three numbers are not a [`Date`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateError {
    /// The text is not of the form `YYYY-MM-DD`.
    Form,
    /// The calendar has no such day.
    NoSuchDay,
}

impl Date {
    /// A day by its numbers.
    ///
    /// # Errors
    ///
    /// [`DateError::NoSuchDay`] when the calendar has no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, DateError> {
        if !(1..=9999).contains(&year) || day == 0 || day > days_in(year, month) {
            return Err(DateError::NoSuchDay);
        }
        Ok(Self { year, month, day })
    }

    /// The day that contains this many seconds since the Unix epoch, in UTC.
    ///
    /// # Errors
    ///
    /// [`DateError::NoSuchDay`] beyond the year 9999.
    pub fn from_unix(seconds: u64) -> Result<Self, DateError> {
        let mut left = seconds / 86_400;
        let mut year: u16 = 1970;
        loop {
            let length = if is_leap(year) { 366 } else { 365 };
            if left < length {
                break;
            }
            left -= length;
            year += 1;
            if year > 9999 {
                return Err(DateError::NoSuchDay);
            }
        }
        let mut month = 1;
        while left >= u64::from(days_in(year, month)) {
            left -= u64::from(days_in(year, month));
            month += 1;
        }
        let day = u8::try_from(left + 1).map_err(|_| DateError::NoSuchDay)?;
        Self::new(year, month, day)
    }

    /// The Julian day number at noon of this day.
    pub fn julian_day(self) -> u32 {
        let shift = u32::from(self.month < 3);
        let year = u32::from(self.year) + 4800 - shift;
        let month = u32::from(self.month) + 12 * shift - 3;
        u32::from(self.day) + (153 * month + 2) / 5 + 365 * year + year / 4 - year / 100
            + year / 400
            - 32_045
    }
}

fn is_leap(year: u16) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 0,
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = text.as_bytes();
        let digits = |from: usize, to: usize| -> Result<u16, DateError> {
            bytes[from..to].iter().try_fold(0, |number, byte| {
                if byte.is_ascii_digit() {
                    Ok(number * 10 + u16::from(byte - b'0'))
                } else {
                    Err(DateError::Form)
                }
            })
        };
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(DateError::Form);
        }
        let small = |number: u16| u8::try_from(number).map_err(|_| DateError::Form);
        Self::new(digits(0, 4)?, small(digits(5, 7)?)?, small(digits(8, 10)?)?)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Display for DateError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Form => "a date is written YYYY-MM-DD",
            Self::NoSuchDay => "the calendar has no such day",
        })
    }
}

impl std::error::Error for DateError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a day of the calendar")
    }

    #[test]
    fn julian_days_agree_with_the_almanac() {
        assert_eq!(day("2000-01-01").julian_day(), 2_451_545);
        assert_eq!(day("1970-01-01").julian_day(), 2_440_588);
        assert_eq!(day("2026-12-31").julian_day(), 2_461_406);
    }

    #[test]
    fn the_day_of_a_unix_time_is_counted_in_utc() {
        assert_eq!(Date::from_unix(0), Ok(day("1970-01-01")));
        assert_eq!(Date::from_unix(1_709_164_799), Ok(day("2024-02-28")));
        assert_eq!(Date::from_unix(1_709_164_800), Ok(day("2024-02-29")));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2024",
            "2024-1-01",
            "24-01-01xx",
            "2024/01/01",
            "2024-01-0x",
            "２０２４",
        ] {
            assert_eq!(text.parse::<Date>(), Err(DateError::Form), "{text}");
        }
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "0000-01-01",
        ] {
            assert_eq!(text.parse::<Date>(), Err(DateError::NoSuchDay), "{text}");
        }
    }
}
