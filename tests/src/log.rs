//! The product's log while it runs in this process: all of it, whatever is shown. What a panic says is part of it.

use std::{
    io::{self, Write},
    panic,
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{LevelFilter, Targets},
    fmt::{self, format::FmtSpan},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        log().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn log() -> MutexGuard<'static, Vec<u8>> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on all is kept, and errors are shown where a test fails.
pub(crate) fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let shown = EnvFilter::try_from_env("MOORING_LOG").unwrap_or_else(|_| EnvFilter::new("error"));
        let show = fmt::layer().with_test_writer().with_filter(shown);
        // The SDK tells at length what goes to the table, which is searched itself.
        let kept = Targets::new().with_default(LevelFilter::TRACE).with_target("aws_", LevelFilter::WARN);
        let keep = fmt::layer().with_ansi(false).with_span_events(FmtSpan::NEW).with_writer(|| Log);
        tracing_subscriber::registry().with(show).with(keep.with_filter(kept)).init();
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let _ = writeln!(Log, "{panic}");
            told(panic);
        }));
    });
}

/// How much there is.
pub(crate) fn length() -> usize {
    log().len()
}

/// What came after a length.
pub(crate) fn since(length: usize) -> Vec<u8> {
    log()[length..].to_vec()
}
