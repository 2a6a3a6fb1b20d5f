// The newcomer's minute and what follows it, by clicking in a real browser.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PHONE, launch, look } from './chromium.mjs';
import * as steps from './steps.mjs';
import { card, connect, counted, go, heading, on, row, told } from './steps.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const story = (...all) => steps.story(browser, ...all);

/** All that a person can do; `look` is given each page. */
async function wholeLife(page, mooring, look) {
  const seenAt = (platform) => (what) => look(`${what}-${platform}`);
  await page.goto(`${mooring.product}/console`);
  assert.equal(await heading(page), 'demo');
  await look('overview');

  await connect(page, 'facebook', 'acme', { seen: seenAt('facebook') });
  await told(page, 'status', '1 account is connected');
  await row(page, 'Acme', 'Facebook').waitFor();
  assert.equal(new URL(page.url()).origin, mooring.product);
  await look('connected');

  await connect(page, 'x', 'acme', { answer: 'Deny', seen: seenAt('x') });
  await page.getByRole('alert').waitFor();
  assert.equal(await row(page, 'Acme', 'X').count(), 0);
  await look('denied');

  await connect(page, 'x', 'acme');
  await told(page, 'status', '1 account is connected');
  await row(page, 'Acme', 'X').waitFor();

  await go(page, 'agency');
  const before = await counted(page);
  await connect(page, 'facebook', 'agency');
  await page.getByRole('heading', { level: 1, name: 'Which accounts' }).waitFor();
  const boxes = page.getByRole('checkbox');
  const refused = page.locator('li.choice.not');
  assert.deepEqual([await page.locator('li.choice').count(), await boxes.count(), await refused.count()], [30, 26, 4]);
  for (const why of await refused.locator('.why').allInnerTexts()) assert.match(why, /\w+ \w+/);
  await look('choose');
  for (const box of (await boxes.all()).slice(0, 25)) await box.check();
  await page.getByRole('button', { name: 'Connect the chosen accounts' }).click();
  await page.getByText('25 accounts connected so far').waitFor();
  await look('choose-more');
  await page.getByRole('button', { name: 'Finish' }).click();
  await told(page, 'status', '25 accounts are connected');
  assert.equal(await counted(page), before + 25);
  await page.getByRole('link', { name: 'Next page' }).waitFor();
  await look('many');

  const next = on(page, 'Facebook').filter({ has: page.getByRole('button', { name: 'Set as main' }) }).first();
  const name = await next.getByRole('heading').innerText();
  await next.getByRole('button', { name: 'Set as main' }).click();
  await row(page, name, 'Facebook').getByText('Main', { exact: true }).waitFor();
  assert.equal(await on(page, 'Facebook').locator('.chip.main').count(), 1);

  await row(page, name, 'Facebook').getByRole('link', { name: 'Disconnect' }).click();
  await page.getByRole('heading', { level: 1, name: 'Disconnect this account?' }).waitFor();
  await look('disconnect');
  await page.getByRole('button', { name: `Disconnect ${name}` }).click();
  await page.getByRole('heading', { level: 1, name: 'Disconnected' }).waitFor();
  await look('disconnected');
  await page.getByRole('link', { name: 'Back to the overview' }).click();
  assert.equal(await row(page, name, 'Facebook').count(), 0);
  await page.getByRole('link', { name: 'Show disconnected' }).click();
  await row(page, name, 'Facebook').getByText('Disconnected', { exact: true }).waitFor();
  await look('with-disconnected');

  await go(page, 'demo');
  await row(page, 'Acme', 'X').getByRole('link', { name: 'Remove' }).click();
  await page.getByRole('heading', { level: 1, name: 'Remove this account?' }).waitFor();
  await look('remove');
  await page.getByRole('button', { name: 'Remove Acme' }).click();
  await page.getByRole('heading', { level: 1, name: 'Removed' }).waitFor();
  await page.getByText('Access').first().waitFor();
  await look('removed');
  await page.getByRole('link', { name: 'Back to the overview' }).click();
  assert.equal(await row(page, 'Acme', 'X').count(), 0);

  await go(page, 'solo');
  const full = card(page, 'x');
  assert.equal(await full.getByRole('button', { name: 'Connect' }).isDisabled(), true);
  assert.match(await full.locator('.why').innerText(), /plan/i);
  assert.equal(await card(page, 'facebook').getByRole('button', { name: 'Connect' }).isEnabled(), true);
  await look('limit');
}

