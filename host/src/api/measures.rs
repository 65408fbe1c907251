//! How well the loop works.

pub(super) mod evaluation;
