//! Deletes what is out of date, as the deployed table does by itself.

use app::Services;
use aws_sdk_dynamodb::{Client, types::AttributeValue};

/// Deletes every item whose `ttl` is over, by the product's clock; says how many.
pub(crate) async fn sweep(client: &Client, table: &str, services: &Services) -> Result<usize, String> {
    let now = AttributeValue::N(services.now().as_second().to_string());
    let mut start = None;
    let mut deleted = 0;
    loop {
        let page = client
            .scan()
            .table_name(table)
            .projection_expression("pk, sk")
            .filter_expression("#ttl < :now")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", now.clone())
            .set_exclusive_start_key(start.take())
            .send()
            .await
            .map_err(|e| format!("{e:?}"))?;
        for key in page.items.unwrap_or_default() {
            let delete = client
                .delete_item()
                .table_name(table)
                .set_key(Some(key))
                .condition_expression("#ttl < :now")
                .expression_attribute_names("#ttl", "ttl")
                .expression_attribute_values(":now", now.clone());
            deleted += usize::from(delete.send().await.is_ok());
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            return Ok(deleted);
        }
    }
}
