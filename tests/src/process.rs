//! The command `mooring` as a process of its own.
//!
//! Its log is complete. Dropping a [`Mooring`] ends it, and fails the test if a secret is in what it wrote: its log, its
//! output, its files.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    task::JoinHandle,
    time::timeout,
};

use crate::{Caller, client, secret::Needles, when_over};

/// How long it may take to start or to stop.
const PATIENCE: Duration = Duration::from_mins(1);

/// A `mooring` that serves; it is killed when this is dropped.
pub struct Mooring {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    log: JoinHandle<String>,
    directory: PathBuf,
    /// The tokens of callers.
    tokens: Arc<Mutex<Vec<String>>>,
    /// What it printed, up to the line `ready`.
    pub said: Vec<String>,
    /// The product's address.
    pub product: String,
    /// The simulated platforms'.
    pub simulator: String,
    http: reqwest::Client,
}

/// How a `mooring` ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; none after a signal.
    pub code: Option<i32>,
    /// What it wrote to stderr.
    pub stderr: String,
    /// What it wrote to stdout.
    pub stdout: String,
}

/// The command with nothing of the test's own environment.
pub fn command(binary: &str, options: &[&str], directory: &Path) -> Command {
    let mut command = Command::new(binary);
    command.args(options).current_dir(directory).env_clear();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Runs a command that must end by itself.
pub async fn ended(mut command: Command) -> Ended {
    let output = timeout(PATIENCE, command.output()).await.expect("it ends").expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Ended { code: output.status.code(), stderr: text(output.stderr), stdout: text(output.stdout) }
}

impl Mooring {
    /// Starts it and waits for the line `ready`.
    pub async fn start(mut command: Command) -> Self {
        let directory = command.as_std().get_current_dir().expect("a directory of its own").to_owned();
        let mut child =
            command.env("MOORING_LOG", "trace,aws_=warn").spawn().expect("the binary is built with these tests");
        // Read all along: a full pipe would hold it up.
        let mut stderr = child.stderr.take().expect("piped");
        let log = tokio::spawn(async move {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text).await;
            text
        });
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut said = Vec::new();
        let reading = async {
            while let Some(line) = lines.next_line().await.expect("text") {
                said.push(line);
                if said.last().is_some_and(|line| line.starts_with("ready ")) {
                    return true;
                }
            }
            false
        };
        let ready = timeout(PATIENCE, reading).await.expect("it is ready in time");
        assert!(ready, "it ended before it served: {}", log.await.expect("a log"));
        let mut ready = said.last().expect("a line").split(' ').skip(1).map(str::to_owned);
        let mut address = || ready.next().expect("an address");
        let (product, simulator) = (address(), address());
        assert_eq!(ready.next(), None, "two addresses and no more");
        let tokens = Arc::default();
        Self { child, lines, log, directory, tokens, said, product, simulator, http: client() }
    }

    /// A caller with a token of the dev issuer.
    pub async fn caller(&self, ask: Value) -> Caller {
        let made = self.nobody().post("/v1/dev/tokens", ask).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let token = made.body["token"].as_str().expect("a token");
        self.tokens.lock().expect("the tokens").push(token.to_owned());
        self.nobody().with_token(token)
    }

    /// Somebody without a token.
    pub fn nobody(&self) -> Caller {
        Caller::new(self.http.clone(), self.product.clone(), None)
    }

    /// The most memory that it ever had, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id().expect("it runs"));
        let status = std::fs::read_to_string(path).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a line");
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().expect("a number") * 1024
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it is there to be killed");
    }

    /// Each secret that is where it must not be, when it is over.
    async fn leaks(&mut self) -> Vec<String> {
        let mut needles = Needles::usual();
        for token in &*self.tokens.lock().expect("the tokens") {
            needles.plant("a caller's token", token.rsplit('.').next().unwrap_or_default());
        }
        let _ = self.child.kill().await;
        let files = files(&self.directory);
        for file in files.iter().filter(|file| file.ends_with("keys.json")) {
            plant_keys(&mut needles, &fs::read(file).expect("a file"));
        }
        // The curl line for newcomers bears a token, and is the only one.
        let mut output: Vec<String> = self.said.iter().filter(|line| !line.starts_with("curl ")).cloned().collect();
        while let Some(line) = self.lines.next_line().await.expect("text") {
            output.push(line);
        }
        let log = (&mut self.log).await.expect("the log");
        let mut found = needles.found_in("its output", output.join("\n"));
        found.extend(needles.found_in("its log", log));
        for file in files {
            if !file.ends_with("keys.json") {
                found.extend(needles.found_in(&file.display().to_string(), fs::read(&file).expect("a file")));
            }
        }
        found
    }

    /// Sends SIGTERM; answers with the exit code, or fails if it takes longer than `patience`. It must have printed
    /// nothing after the line `ready`.
    pub async fn terminate(mut self, patience: Duration) -> Option<i32> {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id]).status().await.expect("a shell");
        assert!(sent.success());
        let ended = timeout(patience, self.child.wait()).await.expect("it stops in time").expect("it is ours");
        assert_eq!(self.lines.next_line().await.expect("text"), None);
        ended.code()
    }
}

impl Drop for Mooring {
    fn drop(&mut self) {
        when_over(async {
            let leaks = self.leaks().await;
            assert!(leaks.is_empty(), "secrets got out:\n{}", leaks.join("\n"));
        });
    }
}

/// The keys that a key file holds.
fn plant_keys(needles: &mut Needles, file: &[u8]) {
    let keys: Value = serde_json::from_slice(file).expect("JSON");
    for (name, key) in keys.as_object().expect("keys") {
        let key = BASE64.decode(key.as_str().expect("text")).expect("base64");
        // All PKCS#8 keys of a curve begin with the same 36 bytes.
        needles.plant(name, if key.len() > 32 { &key[36..] } else { &key });
    }
}

/// Every file below a directory, however deep.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let (directories, mut all): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    all.extend(directories.iter().flat_map(|directory| files(directory)));
    all
}
