//! Writing canonical JSON (RFC 8785) in one pass over a value.
//!
//! Every entry of a ledger is written anew to see that its bytes are its canonical ones, a hundred thousand times a second, so
//! values go straight from their fields into one buffer: no tree in between, no allocation for a member. What is written is an
//! object's members in the order of their UTF-16 names, strings with the fewest escapes, and numbers as ECMAScript prints them;
//! a number that would not keep its identity is refused on the way.
//!
//! Numbers that are no integers are printed by `ryu-js`, strings that need escapes by `serde_json`, whose escapes are those of
//! RFC 8785. A test holds the whole to `serde_jcs`.

mod name;

use std::fmt::Display;
use std::io::Write as _;
use std::ops::Range;

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::{MAX_SAFE_INTEGER, NotCanonical, is_safe_number};
use name::Name;

/// Writes a value's canonical JSON behind what is in `out`.
pub(super) fn write<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    let mut writer = Writer { out: std::mem::take(out), members: Vec::new(), sorted: Vec::new() };
    let written = value.serialize(&mut writer);
    *out = writer.out;
    written
}

struct Writer {
    out: Vec<u8>,
    /// Members of the objects that are open, the innermost's last.
    members: Vec<Member>,
    /// Where an object's members are put in order.
    sorted: Vec<u8>,
}

/// A member of an object, by where it stands in `out`.
#[derive(Clone, Copy)]
struct Member {
    start: usize,
    /// Where its name ends: the place of the colon.
    colon: usize,
    end: usize,
}

impl Member {
    /// The name, without its quotation marks.
    const fn name(self) -> Range<usize> {
        self.start + 1..self.colon - 1
    }
}

impl Writer {
    fn text(&mut self, text: &str) -> Result<(), NotCanonical> {
        if text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            return serde_json::to_writer(&mut self.out, text).map_err(NotCanonical::custom);
        }
        self.out.push(b'"');
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'"');
        Ok(())
    }

    fn unsigned(&mut self, number: u64) -> Result<(), NotCanonical> {
        if number > MAX_SAFE_INTEGER {
            return Err(NotCanonical::Number(number.to_string()));
        }
        self.digits(number);
        Ok(())
    }

    fn digits(&mut self, mut number: u64) {
        let mut digits = [0_u8; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.out.extend_from_slice(&digits[at..]);
    }

    /// Puts the members since `first` in order. They begin right behind the object's brace at the first one's start.
    fn sort(&mut self, first: usize) -> Result<(), NotCanonical> {
        let out = &self.out;
        let members = &mut self.members[first..];
        let plain = |member: &Member| out[member.name()].iter().all(|byte| byte.is_ascii() && *byte != b'\\');
        let start = members.first().map_or(0, |member| member.start);
        if members.iter().all(plain) {
            // Plain ASCII has the same order in UTF-8 and in UTF-16.
            if members.is_sorted_by(|one, other| out[one.name()] < out[other.name()]) {
                return Ok(());
            }
            members.sort_by(|one, other| out[one.name()].cmp(&out[other.name()]));
        } else {
            sort_by_utf16(members, out)?;
        }
        if let Some(twice) = members.windows(2).find(|pair| out[pair[0].name()] == out[pair[1].name()]) {
            let name = String::from_utf8_lossy(&out[twice[0].name()]);
            return Err(NotCanonical::Json(format!("two members of an object are called `{name}`")));
        }
        self.sorted.clear();
        for (at, member) in members.iter().enumerate() {
            if at > 0 {
                self.sorted.push(b',');
            }
            self.sorted.extend_from_slice(&out[member.start..member.end]);
        }
        self.out.truncate(start);
        self.out.extend_from_slice(&self.sorted);
        Ok(())
    }
}

/// The same for names with escapes or beyond ASCII.
fn sort_by_utf16(members: &mut [Member], out: &[u8]) -> Result<(), NotCanonical> {
    let name = |member: &Member| -> Result<Vec<u16>, NotCanonical> {
        let name: String =
            serde_json::from_slice(&out[member.start..member.colon]).map_err(NotCanonical::custom)?;
        Ok(name.encode_utf16().collect())
    };
    let named = members.iter().map(|member| Ok((name(member)?, *member)));
    let mut named = named.collect::<Result<Vec<_>, NotCanonical>>()?;
    named.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (place, (_, member)) in members.iter_mut().zip(named) {
        *place = member;
    }
    Ok(())
}

impl serde::ser::Error for NotCanonical {
    fn custom<T: Display>(message: T) -> Self {
        Self::Json(message.to_string())
    }
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = NotCanonical;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Object<'a>;

