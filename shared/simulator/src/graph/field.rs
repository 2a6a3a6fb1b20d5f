//! The `fields` parameter: `id,name,picture.type(large){url}`.

use serde_json::{Map, Value, json};

use super::error::GraphError;

/// A field with the sub-fields asked of it.
#[derive(Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) inner: Vec<Field>,
}

/// Splits at commas that stand in no bracket.
fn split(text: &str) -> Result<Vec<&str>, GraphError> {
    let broken = || GraphError::new(400, 2500, format!("Syntax error in fields: {text}"));
    let mut depth = 0_i32;
    let mut start = 0;
    let mut parts = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        if depth < 0 {
            return Err(broken());
        }
    }
    if depth != 0 {
        return Err(broken());
    }
    parts.push(&text[start..]);
    Ok(parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect())
}

/// Reads `fields`; without it a node answers its id and name only.
pub(crate) fn parse(text: Option<&str>) -> Result<Vec<Field>, GraphError> {
    split(text.unwrap_or("id,name"))?
        .into_iter()
        .map(|part| {
            let (head, inner) = match part.split_once('{') {
                Some((head, rest)) => (head, parse(rest.strip_suffix('}'))?),
                None => (part, Vec::new()),
            };
            let name = head.split(['.', '(']).next().unwrap_or_default();
            Ok(Field { name: name.to_owned(), inner })
        })
        .collect()
}

/// The asked fields of a node and, always, its id. `value` answers `None` for a
/// field that the node type has but this node does not.
pub(crate) fn select(
    node: &str,
    known: &[&str],
    asked: &[Field],
    mut value: impl FnMut(&Field) -> Result<Option<Value>, GraphError>,
) -> Result<Value, GraphError> {
    let mut object = Map::new();
    for field in asked {
        if !known.contains(&field.name.as_str()) {
            let message = format!("Tried accessing nonexisting field ({}) on node type ({node})", field.name);
            return Err(GraphError::parameter(&message));
        }
        if let Some(found) = value(field)? {
            object.insert(field.name.clone(), found);
        }
    }
    if !object.contains_key("id")
        && let Some(id) = value(&Field { name: "id".to_owned(), inner: Vec::new() })?
    {
        object.insert("id".to_owned(), id);
    }
    Ok(json!(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Vec<String>, u32> {
        let fields = parse(Some(text)).map_err(|error| error.code)?;
        Ok(fields.into_iter().map(|field| field.name).collect())
    }

    #[test]
    fn commas_in_brackets_part_no_fields() {
        let read = names("id,picture.type(large){url,width},name");
        assert_eq!(read, Ok(["id", "picture", "name"].map(String::from).to_vec()));
        assert_eq!(names("id,picture{url"), Err(2500));
        assert_eq!(names("id}"), Err(2500));
    }
}
