//! What goes to an intake connector and comes back from it.

use probity_core::evidence::Disposition;
use probity_core::intake::{Attachment, Receipt, Submission};

use super::schema;
use crate::sandbox::bindings::exports::probity::connector::intake as wit;
use crate::sandbox::bindings::probity::connector::schema as wit_schema;

impl From<&Submission> for wit::Submission {
    fn from(Submission { id, title, text, digest, attachments }: &Submission) -> Self {
        Self {
            id: id.clone(),
            title: title.clone(),
            text: text.clone(),
            digest: digest.hex(),
            attachments: attachments.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Attachment> for wit::Attachment {
    fn from(Attachment { name, media_type, bytes }: &Attachment) -> Self {
        Self { name: name.clone(), media_type: media_type.clone(), bytes: bytes.clone() }
    }
}

/// A receipt, or what in it is no value of core's.
pub(in crate::sandbox) fn receipt(
    wit::Receipt { reference, url, received_at, existed }: wit::Receipt,
) -> Result<Receipt, String> {
    let received_at = schema::instant("received-at", received_at).map_err(|fault| fault.to_string())?;
    Ok(Receipt { reference, url, received_at, existed })
}

/// A disposition, or what in it is no value of core's.
pub(in crate::sandbox) fn disposition(disposition: wit_schema::Disposition) -> Result<Disposition, String> {
    schema::disposition(disposition).map_err(|fault| fault.to_string())
}