    fn serialize_bool(self, value: bool) -> Result<(), NotCanonical> {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), NotCanonical> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), NotCanonical> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), NotCanonical> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), NotCanonical> {
        if value.unsigned_abs() > MAX_SAFE_INTEGER {
            return Err(NotCanonical::Number(value.to_string()));
        }
        if value < 0 {
            self.out.push(b'-');
        }
        self.digits(value.unsigned_abs());
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), NotCanonical> {
        self.unsigned(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), NotCanonical> {
        self.unsigned(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), NotCanonical> {
        self.unsigned(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), NotCanonical> {
        self.unsigned(value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), NotCanonical> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), NotCanonical> {
        if !is_safe_number(value) {
            return Err(NotCanonical::Number(value.to_string()));
        }
        self.out.extend_from_slice(ryu_js::Buffer::new().format_finite(value).as_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), NotCanonical> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), NotCanonical> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), NotCanonical> {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result<(), NotCanonical> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NotCanonical> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), NotCanonical> {
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), NotCanonical> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _at: u32,
        variant: &'static str,
    ) -> Result<(), NotCanonical> {
        self.text(variant)
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
        variant: &'static str,
        value: &T,
    ) -> Result<(), NotCanonical> {
        self.out.push(b'{');
        self.text(variant)?;
        self.out.push(b':');
        value.serialize(&mut *self)?;
        self.out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<List<'a>, NotCanonical> {
        Ok(List::begin(self, false))
    }

    fn serialize_tuple(self, _length: usize) -> Result<List<'a>, NotCanonical> {
        Ok(List::begin(self, false))
    }

    fn serialize_tuple_struct(self, _name: &'static str, _length: usize) -> Result<List<'a>, NotCanonical> {
        Ok(List::begin(self, false))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _at: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<List<'a>, NotCanonical> {
        self.out.push(b'{');
        self.text(variant)?;
        self.out.push(b':');
        Ok(List::begin(self, true))
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Object<'a>, NotCanonical> {
        Ok(Object::begin(self, false))
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Object<'a>, NotCanonical> {
        Ok(Object::begin(self, false))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _at: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Object<'a>, NotCanonical> {
        self.out.push(b'{');
        self.text(variant)?;
        self.out.push(b':');
        Ok(Object::begin(self, true))
    }

    /// Digests, instants and ids: their text goes straight into the buffer.
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), NotCanonical> {
        self.out.push(b'"');
        let start = self.out.len();
        write!(self.out, "{value}").map_err(NotCanonical::custom)?;
        if self.out[start..].iter().any(|byte| *byte < 0x20 || *byte == b'"' || *byte == b'\\') {
            let text = String::from_utf8_lossy(&self.out[start..]).into_owned();
            self.out.truncate(start - 1);
            return self.text(&text);
        }
        self.out.push(b'"');
        Ok(())
    }
}

/// An array that is being written.
struct List<'a> {
    writer: &'a mut Writer,
    is_first: bool,
    /// It is the value of an object with one member, the variant's name.
    is_variant: bool,
}

impl<'a> List<'a> {
    fn begin(writer: &'a mut Writer, is_variant: bool) -> Self {
        writer.out.push(b'[');
        Self { writer, is_first: true, is_variant }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotCanonical> {
        if !std::mem::replace(&mut self.is_first, false) {
            self.writer.out.push(b',');
        }
        value.serialize(&mut *self.writer)
    }

    fn close(self) -> Result<(), NotCanonical> {
        self.writer.out.extend_from_slice(if self.is_variant { b"]}" } else { b"]" });
        Ok(())
    }
}

macro_rules! list {
    ($($trait:ident $method:ident,)*) => {$(
        impl $trait for List<'_> {
            type Ok = ();
            type Error = NotCanonical;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotCanonical> {
                self.element(value)
            }

            fn end(self) -> Result<(), NotCanonical> {
                self.close()
            }
        }
    )*};
}

list! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
}

/// An object that is being written.
struct Object<'a> {
    writer: &'a mut Writer,
    /// The first of its members in [`Writer::members`].
    first: usize,
    is_variant: bool,
}

impl<'a> Object<'a> {
    fn begin(writer: &'a mut Writer, is_variant: bool) -> Self {
        writer.out.push(b'{');
        let first = writer.members.len();
        Self { writer, first, is_variant }
    }

    fn name<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), NotCanonical> {
        if self.writer.members.len() > self.first {
            self.writer.out.push(b',');
        }
        let start = self.writer.out.len();
        name.serialize(Name(&mut *self.writer))?;
        let colon = self.writer.out.len();
        self.writer.out.push(b':');
        self.writer.members.push(Member { start, colon, end: colon });
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotCanonical> {
        value.serialize(&mut *self.writer)?;
        let end = self.writer.out.len();
        if let Some(member) = self.writer.members.last_mut() {
            member.end = end;
        }
        Ok(())
    }

    fn close(self) -> Result<(), NotCanonical> {
        self.writer.sort(self.first)?;
        self.writer.members.truncate(self.first);
        self.writer.out.extend_from_slice(if self.is_variant { b"}}" } else { b"}" });
        Ok(())
    }
}

impl SerializeMap for Object<'_> {
    type Ok = ();
    type Error = NotCanonical;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NotCanonical> {
        self.name(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotCanonical> {
        self.value(value)
    }

    fn end(self) -> Result<(), NotCanonical> {
        self.close()
    }
}

macro_rules! object {
    ($($trait:ident,)*) => {$(
        impl $trait for Object<'_> {
            type Ok = ();
            type Error = NotCanonical;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), NotCanonical> {
                self.name(name)?;
                self.value(value)
            }

            fn end(self) -> Result<(), NotCanonical> {
                self.close()
            }
        }
    )*};
}

object! { SerializeStruct, SerializeStructVariant, }
