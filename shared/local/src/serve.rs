//! Serving it: bind, build, fill, say `ready`, and stop cleanly.

use std::{io, net::Ipv4Addr, sync::Arc, time::Duration};

use platforms::AppsFile;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use url::Url;

use crate::{
    Places, Setup, Stack, StackError, Storage, clock, demo,
    options::{Options, PlatformsAt},
    ticker, wire,
};

/// How long requests that run may take when we are told to stop.
const STOPPING: Duration = Duration::from_secs(5);

/// Runs until Ctrl-C or SIGTERM. An error is one line for people.
pub async fn run(options: Options) -> Result<(), StackError> {
    let product = bind(options.port).await?;
    let platforms = bind(options.simulator_port).await?;
    let said = |e: &dyn std::fmt::Display| StackError(e.to_string());
    // Two names for one machine, so that a browser takes the platforms for another site.
    let places = Places { product: address("127.0.0.1", &product)?, simulator: address("localhost", &platforms)? };
    let apps = match &options.apps {
        None => AppsFile::default(),
        Some(path) => {
            let named = |e: &dyn std::fmt::Display| StackError(format!("{}: {e}", path.display()));
            let text = tokio::fs::read_to_string(path).await.map_err(|e| named(&e))?;
            AppsFile::parse(&text).map_err(|e| named(&e))?
        }
    };
    let setup = Setup {
        places: places.clone(),
        storage: if options.memory { Storage::Memory } else { Storage::Directory(options.data.clone()) },
        seed: options.seed,
        wall: clock::system(),
        apps,
        real_platforms: options.platforms == PlatformsAt::Real,
        plans: options.plans.clone(),
        return_urls: options.return_urls.clone(),
        cors_origins: options.cors_origins.clone(),
    };
    let mut stack = Stack::build(setup).await?;
    stack.operate(options.spend.clone(), options.operator_key.clone());
    let stack = Arc::new(stack);
    let (stop, stopped) = watch::channel(false);
    let serving_platforms = spawn(platforms, stack.simulator.router(), stopped.clone());
    // The platforms tell it what happens to the demo's people.
    let serving_product = spawn(product, stack.router(), stopped);
    let demo = options.platforms == PlatformsAt::Simulated && !options.no_demo && (options.demo || stack.is_new);
    let link = if demo { Box::pin(demo::fill(&stack)).await? } else { None };
    let ticking = (!options.manual).then(|| tokio::spawn(ticker::run(Arc::clone(&stack))));
    greet(&stack, &places, link.as_deref())?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| said(&e))?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    let _ = stop.send(true);
    if let Some(ticking) = ticking {
        ticking.abort();
    }
    for serving in [serving_product, serving_platforms] {
        let _ = tokio::time::timeout(STOPPING, serving).await;
    }
    Ok(())
}

async fn bind(port: u16) -> Result<TcpListener, StackError> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    bound.map_err(|e| match e.kind() {
        io::ErrorKind::AddrInUse => StackError(format!("port {port} is in use; choose another, or 0 for any free one")),
        _ => StackError(format!("port {port}: {e}")),
    })
}

fn address(host: &str, listener: &TcpListener) -> Result<Url, StackError> {
    let port = listener.local_addr().map_err(|e| StackError(e.to_string()))?.port();
    Url::parse(&format!("http://{host}:{port}/")).map_err(|e| StackError(e.to_string()))
}

fn spawn(
    listener: TcpListener,
    router: axum::Router,
    mut stopped: watch::Receiver<bool>,
) -> tokio::task::JoinHandle<()> {
    let until = async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    tokio::spawn(wire::serve(listener, router, until))
}

/// What a newcomer needs, and last the line that programs wait for.
#[expect(clippy::print_stdout, reason = "this is what the command says")]
fn greet(stack: &Stack, places: &Places, link: Option<&str>) -> Result<(), StackError> {
    let (workspace, plan) = demo::WORKSPACES[0];
    let claims = serde_json::json!({"ws": workspace, "role": "owner", "plan": plan, "sub": "dev-owner"});
    let token = stack.token(claims)?;
    let (product, simulator) = (trimmed(&places.product), trimmed(&places.simulator));
    println!("Mooring keeps social accounts connected.\n");
    println!("  console              {product}/console");
    println!("  API                  {product}/v1/openapi.json");
    if let Some(link) = link {
        println!("  a client's link      {link}");
    }
    println!("  simulated platforms  {simulator}/_sim/people\n");
    println!("curl -H 'Authorization: Bearer {}' {product}/v1/workspaces/{workspace}/accounts\n", token.expose());
    println!("ready {product} {simulator}");
    Ok(())
}

fn trimmed(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}
