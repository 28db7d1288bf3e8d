//! Whether bytes are JSON (RFC 8259), without taking them apart.
//!
//! Payloads have megabytes, most of them in strings, and WebAssembly is slow at what native
//! parsers do with vectors. Here a string is read sixteen bytes at a time, and what is ASCII
//! need not be checked for UTF-8.

/// Where bytes stop being JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// They are not UTF-8 from this byte on.
    NotUtf8 {
        /// Bytes before it.
        at: usize,
    },
    /// They end within a value, or before one.
    EndsEarly {
        /// Counted from 1.
        line: usize,
        /// Bytes in the last line.
        column: usize,
    },
    /// There is a byte that cannot stand there.
    Unexpected {
        /// Counted from 1.
        line: usize,
        /// The byte in its line, counted from 1.
        column: usize,
    },
}

/// Checks that `bytes` are one JSON value in UTF-8, at any depth of nesting, with nothing
/// but white space around it.
///
/// # Errors
///
/// The first [`Fault`]; one of UTF-8 comes before any other.
pub fn check(bytes: &[u8]) -> Result<(), Fault> {
    let mut check = Check {
        rest: bytes,
        open: Brackets::default(),
        ascii: true,
    };
    let sound = check.text().is_some();
    if !(sound && check.ascii) {
        std::str::from_utf8(bytes).map_err(|e| Fault::NotUtf8 {
            at: e.valid_up_to(),
        })?;
    }
    if sound {
        return Ok(());
    }
    let at = bytes.len().saturating_sub(check.rest.len());
    let before = bytes.get(..at).unwrap_or_default();
    let line = before.split(|byte| *byte == b'\n').count();
    let column = before
        .rsplit(|byte| *byte == b'\n')
        .next()
        .map_or(0, <[u8]>::len);
    Err(if check.rest.is_empty() {
        Fault::EndsEarly { line, column }
    } else {
        Fault::Unexpected {
            line,
            column: column.saturating_add(1),
        }
    })
}

/// What `None` of a method means: the fault is where `rest` begins.
struct Check<'a> {
    rest: &'a [u8],
    open: Brackets,
    /// Whether all strings so far are.
    ascii: bool,
}

