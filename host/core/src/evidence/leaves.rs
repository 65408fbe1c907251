//! Visiting every text and number of a record.
//!
//! The rules about text and numbers are written once (in [`crate::page`]) and reach every field because the
//! structs of the schema are made by the macros here: a field cannot be added without being visited.

use crate::evidence::{Citation, Date};
use crate::instant::Instant;

/// A value of the schema whose leaves can be visited.
pub trait Leaves {
    /// Calls `visit` for each list, text and number below this value, in the order of the fields.
    fn leaves(&mut self, visit: &mut dyn FnMut(Leaf<'_>));
}

/// A leaf that a rule may have to look at. Instants, dates, flags and enums are right by construction.
pub enum Leaf<'a> {
    Text(&'a mut String),
    /// A 64-bit integer; it travels as a string.
    Integer(u64),
    Number(f64),
    /// A list of so many elements, before the elements themselves.
    List(usize),
}

impl Leaves for String {
    fn leaves(&mut self, visit: &mut dyn FnMut(Leaf<'_>)) {
        visit(Leaf::Text(self));
    }
}

impl Leaves for u64 {
    fn leaves(&mut self, visit: &mut dyn FnMut(Leaf<'_>)) {
        visit(Leaf::Integer(*self));
    }
}

impl Leaves for f64 {
    fn leaves(&mut self, visit: &mut dyn FnMut(Leaf<'_>)) {
        visit(Leaf::Number(*self));
    }
}

impl<T: Leaves> Leaves for Option<T> {
    fn leaves(&mut self, visit: &mut dyn FnMut(Leaf<'_>)) {
        if let Some(value) = self {
            value.leaves(visit);
        }
    }
}

impl<T: Leaves> Leaves for Vec<T> {
    fn leaves(&mut self, visit: &mut dyn FnMut(Leaf<'_>)) {
        visit(Leaf::List(self.len()));
        self.iter_mut().for_each(|value| value.leaves(visit));
    }
}

impl<A: Leaves, B: Leaves> Leaves for (A, B) {
    fn leaves(&mut self, visit: &mut dyn FnMut(Leaf<'_>)) {
        self.0.leaves(visit);
        self.1.leaves(visit);
    }
}

macro_rules! no_leaves {
    ($($type:ty),*) => {$(
        impl Leaves for $type {
            fn leaves(&mut self, _: &mut dyn FnMut(Leaf<'_>)) {}
        }
    )*};
}

no_leaves!(bool, u32, Instant, Date, Citation);

/// A struct of the schema: serialized with kebab-case keys, none omitted, all its leaves visited.
macro_rules! record {
    ($(#[$doc:meta])* pub struct $name:ident { $($(#[$field_doc:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }

        impl Leaves for $name {
            fn leaves(&mut self, visit: &mut dyn FnMut(Leaf<'_>)) {
                $(self.$field.leaves(visit);)*
            }
        }
    };
}

/// A closed list of the schema, written in kebab-case.
macro_rules! closed {
    ($(#[$doc:meta])* pub enum $name:ident { $($case:ident),* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($case),* }

        impl $name {
            /// Every case, in the order of the schema.
            pub const ALL: &'static [Self] = &[$(Self::$case),*];
        }

        no_leaves!($name);
    };
}

pub(crate) use {closed, no_leaves, record};
