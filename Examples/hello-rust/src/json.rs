//! As much JSON as this plugin needs: members of one object, and strings to put into another.

/// The value of a member of an object as it is written.
pub fn member<'a>(object: &'a str, key: &str) -> Option<&'a str> {
    let mut rest = object.trim_start().strip_prefix('{')?;
    loop {
        let (name, after) = take_value(rest)?;
        let (value, after) = take_value(after.strip_prefix(':')?)?;
        if name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) == Some(key) {
            return Some(value);
        }
        rest = after.strip_prefix(',')?;
    }
}

pub fn integer(value: Option<&str>) -> Option<i64> {
    value?.parse().ok()
}

/// A string with its quotes and escapes, which can go into other JSON as it is.
pub fn quoted_string(value: Option<&str>) -> Option<&str> {
    value.filter(|value| value.starts_with('"'))
}

/// One value and what follows it.
fn take_value(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (mut depth, mut is_quoted, mut is_escaped) = (0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b'}' | b']' | b',' | b':' if depth == 0 => return Some((text[..at].trim_end(), &text[at..])),
            _ => {}
        }
    }
    None
}
