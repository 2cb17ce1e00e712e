//! Says where.
/// Say it.
pub fn say(_what: &str) {}
