//! What `mooring` can be told.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use domain::{Digest, budget::Spend};

/// Where the platforms are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlatformsAt {
    /// In this process.
    Simulated,
    /// At the catalogue's real hosts.
    Real,
}

/// Keeps social accounts connected: the whole product on this machine.
#[derive(Debug, Parser)]
#[command(name = "mooring", version, disable_help_subcommand = true)]
pub struct Options {
    /// Port of the product on 127.0.0.1; 0 picks a free one
    #[arg(long, env = "MOORING_PORT", default_value_t = 8080)]
    pub port: u16,
    /// Port of the simulated platforms on 127.0.0.1; 0 picks a free one
    #[arg(long, env = "MOORING_SIMULATOR_PORT", default_value_t = 8090)]
    pub simulator_port: u16,
    /// Directory of table and key file; survives a restart and a kill
    #[arg(long, env = "MOORING_DATA", default_value = ".mooring", conflicts_with = "memory")]
    pub data: PathBuf,
    /// Keep nothing
    #[arg(long, env = "MOORING_MEMORY")]
    pub memory: bool,
    /// Make demo data (on a new data directory that is the default)
    #[arg(long, env = "MOORING_DEMO", conflicts_with = "no_demo")]
    pub demo: bool,
    /// Make no demo data
    #[arg(long, env = "MOORING_NO_DEMO")]
    pub no_demo: bool,
    /// Where the platforms are
    #[arg(long, env = "MOORING_PLATFORMS", value_enum, default_value = "simulated")]
    pub platforms: PlatformsAt,
    /// TOML file of OAuth apps
    #[arg(long, env = "MOORING_APPS", value_name = "FILE")]
    pub apps: Option<PathBuf>,
    /// Plan catalogue: merged, `per_platform_only` or s3
    #[arg(long, env = "MOORING_PLANS", value_name = "NAME", default_value = "merged")]
    pub plans: String,
    /// Seed of the simulator, and of everything random with --memory
    #[arg(long, env = "MOORING_SEED")]
    pub seed: Option<u64>,
    /// No ticker: jobs run only when asked
    #[arg(long, env = "MOORING_MANUAL")]
    pub manual: bool,
    /// Further addresses that a browser may be sent back to, separated by commas
    #[arg(long, env = "MOORING_RETURN_URLS", value_delimiter = ',')]
    pub return_urls: Vec<String>,
    /// Origins whose web pages may call the API from a browser, separated by commas
    #[arg(long, env = "MOORING_CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// What fetching may cost in a day at platforms that take money, like x=100: US dollars, separated by commas
    #[arg(long, env = "MOORING_SPEND", value_name = "LIST", default_value = "")]
    pub spend: Spend,
    /// SHA-256 of the key by which the operator calls, in 64 hexadecimal digits
    #[arg(long, env = "MOORING_OPERATOR_KEY", value_name = "DIGEST", value_parser = digest)]
    pub operator_key: Option<Digest>,
}

fn digest(hex: &str) -> Result<Digest, &'static str> {
    Digest::parse(hex).ok_or("not 64 hexadecimal digits in lower case")
}