// S0-17, S1-07, S1-26, S2-02, S3-15, S3-38, S4-12
test('a whole life by clicks, fit for every eye, window and light', () =>
  story({}, (page, mooring) => wholeLife(page, mooring, (name) => look(page, name))));

test('a whole life without a script, on a phone', () =>
  story({ javaScriptEnabled: false, viewport: PHONE }, (page, mooring) => wholeLife(page, mooring, async () => {})));

test('the pages beside the way are fit as well', () =>
  story({}, async (page, mooring) => {
    const api = async (path, token, body) => {
      const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
      return (await fetch(mooring.product + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
    };
    // An attempt of an app without a return address ends on our own page.
    const { token } = await api('/v1/dev/tokens', null, { workspace: 'Fresh_Bakery', role: 'owner', plan: 'enterprise' });
    for (const [person, outcome] of [['acme', 'The account is connected'], ['agency', 'One step left']]) {
      const session = await api('/v1/workspaces/Fresh_Bakery/connect-sessions', token, { platform: 'facebook' });
      await page.goto(session.start_url);
      await page.getByRole('button', { name: 'Continue to Facebook' }).click();
      await page.locator(`#person-${person}`).check();
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByRole('heading', { level: 1, name: outcome }).waitFor();
      await look(page, `done-${person}`);
    }
    // What is planned stands on the page before an end, and how the access is withdrawn by hand on one of its own.
    const bearer = { authorization: `Bearer ${token}` };
    const list = await fetch(`${mooring.product}/v1/workspaces/Fresh_Bakery/accounts`, { headers: bearer });
    const { id } = (await list.json()).data[0];
    const posts = Array.from({ length: 12 }, (_, n) => ({ id: `post-${n}`, at: `2099-12-${n + 10}T09:00:00Z` }));
    const body = JSON.stringify({ scheduled_posts: posts, campaigns: [{ id: 'c', name: 'Advent' }], drafts: 3 });
    const headers = { ...bearer, 'content-type': 'application/json' };
    await fetch(`${mooring.product}/v1/accounts/${id}/usage`, { method: 'PUT', headers, body });
    await page.goto(`${mooring.product}/console/sign-in?workspace=Fresh_Bakery`);
    await page.goto(`${mooring.product}/console/accounts/${id}/remove`);
    await page.getByText('12 scheduled posts, 1 campaign, 3 drafts will be deleted').waitFor();
    await look(page, 'remove-planned');
    await page.goto(`${mooring.product}/help/revoke/instagram#instagram_login`);
    await page.getByRole('heading', { level: 1, name: 'Withdraw the access at Instagram' }).waitFor();
    await look(page, 'revoke');
    await page.goto(`${mooring.product}/docs/errors`);
    await look(page, 'errors');
    await page.getByRole('link', { name: 'plan_limit_reached' }).click();
    await look(page, 'error');
    // A workspace where nothing is connected yet.
    await page.goto(`${mooring.product}/console/sign-in?workspace=brand-new`);
    await page.getByRole('heading', { name: 'Connect your first account' }).waitFor();
    await look(page, 'first');
  }));

test('a page that is not there tells so', () =>
  story({}, async (page, mooring) => {
    const answer = await page.goto(`${mooring.product}/v1/oauth/start/cs_01JD0000000000000000000000`);
    assert.equal(answer.status(), 404);
    await look(page, 'problem');
  }, /status of 404/));
