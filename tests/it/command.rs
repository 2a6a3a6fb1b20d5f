//! The command `mooring`: what it says, what it keeps, how it ends.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{
    Caller, client,
    process::{self, Ended, Mooring},
    send,
};
use tokio::{net::TcpListener, process::Command};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_mooring-under-test");
/// How long it may take to stop.
const STOPPING: Duration = Duration::from_secs(10);
/// Free ports, and no data of its own making.
const QUIET: [&str; 6] = ["--port", "0", "--simulator-port", "0", "--no-demo", "--manual"];

fn directory() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

fn command(directory: &TempDir, more: &[&str]) -> Command {
    process::command(BINARY, &[&QUIET, more].concat(), directory.path())
}

/// It ends at once with code 2 and one line that says why; answers with that line.
#[track_caller]
fn is_one_line(ended: &Ended) -> &str {
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(ended.stdout, "");
    let line = ended.stderr.strip_suffix('\n').expect("a whole line");
    assert!(!line.contains('\n') && line.starts_with("mooring: "), "{line}");
    line
}

async fn refused(directory: &TempDir, more: &[&str]) -> String {
    is_one_line(&process::ended(command(directory, more)).await).to_owned()
}

/// Connects what a person has on X by the API and the simulated platform's page; answers with the account's id.
async fn connect(who: &Caller, person: &str) -> String {
    let sessions = format!("/v1/workspaces/{}/connect-sessions", who.workspace());
    let session = who.post(&sessions, json!({"platform": "x"})).await;
    assert_eq!(session.status, 201, "{}", session.text);
    let http = client();
    let going = send(http.post(session.body["start_url"].as_str().expect("a start_url"))).await;
    let cookie = going.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie");
    let approve = [("person", person), ("decision", "approve")];
    let back = send(http.post(going.header("location").expect("a redirect")).form(&approve)).await;
    let landed = send(http.get(back.header("location").expect("a redirect")).header("cookie", cookie)).await;
    assert_eq!(landed.status, 200, "{}", landed.text);
    let session = who.get(&format!("/v1/connect-sessions/{}", session.body["id"].as_str().expect("an id"))).await;
    session.body["accounts"][0]["id"].as_str().expect("an account").to_owned()
}

async fn accounts(who: &Caller) -> Vec<Value> {
    let list = who.get(&format!("/v1/workspaces/{}/accounts", who.workspace())).await;
    assert_eq!(list.status, 200, "{}", list.text);
    list.body["data"].as_array().expect("a list").clone()
}

/// What the demo made, without what differs from run to run: ids and times.
async fn demo(mooring: &Mooring) -> Vec<(String, String, String, String)> {
    let mut made = Vec::new();
    for workspace in ["demo", "agency", "solo"] {
        let who = mooring.caller(json!({"workspace": workspace, "role": "owner"})).await;
        for account in accounts(&who).await {
            let text = |name: &str| account[name].as_str().expect("text").to_owned();
            made.push((workspace.to_owned(), text("platform"), text("platform_account_id"), text("name")));
        }
    }
    made.sort();
    made
}

