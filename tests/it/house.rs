//! The rules of the house, read from the manifests and the sources: who may depend on whom, and what no file may
//! hold.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

/// Crates that speak to one thing outside each, or to nothing.
const L1: [&str; 5] = ["web", "platforms", "store", "vault", "events"];
/// What makes HTTP.
const HTTP: [&str; 8] = ["axum", "http", "http-body-util", "hyper", "reqwest", "tower", "utoipa", "utoipa-axum"];

/// A crate's manifest.
struct Manifest {
    folder: PathBuf,
    table: Table,
}

impl Manifest {
    fn name(&self) -> &str {
        self.table["package"]["name"].as_str().expect("a name")
    }

    fn is_function(&self) -> bool {
        self.folder.parent().is_some_and(|parent| parent.ends_with("functions"))
    }

    /// Everything it depends on, tests and build script included.
    fn dependencies(&self) -> Vec<&str> {
        let sections = ["dependencies", "dev-dependencies", "build-dependencies"];
        sections
            .into_iter()
            .filter_map(|s| self.table.get(s)?.as_table())
            .flat_map(Table::keys)
            .map(String::as_str)
            .collect()
    }

    fn dependency(&self, name: &str) -> Option<&Value> {
        self.table.get("dependencies")?.get(name)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tree").to_owned()
}

fn manifest(folder: &Path) -> Table {
    let text = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
    text.parse().unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
}

/// Every crate of the workspace by its name.
fn crates() -> BTreeMap<String, Manifest> {
    let root = root();
    let folders = ["shared", "functions"].iter().flat_map(|room| fs::read_dir(root.join(room)).expect("a room"));
    let folders = folders.map(|entry| entry.expect("an entry").path()).chain([root.join("tests")]);
    let read = |folder: PathBuf| Manifest { table: manifest(&folder), folder };
    let found: BTreeMap<_, _> = folders.map(read).map(|m| (m.name().to_owned(), m)).collect();
    assert!(found.len() > 12, "{:?}", found.keys());
    found
}

fn is_sdk(name: &str) -> bool {
    name.starts_with("aws-sdk-") || name == "aws-config"
}

/// Every Rust file with its path from the root and its text.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let root = root();
    let mut paths = Vec::new();
    for room in ["shared", "functions", "tests"] {
        walk(&root.join(room), &mut paths);
    }
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source");
        (path.strip_prefix(&root).expect("below the root").display().to_string(), text)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn a_crate_of_the_first_layer_depends_on_the_domain_and_on_no_sibling() {
    let crates = crates();
    for name in L1 {
        let own = crates[name].dependencies();
        let project: Vec<_> = own.into_iter().filter(|d| crates.contains_key(*d)).collect();
        assert_eq!(project, ["domain"], "{name}");
    }
}

#[test]
fn an_sdk_has_one_room() {
    let crates = crates();
    let mut rooms: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, manifest) in &crates {
        for sdk in manifest.dependencies().into_iter().filter(|d| is_sdk(d)) {
            rooms.entry(sdk).or_default().push(name);
        }
    }
    for (sdk, rooms) in rooms {
        // `bootstrap` builds the clients; `local` and the tests build one for the embedded table.
        let builds = |room: &&&str| !["bootstrap", "local", "tests"].contains(*room);
        let rooms: Vec<_> = rooms.iter().filter(builds).collect();
        assert!(rooms.len() <= 1 && rooms.iter().all(|room| L1.contains(room)), "{sdk}: {rooms:?}");
    }
}

#[test]
fn the_use_cases_name_no_http_and_no_sdk_and_the_edge_no_store_vault_or_platform() {
    let crates = crates();
    for name in crates["app"].dependencies() {
        assert!(!HTTP.contains(&name) && !is_sdk(name) && !name.starts_with("aws-smithy"), "app names {name}");
    }
    for name in crates["api"].dependencies() {
        assert!(!["store", "vault", "platforms", "events"].contains(&name) && !is_sdk(name), "api names {name}");
    }
}

