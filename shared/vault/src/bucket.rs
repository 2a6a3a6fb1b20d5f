//! A token bucket.

use std::time::Duration;

use tokio::time::Instant;

/// So many at once, and so many a second; whoever comes too early waits for the place in the queue that they have taken.
pub(crate) struct Bucket {
    /// From one to the next.
    interval: Duration,
    /// How far ahead of the interval a burst may be.
    slack: Duration,
    /// When the next one is due if nobody is ever early.
    next: Option<Instant>,
}

impl Bucket {
    /// A full one of `rate` a second, all of which may come at once.
    pub(crate) fn new(rate: u32) -> Self {
        let interval = Duration::from_secs(1) / rate.max(1);
        Self { interval, slack: interval * rate.saturating_sub(1), next: None }
    }

    /// Takes a place, and says how long to wait for it.
    pub(crate) fn take(&mut self, now: Instant) -> Duration {
        let due = self.next.map_or(now, |next| next.max(now));
        self.next = Some(due + self.interval);
        due.duration_since(now).saturating_sub(self.slack)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long each of `count` waits that come together.
    fn waits(bucket: &mut Bucket, now: Instant, count: usize) -> Vec<u128> {
        (0..count).map(|_| bucket.take(now).as_millis()).collect()
    }

    #[test]
    fn a_full_bucket_lets_a_burst_go_and_then_one_an_interval() {
        let (mut bucket, now) = (Bucket::new(5), Instant::now());
        assert_eq!(waits(&mut bucket, now, 8), [0, 0, 0, 0, 0, 200, 400, 600]);
    }

    #[test]
    fn it_fills_again_with_time_and_never_beyond_the_burst() {
        let (mut bucket, now) = (Bucket::new(5), Instant::now());
        assert_eq!(waits(&mut bucket, now, 5), [0; 5]);
        let later = now + Duration::from_millis(400);
        assert_eq!(waits(&mut bucket, later, 3), [0, 0, 200]);
        let much_later = now + Duration::from_hours(1);
        assert_eq!(waits(&mut bucket, much_later, 6), [0, 0, 0, 0, 0, 200]);
    }

    #[test]
    fn in_no_second_do_more_go_than_a_burst_and_the_rate() {
        let (mut bucket, start) = (Bucket::new(50), Instant::now());
        // Callers of every pace: all at once, then one every three milliseconds.
        let comes = |n: u64| start + Duration::from_millis(if n < 200 { 0 } else { (n - 200) * 3 });
        let gone: Vec<Instant> = (0..1_000).map(|n| comes(n) + bucket.take(comes(n))).collect();
        assert!(gone.is_sorted());
        for (n, at) in gone.iter().enumerate() {
            let within =
                gone[n..].iter().take_while(|later| later.duration_since(*at) < Duration::from_secs(1)).count();
            assert!(within <= 100, "{within} from {n}");
        }
        // After the burst, fifty a second for ever.
        assert_eq!(gone[999].duration_since(start), Duration::from_secs(19));
    }
}
