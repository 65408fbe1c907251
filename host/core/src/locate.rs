//! Places inside captures.