#[test]
fn the_domain_does_no_io() {
    let ambient = ["tokio", "async-trait", "futures", "rand", "reqwest", "axum", "aws-lc-rs"];
    for name in crates()["domain"].dependencies() {
        assert!(!ambient.contains(&name) && !is_sdk(name), "domain names {name}");
    }
    for (path, text) in sources().iter().filter(|(path, _)| path.starts_with("shared/domain/")) {
        assert!(!text.contains("async fn") && !text.contains(".await"), "{path} is async");
    }
}

#[test]
fn the_simulator_shares_no_code_with_the_product() {
    let crates = crates();
    let project: Vec<_> = crates["simulator"].dependencies().into_iter().filter(|d| crates.contains_key(*d)).collect();
    assert!(project.is_empty(), "{project:?}");
}

#[test]
fn only_the_local_server_and_the_tests_have_the_embedded_table() {
    for (name, manifest) in crates() {
        let embeds = manifest.dependencies().iter().any(|d| d.starts_with("dynoxide"));
        assert!(!embeds || ["local", "tests"].contains(&name.as_str()), "{name}");
    }
}

/// `bootstrap` is what starts them, and reads from the gateway's own record where a request came from.
#[test]
fn only_the_functions_and_what_starts_them_have_lambda() {
    for (name, manifest) in crates() {
        let lambda = manifest.dependencies().iter().any(|d| d.starts_with("lambda_"));
        assert!(!lambda || manifest.is_function() || name == "bootstrap", "{name}");
    }
}

#[test]
fn cargo_run_compiles_no_sdk_that_it_does_not_use() {
    let crates = crates();
    let root = manifest(&root());
    assert_eq!(root["workspace"]["default-members"].as_array().expect("a list").as_slice(), ["shared/local".into()]);
    for room in ["vault", "events"] {
        for name in crates[room].dependencies().into_iter().filter(|d| is_sdk(d)) {
            let optional = crates[room].dependency(name).and_then(|d| d.get("optional")?.as_bool());
            assert_eq!(optional, Some(true), "{room}: {name} is behind a feature");
            let default = crates[room].table["features"].get("default");
            assert!(default.is_none(), "{room} turns it on by default");
        }
        for (name, manifest) in &crates {
            let turned_on = manifest.dependency(room).is_some_and(|d| d.get("features").is_some());
            // The tests judge the vault that the functions have.
            let may = name == "bootstrap" || (name == "tests" && room == "vault");
            assert!(!turned_on || may, "{name} turns a feature of {room} on");
        }
    }
    assert!(!crates["local"].dependencies().contains(&"bootstrap"), "local builds its services itself");
}

#[test]
fn internal_crates_are_never_published_and_all_keep_the_house_rules() {
    let package = &manifest(&root())["workspace"]["package"];
    assert_eq!((package["version"].as_str(), package["publish"].as_bool()), (Some("0.0.0"), Some(false)));
    for (name, manifest) in crates() {
        for fact in ["version", "publish", "edition", "rust-version", "license"] {
            let inherited = manifest.table["package"][fact].get("workspace").and_then(Value::as_bool);
            assert_eq!(inherited, Some(true), "{name}: {fact}");
        }
        assert_eq!(manifest.table["lints"]["workspace"].as_bool(), Some(true), "{name}: lints");
    }
}

#[test]
fn a_binary_has_no_tests_and_a_function_bears_its_folder_s_name() {
    for (name, manifest) in crates() {
        let bins = manifest.table.get("bin").and_then(Value::as_array).cloned().unwrap_or_default();
        let has_main = manifest.folder.join("src/main.rs").exists();
        assert!(!has_main || !bins.is_empty(), "{name}: a binary is named in the manifest");
        for bin in bins {
            assert_eq!(bin.get("test").and_then(Value::as_bool), Some(false), "{name}: test = false");
        }
        if manifest.is_function() {
            assert!(manifest.folder.ends_with(&name), "{name} lies in {}", manifest.folder.display());
        }
    }
}

#[test]
fn a_function_s_main_is_wiring_only() {
    let mut mains = 0;
    for (path, text) in sources().iter().filter(|(path, _)| path.starts_with("functions/")) {
        assert!(path.ends_with("/src/main.rs"), "{path}: a function is its main alone");
        let lines = text.lines().count();
        assert!((2..=20).contains(&lines), "{path}: {lines} lines");
        mains += 1;
    }
    assert!(mains >= 3, "{mains}");
}

