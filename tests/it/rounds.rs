//! What the host does on its own, held by a fixed clock.

mod looking;
