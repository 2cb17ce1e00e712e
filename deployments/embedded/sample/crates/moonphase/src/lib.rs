//! The phase of the moon on a day.
//!
//! The age of the moon is counted from a known new moon in steps of the mean synodic month. The true
//! lunation wanders around the mean by up to about fourteen hours, so a phase named here can be a day
//! early or late; that is good enough for an almanac page and says so.
//!
//! ```
//! use moonphase::{Date, Moon, Phase};
//!
//! let day: Date = "2024-04-08".parse()?;
//! assert_eq!(Moon::on(day).phase(), Phase::New);
//! # Ok::<(), moonphase::DateError>(())
//! ```

mod date;
mod phase;

pub use date::{Date, DateError};
pub use phase::{Moon, Phase, SYNODIC_MONTH};