#[test]
fn no_test_is_left_out_and_none_sleeps() {
    for (path, text) in sources() {
        assert!(!text.contains(concat!("#[", "ignore")), "{path} leaves a test out");
        let sleeps = text.contains(concat!("time::", "sleep")) || text.contains(concat!("thread::", "sleep"));
        assert!(!sleeps || !path.starts_with("tests/"), "{path} sleeps");
    }
}

#[test]
fn a_file_is_short_and_none_is_called_mod() {
    for (path, text) in sources() {
        assert!(!path.ends_with("/mod.rs"), "{path}");
        let own = text.lines().take_while(|line| *line != "#[cfg(test)]" && !line.starts_with("mod tests {")).count();
        let is_test = path.ends_with("/tests.rs") || path.contains("tests/it/");
        assert!(is_test || own <= 600, "{path}: {own} lines");
    }
}

/// CHK-P2: a route is in the API document, where it names its permission, or is one of these pages.
#[test]
fn a_route_outside_the_api_document_is_a_page_that_is_known() {
    let (sources, mut pages) = (sources(), Vec::new());
    for (path, text) in sources.iter().filter(|(path, _)| path.starts_with("shared/api/src/")) {
        for route in text.split(".route(").skip(1) {
            let name = route.split(',').next().unwrap_or_default().trim().trim_matches('"');
            pages.push((path.rsplit('/').next().unwrap_or_default(), name));
        }
    }
    pages.sort_unstable();
    assert_eq!(
        pages,
        [
            ("callback.rs", "/v1/oauth/callback/{issuer}/"),
            ("console.rs", "/console"),
            ("console.rs", "/console/accounts/{account}"),
            ("console.rs", "/console/accounts/{account}/disconnect"),
            ("console.rs", "/console/accounts/{account}/figures"),
            ("console.rs", "/console/accounts/{account}/figures.csv"),
            ("console.rs", "/console/accounts/{account}/main"),
            ("console.rs", "/console/accounts/{account}/picture"),
            ("console.rs", "/console/accounts/{account}/reconnect-link"),
            ("console.rs", "/console/accounts/{account}/remove"),
            ("console.rs", "/console/accounts/{account}/runs/{run}"),
            ("console.rs", "/console/accounts/{account}/sync"),
            ("console.rs", "/console/connect"),
            ("console.rs", "/console/links"),
            ("console.rs", "/console/links/new"),
            ("console.rs", "/console/links/{link}"),
            ("console.rs", "/console/links/{link}/delete"),
            ("console.rs", "/console/links/{link}/enabled"),
            ("console.rs", "/console/links/{link}/rotate"),
            ("console.rs", "/console/links/{link}/send"),
            ("console.rs", "/console/sessions"),
            ("console.rs", "/console/sessions/{session}/cancel"),
            ("console.rs", "/console/sessions/{session}/handoff"),
            ("console.rs", "/console/sessions/{session}/selection"),
            ("console.rs", "/console/settings"),
            ("docs.rs", "/docs"),
            ("docs.rs", "/docs/errors"),
            ("docs.rs", "/docs/errors/{code}"),
            ("docs.rs", "/docs/operations/{operation}"),
            ("docs.rs", "/docs/shapes/{shape}"),
            ("docs.rs", "/help/revoke/{platform}"),
            ("page.rs", "/c/back"),
            ("page.rs", "/c/choose"),
            ("page.rs", "/c/connect"),
            ("page.rs", "/c/device"),
            ("page.rs", "/c/finish"),
            ("page.rs", "/c/fresh"),
            ("page.rs", "/c/logo"),
            ("page.rs", "/c/receipt"),
            ("page.rs", "/c/receipt.json"),
            ("page.rs", "/c/start"),
            ("page.rs", "/c/withdraw"),
            ("page.rs", "/c/{address}"),
            ("page.rs", "HOME"),
            ("start.rs", "/assets/{stylesheet}"),
            ("start.rs", "web::stylesheet_path()"),
        ]
    );
}
