// What an account counts as, with the days that an outage took, and fetching it now, by clicking in a real browser.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PHONE, launch, look } from './chromium.mjs';
import * as steps from './steps.mjs';
import { call, connect, heading, job, row, told } from './steps.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const story = (...all) => steps.story(browser, ...all);

const fault = (mooring, body) => call(`${mooring.simulator}/_sim/faults`, 'POST', body);
const noFaults = (mooring) => call(`${mooring.simulator}/_sim/faults`, 'DELETE');
const pass = (mooring, advance) => call(`${mooring.product}/v1/dev/clock`, 'POST', { advance });

/** Days go by, each with what is fetched on it, in so many tries. */
async function live(mooring, days, tries = 1) {
  for (let day = 0; day < days; day += 1) {
    await pass(mooring, 'P1D');
    for (let one = 0; one < tries; one += 1) {
      await pass(mooring, 'PT30M');
      await job(mooring, 'sync');
    }
  }
}

const signIn = (page, mooring, role = 'owner') =>
  page.goto(`${mooring.product}/console/sign-in?workspace=brand-new&role=${role}`);

/** Acme's Instagram account, and its page. */
async function account(page, mooring) {
  await signIn(page, mooring);
  await connect(page, 'instagram', 'acme', { at: 'Instagram' });
  await told(page, 'status', '1 account is connected');
  await row(page, 'Acme', 'Instagram').getByRole('link', { name: 'Acme' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Acme' }).waitFor();
  return page.url();
}

const data = (page) => page.getByRole('region', { name: 'Data' });

/** The first run, an outage of three days, and what is seen of it all. */
async function figures(page, mooring, look) {
  const at = await account(page, mooring);
  await data(page).getByText('Not yet').waitFor();
  await look('account-never-fetched');
  await data(page).getByRole('link', { name: 'how far it is' }).click();
  assert.equal(await heading(page), 'Fetching data');
  await page.getByText('It begins in a moment.').waitFor();
  await page.getByRole('link', { name: 'Let it stand still' }).click();
  await page.getByRole('link', { name: 'Let it look by itself' }).waitFor();
  await look('run-queued');
  await page.getByRole('link', { name: 'Let it look by itself' }).click();
  await job(mooring, 'sync');
  await page.getByRole('heading', { level: 1, name: 'Data fetched' }).waitFor();
  await look('run-succeeded');

  await live(mooring, 4);
  await fault(mooring, { platform: 'instagram', route: '*', kind: 'status:503' });
  await live(mooring, 3, 3);
  await signIn(page, mooring);
  await page.goto(at);
  await data(page).getByText('Nothing has to be done: it is tried again by itself').waitFor();
  await look('account-outage');
  await noFaults(mooring);
  await call(`${mooring.simulator}/_sim/events`, 'POST', {
    platform: 'instagram', account: 'acme', kind: 'rename', to: 'acme_bakery',
  });
  await live(mooring, 5);

  await signIn(page, mooring);
  await page.goto(at);
  await page.getByRole('heading', { name: 'Figures' }).waitFor();
  await look('account-figures');
  await page.getByRole('region', { name: 'Figures' }).getByRole('link').click();
  assert.equal(await heading(page), 'Figures');
  const chart = page.getByRole('img', { name: /^Followers, / });
  await chart.waitFor();
  assert.equal(await page.locator('svg.plot rect.gap').count(), 1);
  const words = await page.locator('svg.plot desc').textContent();
  assert.match(words, /No data on \d days: \w+ \d+ to \w+ \d+, \d+ \(the data cannot be fetched\)/);
  await page.getByText('have no data, so when it moved is not fully known').waitFor();
  assert.match(await page.locator('main').innerText(), /\d+% complete: \d+ of \d+ days have data/);
  await look('figures');
  await page.locator('details.asks > summary').first().click();
  await page.getByRole('cell', { name: 'No data' }).first().waitFor();
  await look('figures-table');

  const days = page.getByRole('navigation', { name: 'Days' });
  await days.getByRole('link', { name: '90 days' }).click();
  assert.equal(await days.locator('[aria-current]').innerText(), '90 days');
  await page.getByRole('navigation', { name: 'Figure' }).getByRole('link', { name: 'Reach' }).click();
  await page.getByRole('heading', { level: 2, name: 'Reach over time' }).waitFor();
  assert.equal(await days.locator('[aria-current]').innerText(), '90 days', 'the days stay chosen');
  await look('figures-reach');

  const csv = new URL(await page.getByRole('link', { name: 'CSV' }).getAttribute('href'), page.url()).href;
  const table = await page.request.get(csv);
  assert.match(table.headers()['content-type'], /^text\/csv/);
  assert.match(await table.text(), /^account,metric,first_day,[^]*,reach,/);
}

// S0-28, S0-29, S0-46, S4-02, S4-03, S4-05
test('figures over days with the gap of an outage, fit for every eye, window and light', () =>
  story({}, (page, mooring) => figures(page, mooring, (name) => look(page, `data-${name}`))));

test('the same without a script, on a phone', () =>
  story({ javaScriptEnabled: false, viewport: PHONE }, (page, mooring) => figures(page, mooring, async () => {})));

/** Asked for, watched step by step, refused a moment later, and what becomes of a run that fails. */
async function now(page, mooring, look) {
  const at = await account(page, mooring);
  await job(mooring, 'sync');
  await page.reload();
  await look('account-fetched');
  // By the keyboard alone.
  await data(page).getByRole('button', { name: 'Fetch now' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('It begins in a moment.').waitFor();
  const run = page.url();
  await fault(mooring, { platform: 'instagram', route: 'profile', kind: 'slow:4000' });
  const fetched = job(mooring, 'sync');
  await page.getByText('Reading the profile: step 2 of 3.').waitFor();
  await page.locator('[aria-current="step"]', { hasText: 'Reading the profile' }).waitFor();
  await page.getByRole('link', { name: 'Let it stand still' }).click();
  await look('run-running');
  await page.getByRole('link', { name: 'Let it look by itself' }).click();
  await noFaults(mooring);
  await fetched;
  await page.getByRole('heading', { level: 1, name: 'Data fetched' }).waitFor();
  assert.equal(page.url(), run);
  await page.getByText('Everything was fetched.').waitFor();

  await page.getByRole('link', { name: 'Back to the account' }).click();
  const button = data(page).getByRole('button', { name: 'Fetch now' });
  assert.equal(await button.isDisabled(), true);
  assert.match(await data(page).locator('.why').innerText(), /again from \d\d:\d\d:\d\d UTC on/);
  await look('account-cooldown');

  await pass(mooring, 'PT2M');
  await page.reload();
  await button.click();
  await fault(mooring, { platform: 'instagram', route: '*', kind: 'status:503' });
  await job(mooring, 'sync');
  await page.getByRole('heading', { level: 1, name: 'Data not fetched' }).waitFor();
  await page.getByRole('heading', { name: 'What to do' }).waitFor();
  await look('run-failed');
  await noFaults(mooring);
  await pass(mooring, 'PT2M');
  await page.getByRole('button', { name: 'Fetch again' }).click();
  await page.getByText('It begins in a moment.').waitFor();
  await job(mooring, 'sync');
  await page.getByRole('heading', { level: 1, name: 'Data fetched' }).waitFor();
  await page.goto(at);
  await data(page).getByRole('link', { name: 'The last run' }).click();
  await page.getByRole('heading', { level: 1, name: 'Data fetched' }).waitFor();
}

// S0-31
test('data is fetched now and watched step by step, fit for every eye', () =>
  story({}, (page, mooring) => now(page, mooring, (name) => look(page, `now-${name}`))));

test('data is fetched now without a script, on a phone', () =>
  story({ javaScriptEnabled: false, viewport: PHONE }, (page, mooring) => now(page, mooring, async () => {})));
