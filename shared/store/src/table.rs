//! The table itself: made locally at the first start; deployed, the template makes it.

use aws_sdk_dynamodb::{
    Client,
    operation::create_table::CreateTableError,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
        ScalarAttributeType,
    },
};
use domain::Fault;

use crate::item::{built, fault};

/// Name of the due index.
pub(crate) const DUE: &str = "due";

/// Makes the table if it is not there.
pub async fn create_table(client: &Client, table: &str) -> Result<(), Fault> {
    let keys = |hash: &str, range: &str| -> Result<Vec<KeySchemaElement>, Fault> {
        [(hash, KeyType::Hash), (range, KeyType::Range)]
            .into_iter()
            .map(|(name, kind)| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(built))
            .collect()
    };
    let mut call = client.create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
    for name in ["pk", "sk", "dp", "ds"] {
        let definition = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        call = call.attribute_definitions(definition.build().map_err(built)?);
    }
    let due = GlobalSecondaryIndex::builder()
        .index_name(DUE)
        .set_key_schema(Some(keys("dp", "ds")?))
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
        .build()
        .map_err(built)?;
    match call.set_key_schema(Some(keys("pk", "sk")?)).global_secondary_indexes(due).send().await {
        Ok(_) => Ok(()),
        Err(error) if error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) => Ok(()),
        Err(error) => Err(fault(error)),
    }
}
