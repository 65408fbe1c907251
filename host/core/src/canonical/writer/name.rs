//! Names of members: JSON has only texts for them, so numbers are written as texts, as `serde_json` does, and anything else is refused.

use std::fmt::Display;

use serde::ser::{Impossible, Serialize, Serializer};

use super::{NotCanonical, Writer};

/// A member's name: a text, or what is written as one.
pub(super) struct Name<'a>(pub(super) &'a mut Writer);

impl Name<'_> {
    fn quoted(self, number: impl Display) -> Result<(), NotCanonical> {
        self.0.collect_str(&number)
    }

    fn none<T>(self) -> Result<T, NotCanonical> {
        Err(NotCanonical::Json("the name of a member must be a text".to_owned()))
    }
}

impl Serializer for Name<'_> {
    type Ok = ();
    type Error = NotCanonical;
    type SerializeSeq = Impossible<(), NotCanonical>;
    type SerializeTuple = Impossible<(), NotCanonical>;
    type SerializeTupleStruct = Impossible<(), NotCanonical>;
    type SerializeTupleVariant = Impossible<(), NotCanonical>;
    type SerializeMap = Impossible<(), NotCanonical>;
    type SerializeStruct = Impossible<(), NotCanonical>;
    type SerializeStructVariant = Impossible<(), NotCanonical>;

    fn serialize_str(self, value: &str) -> Result<(), NotCanonical> {
        self.0.text(value)
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), NotCanonical> {
        self.0.collect_str(value)
    }

    fn serialize_char(self, value: char) -> Result<(), NotCanonical> {
        self.0.serialize_char(value)
    }

    fn serialize_bool(self, value: bool) -> Result<(), NotCanonical> {
        self.quoted(value)
    }

    fn serialize_i8(self, value: i8) -> Result<(), NotCanonical> {
        self.quoted(value)
    }

    fn serialize_i16(self, value: i16) -> Result<(), NotCanonical> {
        self.quoted(value)
    }

    fn serialize_i32(self, value: i32) -> Result<(), NotCanonical> {
        self.quoted(value)
    }

    fn serialize_i64(self, value: i64) -> Result<(), NotCanonical> {
        self.quoted(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), NotCanonical> {
        self.quoted(value)
    }

    fn serialize_u16(self, value: u16) -> Result<(), NotCanonical> {
        self.quoted(value)
    }

    fn serialize_u32(self, value: u32) -> Result<(), NotCanonical> {
        self.quoted(value)
    }

    fn serialize_u64(self, value: u64) -> Result<(), NotCanonical> {
        self.quoted(value)
    }

    fn serialize_f32(self, _value: f32) -> Result<(), NotCanonical> {
        self.none()
    }

    fn serialize_f64(self, _value: f64) -> Result<(), NotCanonical> {
        self.none()
    }

    fn serialize_bytes(self, _value: &[u8]) -> Result<(), NotCanonical> {
        self.none()
    }

    fn serialize_none(self) -> Result<(), NotCanonical> {
        self.none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NotCanonical> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), NotCanonical> {
        self.none()
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), NotCanonical> {
        self.none()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _at: u32,
        variant: &'static str,
    ) -> Result<(), NotCanonical> {
        self.0.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), NotCanonical> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _at: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<(), NotCanonical> {
        self.none()
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Self::SerializeSeq, NotCanonical> {
        self.none()
    }

    fn serialize_tuple(self, _length: usize) -> Result<Self::SerializeTuple, NotCanonical> {
        self.none()
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleStruct, NotCanonical> {
        self.none()
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _at: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleVariant, NotCanonical> {
        self.none()
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Self::SerializeMap, NotCanonical> {
        self.none()
    }

    fn serialize_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeStruct, NotCanonical> {
        self.none()
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _at: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeStructVariant, NotCanonical> {
        self.none()
    }
}