impl Check<'_> {
    fn text(&mut self) -> Option<()> {
        loop {
            self.skip_space();
            if self.begin_value()? {
                continue;
            }
            // After a value come the ends of what it is in, or a comma and the next one.
            loop {
                self.skip_space();
                let Some(of_object) = self.open.last() else {
                    return self.rest.is_empty().then_some(());
                };
                if self.eat(b',') {
                    if of_object {
                        self.key()?;
                    }
                    break;
                }
                self.expect(if of_object { b'}' } else { b']' })?;
                self.open.pop();
            }
        }
    }

    /// Reads a value, or up to the first value in it. Returns whether one is to follow.
    fn begin_value(&mut self) -> Option<bool> {
        match self.rest.first()? {
            b'"' => self.string()?,
            b'{' => {
                self.skip(1);
                self.skip_space();
                if !self.eat(b'}') {
                    self.open.push(true);
                    self.key()?;
                    return Some(true);
                }
            }
            b'[' => {
                self.skip(1);
                self.skip_space();
                if !self.eat(b']') {
                    self.open.push(false);
                    return Some(true);
                }
            }
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => self.number()?,
        }
        Some(false)
    }

    /// A member's name, and the colon after it.
    fn key(&mut self) -> Option<()> {
        self.skip_space();
        self.string()?;
        self.skip_space();
        self.expect(b':')
    }

    fn string(&mut self) -> Option<()> {
        self.expect(b'"')?;
        loop {
            self.skip_plain();
            match self.rest.first()? {
                b'"' => {
                    self.skip(1);
                    return Some(());
                }
                b'\\' => {
                    self.skip(1);
                    self.escape()?;
                }
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        match self.rest.first()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.skip(1),
            b'u' => {
                self.skip(1);
                for _ in 0..4 {
                    self.rest.first().filter(|byte| byte.is_ascii_hexdigit())?;
                    self.skip(1);
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// What stands for itself in a string.
    fn skip_plain(&mut self) {
        let mut seen = 0;
        let (words, _) = self.rest.as_chunks::<8>();
        // Two words at a time: with one, half of the work is that of the loop.
        let (pairs, _) = words.as_chunks::<2>();
        let mut skipped = 0_usize;
        for [low, high] in pairs {
            let (low, high) = (u64::from_le_bytes(*low), u64::from_le_bytes(*high));
            if (specials(low) | specials(high)) & HIGH_BITS != 0 {
                break;
            }
            seen |= low | high;
            skipped = skipped.wrapping_add(16);
        }
        self.skip(skipped);
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
        let end = self.rest.iter().position(special);
        let (plain, rest) = self
            .rest
            .split_at_checked(end.unwrap_or(self.rest.len()))
            .unwrap_or_default();
        self.rest = rest;
        self.ascii &= seen & HIGH_BITS == 0 && plain.is_ascii();
    }

    /// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
    fn number(&mut self) -> Option<()> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'-') {
                self.eat(b'+');
            }
            self.digits()?;
        }
        Some(())
    }

    /// At least one.
    fn digits(&mut self) -> Option<()> {
        self.rest.first().filter(|byte| byte.is_ascii_digit())?;
        while self.rest.first().is_some_and(u8::is_ascii_digit) {
            self.skip(1);
        }
        Some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        word.iter().try_for_each(|byte| self.expect(*byte))
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.rest.first() {
            self.skip(1);
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.eat(byte).then_some(())
    }

    fn eat(&mut self, byte: u8) -> bool {
        let stands = self.rest.first() == Some(&byte);
        if stands {
            self.skip(1);
        }
        stands
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

/// The brackets that are open, each a bit: set for an object's. Most texts are done with
/// before there is something to allocate.
#[derive(Default)]
struct Brackets {
    /// The last ones, the innermost lowest.
    bits: u64,
    /// How many `bits` hold.
    count: u32,
    /// Those before, in full words.
    outer: Vec<u64>,
}

impl Brackets {
    fn push(&mut self, of_object: bool) {
        if self.count == u64::BITS {
            self.outer.push(self.bits);
            self.count = 0;
        }
        self.bits = (self.bits << 1) | u64::from(of_object);
        self.count = self.count.saturating_add(1);
    }

    /// Whether the innermost is an object's.
    fn last(&self) -> Option<bool> {
        (self.count > 0).then_some(self.bits & 1 == 1)
    }

    fn pop(&mut self) {
        self.bits >>= 1;
        self.count = self.count.saturating_sub(1);
        if self.count == 0
            && let Some(outer) = self.outer.pop()
        {
            self.bits = outer;
            self.count = u64::BITS;
        }
    }
}

const EACH_BYTE: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = EACH_BYTE << 7;

/// [`HIGH_BITS`] of it are set if one of eight bytes is a quotation mark, a backslash or a
/// control character.
// Where size counts more than speed, the compiler would call it for every word.
#[inline(always)]
fn specials(word: u64) -> u64 {
    // The high bit of a byte is set by the subtraction if the byte was below what was taken
    // off. Those of the bytes above may be, too, by the borrow, but only then.
    let below = |word: u64, least: u64| word.wrapping_sub(EACH_BYTE.wrapping_mul(least)) & !word;
    // With this bit changed, a quotation mark comes to stand right above the control
    // characters, in the place of the space.
    let quotes_and_controls = below(word ^ EACH_BYTE.wrapping_mul(0x02), 0x21);
    let backslashes = below(word ^ EACH_BYTE.wrapping_mul(0x5c), 1);
    quotes_and_controls | backslashes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_close_in_the_order_they_were_opened_at_any_depth() {
        for depth in [1, 63, 64, 65, 128, 129, 1_000] {
            let (mut open, mut close) = (String::new(), String::new());
            for level in 0..depth {
                // A pattern that no shift by a word maps to itself.
                let object = level % 3 == 0 || level % 7 == 0;
                open.push_str(if object { r#"{"a":"# } else { "[" });
                close.insert(0, if object { '}' } else { ']' });
            }
            let whole = format!("{open}1{close}");
            assert_eq!(check(whole.as_bytes()), Ok(()), "{depth}");
            for (at, bracket) in close.char_indices() {
                let mut wrong = close.clone();
                let other = if bracket == '}' { "]" } else { "}" };
                wrong.replace_range(at..=at, other);
                let fault = Fault::Unexpected {
                    line: 1,
                    column: open.len() + 1 + at + 1,
                };
                let wrong = format!("{open}1{wrong}");
                assert_eq!(check(wrong.as_bytes()), Err(fault), "{depth}");
            }
        }
    }

    #[test]
    fn eight_bytes_have_a_special_one_if_any_of_them_is() {
        for place in 0..8 {
            for byte in 0..=u8::MAX {
                for others in [0x20, 0x21, b'#', b'[', b']', b'x', 0x7f, 0x80, 0xff] {
                    let mut bytes = [others; 8];
                    bytes[place] = byte;
                    let special = matches!(byte, b'"' | b'\\' | 0..=0x1f);
                    assert_eq!(
                        specials(u64::from_le_bytes(bytes)) & HIGH_BITS != 0,
                        special,
                        "{byte:#x} at {place} among {others:#x}"
                    );
                }
            }
        }
    }
}
