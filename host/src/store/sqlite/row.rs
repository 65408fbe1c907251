//! Rows to values and back. A kept value that does not read is named by table, column and row.

use std::borrow::Cow;
use std::str::FromStr;

use probity_core::canonical::Digest;
use probity_core::instant::Instant;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::write::unwritable;
use crate::store::StoreError;

/// The largest JSON that is read back from a compressed column. Far beyond what admission lets in; it bounds
/// what a damaged file can make the host allocate.
const MAX_JSON: u64 = 256 << 20;

/// Shorter JSON is kept as it is: the frame would eat what compression gains.
const COMPRESS_FROM: usize = 1024;

/// Level 1: storage is faster with it than without; higher levels cost more than they save.
const LEVEL: i32 = 1;

/// A row being read.
pub(super) struct Reading<'r> {
    row: &'r SqliteRow,
    table: &'static str,
    id: String,
}

impl<'r> Reading<'r> {
    /// Reads a row of `table`; `id_column` tells which one in errors.
    pub(super) fn of(row: &'r SqliteRow, table: &'static str, id_column: &'static str) -> Self {
        let id = row
            .try_get::<String, _>(id_column)
            .or_else(|_| row.try_get::<i64, _>(id_column).map(|key| key.to_string()))
            .or_else(|_| row.try_get::<Vec<u8>, _>(id_column).map(hex::encode))
            .unwrap_or_else(|_| "?".to_owned());
        Self { row, table, id }
    }

    pub(super) fn corrupt(&self, column: &'static str, problem: impl ToString) -> StoreError {
        StoreError::Corrupt { table: self.table, column, row: self.id.clone(), problem: problem.to_string() }
    }

    fn get<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        self.row.try_get(column).map_err(|error| self.corrupt(column, error))
    }

    pub(super) fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.get(column)
    }

    pub(super) fn optional_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.get(column)
    }

    pub(super) fn integer(&self, column: &'static str) -> Result<i64, StoreError> {
        self.get(column)
    }

    pub(super) fn count<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, StoreError> {
        let value = self.integer(column)?;
        T::try_from(value).map_err(|_| self.corrupt(column, format!("{value} is out of range")))
    }

    pub(super) fn truth(&self, column: &'static str) -> Result<bool, StoreError> {
        Ok(self.integer(column)? != 0)
    }

    pub(super) fn instant(&self, column: &'static str) -> Result<Instant, StoreError> {
        let micros = self.integer(column)?;
        Instant::from_micros(micros)
            .ok_or_else(|| self.corrupt(column, format!("{micros} is not in the calendar")))
    }

    pub(super) fn optional_instant(&self, column: &'static str) -> Result<Option<Instant>, StoreError> {
        match self.get::<Option<i64>>(column)? {
            None => Ok(None),
            Some(_) => self.instant(column).map(Some),
        }
    }

    pub(super) fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        self.get(column)
    }

    pub(super) fn digest(&self, column: &'static str) -> Result<Digest, StoreError> {
        let bytes: [u8; 32] = self
            .bytes(column)?
            .try_into()
            .map_err(|bytes: Vec<u8>| self.corrupt(column, format!("{} bytes are no digest", bytes.len())))?;
        Ok(Digest::from_bytes(bytes))
    }

    pub(super) fn optional_digest(&self, column: &'static str) -> Result<Option<Digest>, StoreError> {
        match self.get::<Option<Vec<u8>>>(column)? {
            None => Ok(None),
            Some(_) => self.digest(column).map(Some),
        }
    }

    /// An id or a name, checked like one that comes from outside.
    pub(super) fn name<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        self.text(column)?.parse().map_err(|error| self.corrupt(column, error))
    }

    /// A case of a closed set, by its word.
    pub(super) fn word<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_value(serde_json::Value::String(self.text(column)?))
            .map_err(|error| self.corrupt(column, error))
    }

    pub(super) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|error| self.corrupt(column, error))
    }

    /// JSON that may be compressed.
    pub(super) fn packed<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        let bytes = unpack(self.bytes(column)?).map_err(|error| self.corrupt(column, error))?;
        serde_json::from_slice(&bytes).map_err(|error| self.corrupt(column, error))
    }
}

/// An instant out of a lone number.
pub(super) fn instant(table: &'static str, column: &'static str, micros: i64) -> Result<Instant, StoreError> {
    Instant::from_micros(micros).ok_or_else(|| StoreError::Corrupt {
        table,
        column,
        row: String::from("-"),
        problem: format!("{micros} is not in the calendar"),
    })
}

/// The word of a case of a closed set.
pub(super) fn word(value: &impl Serialize) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        Ok(other) => Err(unwritable("write a word", format!("{other} is not a word"))),
        Err(error) => Err(unwritable("write a word", error)),
    }
}

/// A value as JSON text.
pub(super) fn json(value: &(impl Serialize + ?Sized)) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| unwritable("write a value as JSON", error))
}

/// Packs many values with one set of buffers.
pub(super) struct Packer(zstd::bulk::Compressor<'static>);

impl Packer {
    pub(super) fn new() -> Result<Self, StoreError> {
        let compressor =
            zstd::bulk::Compressor::new(LEVEL).map_err(|error| unwritable("compress a value", error))?;
        Ok(Self(compressor))
    }

    /// A value as JSON, compressed where that is shorter.
    pub(super) fn pack(&mut self, value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
        let text = json(value)?.into_bytes();
        if text.len() < COMPRESS_FROM {
            return Ok(text);
        }
        let packed = self.0.compress(&text).map_err(|error| unwritable("compress a value", error))?;
        Ok(if packed.len() < text.len() { packed } else { text })
    }
}

/// JSON begins with a brace, bracket, quote, digit or letter; a zstd frame with 0x28 (RFC 8878, section 3.1.1).
fn unpack(bytes: Vec<u8>) -> Result<Vec<u8>, Cow<'static, str>> {
    use std::io::Read as _;
    if !bytes.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    zstd::Decoder::with_buffer(bytes.as_slice())
        .and_then(|decoder| decoder.take(MAX_JSON + 1).read_to_end(&mut unpacked))
        .map_err(|error| Cow::Owned(format!("it does not decompress: {error}")))?;
    if unpacked.len() as u64 > MAX_JSON {
        return Err(Cow::Borrowed("it decompresses to more than any kept value has"));
    }
    Ok(unpacked)
}
