//! Whether evidence still counts at an instant.
