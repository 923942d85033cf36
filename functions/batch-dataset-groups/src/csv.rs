//! Records of a table with commas (RFC 4180).

/// The first record of a text: its values, and its length in bytes with the line break. A value in quotes may hold commas, line
/// breaks and doubled quotes. Nothing where the text ends before the record does.
pub fn first_record(text: &str) -> Option<(Vec<String>, usize)> {
    let mut values = Vec::new();
    let (mut value, mut quoted, mut begins) = (String::new(), false, true);
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let begun = std::mem::replace(&mut begins, false);
        match character {
            '"' if quoted && next == Some('"') => {
                value.push('"');
                characters.next();
            }
            '"' if quoted || begun => quoted = !quoted,
            ',' if !quoted => {
                values.push(std::mem::take(&mut value));
                begins = true;
            }
            '\n' if !quoted => {
                values.push(value);
                return Some((values, at + 1));
            }
            '\r' if !quoted && next == Some('\n') => {}
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_commas_line_breaks_and_quotes() {
        for (text, values) in [
            ("a,b\nrest", vec!["a", "b"]),
            ("a,b\r\nrest", vec!["a", "b"]),
            ("\"a,1\",\"b\nc\",\"say \"\"d\"\"\"\n", vec!["a,1", "b\nc", "say \"d\""]),
            ("\n", vec![""]),
            (",\n", vec!["", ""]),
            ("a\"b,\"\"\n", vec!["a\"b", ""]),
            ("ü,\u{1f600}\n", vec!["ü", "\u{1f600}"]),
        ] {
            let (read, length) = first_record(text).expect("a record");
            assert_eq!(read, values, "{text:?}");
            assert!(text[..length].ends_with('\n') && ["", "rest"].contains(&&text[length..]), "{text:?}");
        }
    }

    #[test]
    fn a_record_without_an_end_is_none() {
        for text in ["", "a,b", "\"a\n", "a,\"b\n\n"] {
            assert_eq!(first_record(text), None, "{text:?}");
        }
    }
}
