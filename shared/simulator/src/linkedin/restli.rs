//! Rest.li 2.0: values of a query that are records or lists.

use std::collections::BTreeMap;

/// `(name:value,…)`, `List(value,…)`, or text.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    List(Vec<Value>),
    Record(BTreeMap<String, Value>),
}

impl Value {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix("List(") {
            let all = split(inner.strip_suffix(')')?)?.into_iter().map(Self::parse).collect::<Option<_>>()?;
            return Some(Self::List(all));
        }
        let Some(inner) = text.strip_prefix('(') else {
            return (!text.contains(['(', ')'])).then(|| Self::Text(text.to_owned()));
        };
        let mut record = BTreeMap::new();
        for part in split(inner.strip_suffix(')')?)? {
            let (name, value) = part.split_once(':')?;
            record.insert(name.to_owned(), Self::parse(value)?);
        }
        Some(Self::Record(record))
    }

    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Record(record) => record.get(name),
            Self::Text(_) | Self::List(_) => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::List(_) | Self::Record(_) => None,
        }
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.field(name)?.text()?.parse().ok()
    }
}

/// The parts between the commas that are in no bracket.
fn split(text: &str) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !text.is_empty() {
        parts.push(&text[start..]);
    }
    (depth == 0).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_and_lists_are_read() {
        let value = Value::parse("(timeRange:(start:1,end:22),of:List(a,urn:li:b:1))").unwrap_or(Value::List(vec![]));
        let range = value.field("timeRange");
        assert_eq!(range.and_then(|range| range.number("end")), Some(22));
        let all = vec![Value::Text("a".to_owned()), Value::Text("urn:li:b:1".to_owned())];
        assert_eq!(value.field("of"), Some(&Value::List(all)));
        for wrong in ["(a:1", "(a:(b:1)", "(a)", "List(a", "(a:1))"] {
            assert_eq!(Value::parse(wrong), None, "{wrong}");
        }
    }
}
