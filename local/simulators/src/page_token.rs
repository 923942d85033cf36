//! Tokens for the next page: opaque to callers, a position to us, and bound to the list they came from.

use sha2::{Digest, Sha256};

/// Makes the token that continues `list` after the item with this sequence number.
pub fn make(list: &str, after: u64) -> String {
    let digest = Sha256::digest(format!("{list}\n{after}"));
    let number = digest.iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte));
    format!("{after}.{number:032x}")
}

/// The position a token stands for; nothing when it is not a token of this list.
pub fn read(list: &str, token: &str) -> Option<u64> {
    let after = token.split_once('.')?.0.parse().ok()?;
    (token == make(list, after)).then_some(after)
}

/// One page of items that are sorted by their sequence number, and the position after it if there is more.
pub fn page<T>(items: impl Iterator<Item = (u64, T)>, after: Option<u64>, size: usize) -> (Vec<T>, Option<u64>) {
    let mut rest = items.filter(|(sequence, _)| after.is_none_or(|after| *sequence > after));
    let page: Vec<_> = rest.by_ref().take(size).collect();
    let last = page.last().map(|(sequence, _)| *sequence).filter(|_| rest.next().is_some());
    (page.into_iter().map(|(_, item)| item).collect(), last)
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
        for token in ["", "x", "1", "1.", "é.", "+1.0"] {
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
