//! What Meta's Graph API measures of a page or an account (developers.facebook.com, "Page Insights", "Instagram
//! Insights").

use std::collections::BTreeMap;

use domain::{Audience, Counts, Facet, Metric, Secret, Timestamp};
use futures::try_join;
use jiff::{SignedDuration, ToSpan as _, civil::Date};
use serde_json::Value;

use crate::{PlatformError, audience, oauth::OAuth, read};

/// Meta's words, and what each is here.
pub(crate) type Words = [(&'static str, &'static [Metric])];

/// Of whom, by which token, and when.
pub(crate) struct Insights<'a> {
    pub(crate) oauth: &'a OAuth,
    pub(crate) id: &'a str,
    pub(crate) token: &'a Secret,
    pub(crate) days: [Date; 2],
    /// Between `since` and `until` are at most so many days.
    pub(crate) most_days: i32,
    pub(crate) now: Timestamp,
}

impl Insights<'_> {
    /// Day by day. A day of which nothing is known does not come.
    pub(crate) async fn daily(&self, words: &Words) -> Result<BTreeMap<Date, Counts>, PlatformError> {
        let [from, to] = self.days;
        let mut daily: BTreeMap<Date, Counts> = BTreeMap::new();
        for [since, last] in self.spans() {
            // A value comes under the end of its day, which is the next one's morning in UTC.
            for (metrics, row) in self.read(words, [since, last.saturating_add(2.days())], &[]).await? {
                for value in row.get("values").and_then(Value::as_array).into_iter().flatten() {
                    let day = day_before(value.get("end_time")).filter(|day| (from..=to).contains(day));
                    if let Some((day, count)) = day.zip(read::count(value.get("value"))) {
                        daily.entry(day).or_default().extend(metrics.iter().map(|metric| (*metric, count)));
                    }
                }
            }
        }
        Ok(daily)
    }

    /// Over all of the days, as Meta sums them; for what can be summed further alone. A sum is known where all its
    /// parts are.
    pub(crate) async fn total(&self, words: &Words) -> Result<Counts, PlatformError> {
        let mut total: Option<Counts> = None;
        for [since, last] in self.spans() {
            let days = [since, last.saturating_add(1.days())];
            let rows = self.read(words, days, &[("metric_type", "total_value")]).await?;
            let told = rows
                .iter()
                .filter_map(|(metrics, row)| Some((metrics, read::count(row.pointer("/total_value/value"))?)));
            let told: Counts =
                told.flat_map(|(metrics, count)| metrics.iter().map(move |metric| (*metric, count))).collect();
            let more = |(metric, count): (Metric, u64)| Some((metric, count.saturating_add(*told.get(&metric)?)));
            total = Some(match total {
                None => told,
                Some(sum) => sum.into_iter().filter_map(more).collect(),
            });
        }
        Ok(total.unwrap_or_default())
    }

    /// The days in equal spans, each of which can be asked for at once with the day after.
    fn spans(&self) -> Vec<[Date; 2]> {
        let [from, to] = self.days;
        let count = from.until(to).map_or(0, |span| span.get_days()) + 1;
        let parts = (count - 1) / (self.most_days - 1) + 1;
        let long = (count - 1) / parts + 1;
        let mut spans = Vec::new();
        let mut next = Some(from);
        while let Some(first) = next.filter(|first| *first <= to) {
            let last = first.saturating_add((long - 1).days()).min(to);
            spans.push([first, last]);
            next = last.tomorrow().ok();
        }
        spans
    }

    /// The rows of an answer by what they are here.
    async fn read(
        &self,
        words: &Words,
        days: [Date; 2],
        more: &[(&str, &str)],
    ) -> Result<Vec<(&'static [Metric], Value)>, PlatformError> {
        let metric = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(",");
        let [since, until] = days.map(|day| day.to_string());
        let mut query = vec![("metric", metric.as_str()), ("period", "day"), ("since", &since), ("until", &until)];
        query.extend(more);
        let url = self.oauth.api(&[self.id, "insights"], &query);
        let (mut answer, _) = self.oauth.get(url, self.token, self.now).await?;
        let Some(Value::Array(rows)) = answer.get_mut("data").map(Value::take) else {
            return Err(PlatformError::Contract("insights without data".to_owned()));
        };
        let known = |row: &Value| {
            let name = read::text(row.get("name"))?;
            words.iter().find(|(word, _)| *word == name).map(|(_, metrics)| *metrics)
        };
        Ok(rows.into_iter().filter_map(|row| Some((known(&row)?, row))).collect())
    }
}

/// Who follows, where an edge tells it by one facet at a time (`follower_demographics`); of fewer than a hundred
/// followers nothing comes.
pub(crate) struct Demographics<'a> {
    pub(crate) oauth: &'a OAuth,
    /// Of whom.
    pub(crate) path: [&'a str; 2],
    /// What is asked beside the facet.
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) token: &'a Secret,
    pub(crate) now: Timestamp,
}

impl Demographics<'_> {
    /// All facets, in parts of those followers of whom Meta knows the one that it knows best: of countries and cities
    /// it tells the largest 45 only.
    pub(crate) async fn audience(&self) -> Result<Audience, PlatformError> {
        let (age, gender, country, city) =
            try_join!(self.by("age"), self.by("gender"), self.by("country"), self.by("city"))?;
        let facets = [(Facet::Age, age), (Facet::Gender, gender), (Facet::Country, country), (Facet::City, city)];
        let sum = |told: &Vec<(String, u64)>| told.iter().fold(0, |sum: u64, (_, count)| sum.saturating_add(*count));
        let whole = facets.iter().map(|(_, told)| sum(told)).max().unwrap_or_default();
        let parts = facets.iter().map(|(facet, told)| {
            (*facet, audience::parts(told.iter().map(|(name, count)| (name.as_str(), *count)), whole))
        });
        Ok(parts.filter(|(_, parts)| !parts.is_empty()).collect())
    }

    async fn by(&self, facet: &str) -> Result<Vec<(String, u64)>, PlatformError> {
        let query = [&[("metric", "follower_demographics"), ("breakdown", facet)], self.query].concat();
        let (answer, _) = self.oauth.get(self.oauth.api(&self.path, &query), self.token, self.now).await?;
        if !answer.get("data").is_some_and(Value::is_array) {
            return Err(PlatformError::Contract("insights without data".to_owned()));
        }
        let rows = answer.pointer("/data/0/total_value/breakdowns/0/results").and_then(Value::as_array);
        let row = |row: &Value| {
            Some((read::text(row.pointer("/dimension_values/0"))?.to_owned(), read::count(row.get("value"))?))
        };
        Ok(rows.into_iter().flatten().filter_map(row).collect())
    }
}

/// The day that ended then: Meta's days are California's, which UTC's date a day earlier names as well.
fn day_before(end: Option<&Value>) -> Option<Date> {
    let end: Timestamp = read::text(end)?.parse().ok()?;
    Some(read::day(end - SignedDuration::from_hours(24)))
}
