//! placeholder
use super::{Report, VERSION, Verdict};
use crate::board::Board;
use crate::book::Book;
use crate::instant::Instant;
use crate::packet::Packet;
use crate::subject::SubjectMap;
/// Readiness
pub fn readiness(packet: &Packet, _book: &Book, board: &Board, subjects: &SubjectMap, at: Instant) -> Report {
    Report {
        v: VERSION,
        packet: packet.id.clone(),
        head: packet.head,
        instant: at,
        policy: board.digest,
        subjects: subjects.digest,
        text: board.digest,
        approval: board.digest,
        approval_since: 0,
        verdict: Verdict::of(packet, &[]),
        may_be_signed: false,
        lines: vec![],
        claims: vec![],
        drafts: vec![],
        good_until: None,
    }
}
