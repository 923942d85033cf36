//! Tokens for the next page: opaque to callers, a position to us, and bound to the list they came from.

use std::fmt::Write as _;

/// Makes the token that continues `list` after the item with this sequence number.
pub fn make(list: &str, after: u64) -> String {
    format!("{list}\n{after}").bytes().fold(String::new(), |mut token, byte| {
        // Writing to a string cannot fail.
        let _ = write!(token, "{byte:02x}");
        token
    })
}

/// The position a token stands for; nothing when it is not a token of this list.
pub fn read(list: &str, token: &str) -> Option<u64> {
    let digits = token.as_bytes();
    if !digits.len().is_multiple_of(2) || !token.is_ascii() {
        return None;
    }
    let bytes = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect::<Option<Vec<u8>>>()?;
    let text = String::from_utf8(bytes).ok()?;
    let (named, after) = text.rsplit_once('\n')?;
    (named == list).then(|| after.parse().ok())?
}

/// One page of items that are sorted by their sequence number, and the position after it if there is more.
pub fn page<T>(items: impl Iterator<Item = (u64, T)>, after: Option<u64>, size: usize) -> (Vec<T>, Option<u64>) {
    let mut rest = items.filter(|(sequence, _)| after.is_none_or(|after| *sequence > after)).peekable();
    let mut last = None;
    let mut page = Vec::new();
    while page.len() < size {
        let Some((sequence, item)) = rest.next() else { break };
        last = Some(sequence);
        page.push(item);
    }
    (page, last.filter(|_| rest.peek().is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_only_for_the_list_it_was_made_for() {
        let token = make("groups", 42);
        assert_eq!(read("groups", &token), Some(42));
        assert_eq!(read("profiles", &token), None);
    }

    #[test]
    fn anything_else_is_no_token() {
        for token in ["", "x", "zz", "00", "é", "6772", "+1+1"] {
            assert_eq!(read("groups", token), None, "{token:?}");
        }
    }

    #[test]
    fn pages_cover_every_item_once_and_the_last_has_no_token() {
        let items = || (1..=5).map(|n| (n, n));
        assert_eq!(page(items(), None, 2), (vec![1, 2], Some(2)));
        assert_eq!(page(items(), Some(2), 2), (vec![3, 4], Some(4)));
        assert_eq!(page(items(), Some(4), 2), (vec![5], None));
        assert_eq!(page(items(), None, 5), (vec![1, 2, 3, 4, 5], None));
    }
}
