//! UUIDs made of names, never of chance: the same package gives the same document.
//!
//! OSCAL asks for UUIDs of version 4 or 5. These have the form of version 5 and are cut from a SHA-256 instead of a SHA-1, over
//! the packet's id, what sort of thing is named, and its name within the packet.

use crate::canonical::Digest;
use crate::id::PacketId;

/// The names of one packet.
pub struct Names<'a>(pub &'a PacketId);

impl Names<'_> {
    /// The UUID of a thing of a sort with a name; the sort never holds a line feed.
    pub fn uuid(&self, sort: &str, name: impl std::fmt::Display) -> String {
        let named = format!("probity/oscal/1\n{}\n{sort}\n{name}", self.0);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&Digest::of(named.as_bytes()).as_bytes()[..16]);
        bytes[6] = bytes[6] & 0x0f | 0x50;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn a_uuid_is_of_version_five_and_of_its_name() {
        let packet = "0197a3c0-0000-7000-8000-000000000001".parse().unwrap();
        let names = Names(&packet);
        let one = names.uuid("risk", "objection-1");
        assert_eq!(one, names.uuid("risk", "objection-1"));
        assert_eq!((one.as_bytes()[14], one.len()), (b'5', 36));
        assert!(matches!(one.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        for other in [names.uuid("risk", "objection-2"), names.uuid("party", "objection-1")] {
            assert_ne!(one, other);
        }
    }
}
