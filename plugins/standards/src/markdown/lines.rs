//! From places in a text to lines, as citations count them: from 1, `\n` ends a line.

use std::ops::Range;

/// Where the lines of a text begin.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect())
    }

    /// The first and last line of a range that is not empty.
    pub(super) fn around(&self, range: &Range<usize>) -> (u32, u32) {
        (self.line(range.start), self.line(range.end.saturating_sub(1).max(range.start)))
    }

    fn line(&self, at: usize) -> u32 {
        u32::try_from(self.0.partition_point(|start| *start <= at)).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn lines_count_from_one() {
        let lines = Lines::of("ab\ncd\r\n\nef");
        assert_eq!(lines.around(&(0..2)), (1, 1));
        assert_eq!(lines.around(&(1..4)), (1, 2));
        assert_eq!(lines.around(&(8..10)), (4, 4));
    }
}