/// The files below a directory.
fn files(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_line_tells_two_addresses_that_serve() {
    let directory = directory();
    let mooring = Mooring::start(command(&directory, &["--memory"])).await;
    assert!(mooring.product.starts_with("http://127.0.0.1:"), "{}", mooring.product);
    assert!(mooring.simulator.starts_with("http://localhost:"), "{}", mooring.simulator);
    assert_eq!(mooring.nobody().get("/readyz").await.status, 204);
    let people = send(client().get(format!("{}/_sim/people", mooring.simulator))).await;
    assert_eq!(people.status, 200, "{}", people.text);
    // What a newcomer pastes works.
    let curl = mooring.said.iter().find(|line| line.starts_with("curl ")).expect("a curl line");
    let (header, url) = curl.strip_prefix("curl -H 'Authorization: ").and_then(|c| c.split_once("' ")).expect("both");
    let listed = send(client().get(url).header("authorization", header)).await;
    assert_eq!((listed.status, &listed.body["data"]), (200, &json!([])), "{}", listed.text);
    let console = mooring.said.iter().find_map(|line| line.trim().strip_prefix("console")).expect("the console");
    assert_eq!(send(client().get(console.trim())).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_one_clear_line() {
    let directory = directory();
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = taken.local_addr().expect("bound").port().to_string();
    for option in ["--port", "--simulator-port"] {
        let other = if option == "--port" { "--simulator-port" } else { "--port" };
        let run = process::command(BINARY, &["--memory", "--no-demo", other, "0", option, &port], directory.path());
        let ended = process::ended(run).await;
        let line = is_one_line(&ended);
        assert!(line.contains(&port) && line.contains("in use"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_option_is_one_clear_line() {
    let directory = directory();
    for (options, word) in [
        (["--porrt", "1"], "--porrt"),
        (["--port", "banana"], "banana"),
        (["--port", "70000"], "70000"),
        (["--seed", "-1"], "-1"),
        (["--platforms", "imagined"], "imagined"),
        (["--memory", "surplus"], "surplus"),
    ] {
        let ended = process::ended(process::command(BINARY, &options, directory.path())).await;
        let line = is_one_line(&ended);
        assert!(line.contains(word), "{line}");
    }
    let line = refused(&directory, &["--memory", "--plans", "imagined"]).await;
    assert!(line.contains("imagined"), "{line}");
    assert_eq!(files(directory.path()), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_has_one_holder() {
    let directory = directory();
    let first = Mooring::start(command(&directory, &["--data", "here"])).await;
    let line = refused(&directory, &["--data", "here"]).await;
    assert!(line.contains("here") && line.contains("another mooring"), "{line}");
    assert_eq!(first.nobody().get("/readyz").await.status, 204, "the holder goes on");
    first.kill().await;
    Mooring::start(command(&directory, &["--data", "here"])).await.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_others_can_read_are_refused() {
    let directory = directory();
    Mooring::start(command(&directory, &["--data", "here"])).await.kill().await;
    let keys = directory.path().join("here/keys.json");
    assert_eq!(mode(&keys), 0o600);
    assert_eq!(mode(&directory.path().join("here")), 0o700);
    for readable in [0o644, 0o640, 0o604] {
        fs::set_permissions(&keys, fs::Permissions::from_mode(readable)).expect("ours");
        let line = refused(&directory, &["--data", "here"]).await;
        assert!(line.contains("keys.json") && line.contains("chmod 600"), "{line}");
    }
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).expect("ours");
    Mooring::start(command(&directory, &["--data", "here"])).await.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_that_cannot_be_used_is_one_clear_line() {
    let directory = directory();
    let path = |name: &str| directory.path().join(name);
    fs::write(path("file"), "not a directory").expect("ours");
    let line = refused(&directory, &["--data", "file"]).await;
    assert!(line.contains("file"), "{line}");
    // The administrator can read whatever the mode says, but nobody can read a link to itself.
    symlink(path("loop"), path("loop")).expect("ours");
    let line = refused(&directory, &["--data", "loop"]).await;
    assert!(line.contains("loop"), "{line}");
    for (name, text) in
        [("no-json", "{"), ("no-keys", "{}"), ("short-keys", r#"{"vault":"AA==","edge":"","issuer":""}"#)]
    {
        fs::create_dir(path(name)).expect("ours");
        let keys = path(name).join("keys.json");
        fs::write(&keys, text).expect("ours");
        fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).expect("ours");
        let line = refused(&directory, &["--data", name]).await;
        assert!(line.contains("key file"), "{line}");
        assert_eq!(fs::read_to_string(&keys).expect("ours"), text, "nothing was written over it");
    }
    fs::create_dir(path("no-table")).expect("ours");
    fs::write(path("no-table/table.sqlite"), "this is no table, however long one looks at it".repeat(100))
        .expect("ours");
    let line = refused(&directory, &["--data", "no-table"]).await;
    assert!(line.contains("no-table"), "{line}");
}

/// S0-26
#[tokio::test(flavor = "multi_thread")]
async fn sigterm_stops_it_cleanly_and_what_it_kept_is_there_again() {
    let directory = directory();
    let mooring = Mooring::start(command(&directory, &["--data", "here"])).await;
    let who = mooring.caller(json!({"workspace": "kept", "role": "owner"})).await;
    let account = connect(&who, "acme").await;
    let before = accounts(&who).await;
    assert_eq!(mooring.terminate(STOPPING).await, Some(0));

    let mooring = Mooring::start(command(&directory, &["--data", "here"])).await;
    let who = mooring.nobody().with_token(who.token.expect("a token"));
    assert_eq!(accounts(&who).await, before);
    let receipt = who.post(&format!("/v1/accounts/{account}/disconnect"), json!({})).await;
    assert_eq!(receipt.status, 200, "{}", receipt.text);
    assert_eq!(mooring.terminate(STOPPING).await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_keeps_nothing() {
    let directory = directory();
    let mooring = Mooring::start(command(&directory, &["--memory"])).await;
    let who = mooring.caller(json!({"workspace": "gone", "role": "owner"})).await;
    connect(&who, "acme").await;
    assert_eq!(mooring.terminate(STOPPING).await, Some(0));
    assert_eq!(files(directory.path()), Vec::<String>::new());
    let mooring = Mooring::start(command(&directory, &["--memory"])).await;
    let stranger = mooring.nobody().with_token(who.token.expect("a token"));
    stranger.get("/v1/workspaces/gone/accounts").await.is_problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_data_directory_gets_the_demo_once() {
    let directory = directory();
    let plain = |more: &[&str]| {
        let options = [&["--port", "0", "--simulator-port", "0", "--manual"], more].concat();
        process::command(BINARY, &options, directory.path())
    };
    let mooring = Mooring::start(plain(&["--data", "here", "--seed", "1"])).await;
    let made = demo(&mooring).await;
    for workspace in ["demo", "agency", "solo"] {
        assert!(made.iter().any(|(w, ..)| w == workspace), "{made:?}");
    }
    assert!(made.iter().all(|(_, _, _, name)| name != "Acme"), "acme is the newcomer's: {made:?}");
    // Somebody takes accounts out; the next start does not put them back.
    let who = mooring.caller(json!({"workspace": "solo", "role": "owner"})).await;
    for account in accounts(&who).await {
        let gone = account["id"].as_str().expect("an id");
        assert_eq!(who.delete(&format!("/v1/accounts/{gone}")).await.status, 202);
    }
    assert_eq!(mooring.terminate(STOPPING).await, Some(0));

    let mooring = Mooring::start(plain(&["--data", "here", "--seed", "1"])).await;
    let left: Vec<_> = made.iter().filter(|(w, ..)| w != "solo").cloned().collect();
    assert_eq!(demo(&mooring).await, left);
    mooring.kill().await;

    // The same seed makes the same; so does memory.
    let mooring = Mooring::start(plain(&["--memory", "--seed", "1"])).await;
    assert_eq!(demo(&mooring).await, made);
    mooring.kill().await;
    let mooring = Mooring::start(plain(&["--memory", "--no-demo"])).await;
    assert_eq!(demo(&mooring).await, vec![]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_has_every_platform_and_every_state_and_room_for_acme() {
    let directory = directory();
    let options = ["--port", "0", "--simulator-port", "0", "--manual", "--memory", "--demo"];
    let mooring = Mooring::start(process::command(BINARY, &options, directory.path())).await;
    let (mut there, mut states) = (BTreeSet::new(), BTreeSet::new());
    for workspace in ["demo", "agency", "solo"] {
        let who = mooring.caller(json!({"workspace": workspace, "role": "owner"})).await;
        let mut all = accounts(&who).await;
        if workspace == "demo" {
            assert!(all.len() + 10 <= 25, "one of everything and a company page have room: {}", all.len());
        }
        let gone = who.get(&format!("/v1/workspaces/{workspace}/accounts?lifecycle=disconnected")).await;
        all.extend(gone.body["data"].as_array().expect("a list").clone());
        for account in all {
            let text = |name: &str| account[name].as_str().expect("text").to_owned();
            there.insert((workspace, text("platform"), text("method")));
            let health = who.get(&format!("/v1/accounts/{}/health", text("id"))).await.body;
            states.insert(health["state"].as_str().expect("a state").to_owned());
        }
    }
    let agency = mooring.caller(json!({"workspace": "agency", "role": "owner"})).await;
    for status in ["active", "completed", "deleted", "disabled", "exhausted", "expired"] {
        let links = agency.get(&format!("/v1/workspaces/agency/easyconnect-links?status={status}")).await;
        assert!(links.body["data"].as_array().is_some_and(|links| !links.is_empty()), "{status}: {}", links.text);
    }
    let who = mooring.caller(json!({"workspace": "demo", "role": "owner"})).await;
    for platform in who.get("/v1/platforms").await.body["data"].as_array().expect("a list") {
        let id = platform["id"].as_str().expect("an id");
        assert!(there.iter().any(|(workspace, p, _)| *workspace == "demo" && p == id), "{id} is not in {there:?}");
        for method in platform["methods"].as_array().expect("methods") {
            let method = method["id"].as_str().expect("an id");
            assert!(there.iter().any(|(_, p, m)| p == id && m == method), "{id} by {method} is not in {there:?}");
        }
    }
    let all = ["degraded", "disconnected", "error", "expired", "expiring", "healthy", "limited"];
    assert_eq!(states, all.map(str::to_owned).into(), "those that the product can make today");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_of_apps_is_one_line_that_names_the_key() {
    const WHOLE: &str = r#"[[app]]
platform = "shop"
method = "oauth2_generic"
client_id = "id"
client_secret = "hush-hush"
authorize_url = "https://shop.example/authorize"
token_url = "https://shop.example/token"
userinfo_url = "https://shop.example/me"
"#;
    let directory = directory();
    let file = directory.path().join("apps.toml");
    let run = ["--memory", "--apps", "apps.toml"];
    for (broken, key) in [
        (WHOLE.replace("client_secret = \"hush-hush\"\n", ""), "client_secret"),
        (WHOLE.replace("client_id = \"id\"", "client_id = 5"), "client_id"),
        (WHOLE.replace("token_url", "token_uri"), "token_uri"),
        (WHOLE.replace("https://shop.example/me", "http://shop.example/me"), "userinfo_url"),
        (WHOLE.replace("\"oauth2_generic\"", "\"magic\""), "authorize_url"),
        (WHOLE.replace("[[app]]", "[[apps]]"), "apps"),
        (WHOLE.replace("\"shop\"", "\"facebook\""), "facebook"),
        (format!("{WHOLE}authorize_params = {{ state = \"s\" }}\n"), "authorize_params.state"),
        (format!("{WHOLE}scopes = [\n"), "line "),
    ] {
        fs::write(&file, broken).expect("ours");
        let line = refused(&directory, &run).await;
        assert!(line.contains(key), "{key}: {line}");
        assert!(!line.contains("hush-hush"), "{line}");
    }
    let line = refused(&directory, &["--memory", "--apps", "nowhere.toml"]).await;
    assert!(line.contains("nowhere.toml"), "{line}");

    fs::write(&file, WHOLE).expect("ours");
    let mooring = Mooring::start(command(&directory, &run)).await;
    let who = mooring.caller(json!({"workspace": "w", "role": "owner"})).await;
    let shop = who.get("/v1/platforms/shop").await;
    assert_eq!((shop.status, &shop.body["configured"]), (200, &json!(true)), "{}", shop.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn options_come_from_the_environment_too() {
    let directory = directory();
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = free.local_addr().expect("bound").port();
    let with_environment = || {
        let mut command = process::command(BINARY, &[], directory.path());
        command.env("MOORING_PORT", port.to_string()).env("MOORING_SIMULATOR_PORT", "0");
        command.env("MOORING_NO_DEMO", "true").env("MOORING_MEMORY", "true");
        command
    };
    let ended = process::ended(with_environment()).await;
    assert!(is_one_line(&ended).contains(&port.to_string()), "{ended:?}");
    drop(free);
    let mooring = Mooring::start(with_environment()).await;
    assert_eq!(mooring.product, format!("http://127.0.0.1:{port}"));
    assert_eq!(mooring.nobody().call(Method::GET, "/healthz").send().await.expect("an answer").status(), 204);
    assert_eq!(files(directory.path()), Vec::<String>::new());
}
