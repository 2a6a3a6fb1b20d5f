//! What every vault must do, done by Secrets Manager wherever it is: an account of AWS, or what stands for one.
//!
//! ```text
//! cargo run -p tests --example vault_conformance ENDPOINT PREFIX
//! ```
//!
//! The secrets below the prefix are made and, but for some, left there. It ends with 101 at the first promise that is not
//! kept.

use std::process::ExitCode;

use aws_sdk_secretsmanager::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region},
};
use local::{clock, entropy::SystemEntropy};
use tests::vault::conforms;
use vault::SecretsManager;

#[tokio::main]
async fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [endpoint, prefix] = given.as_slice() else {
        eprintln!("ENDPOINT PREFIX");
        return ExitCode::from(2);
    };
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "conformance"))
        .endpoint_url(endpoint)
        .build();
    let vault = SecretsManager::new(&Client::from_conf(config), prefix);
    conforms(&vault, true, clock::system()(), &SystemEntropy).await;
    println!("every promise is kept");
    ExitCode::SUCCESS
}
