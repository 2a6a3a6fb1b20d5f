// The platforms beside Facebook, Instagram and X, as a person connects them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PHONE, SMALLEST, launch, look } from './chromium.mjs';
import * as steps from './steps.mjs';
import { card, connect, go, job, on, row, told } from './steps.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const story = (...all) => steps.story(browser, ...all);

/** Looks as everywhere, and in the smallest window too. */
async function lookClosely(page, name) {
  await look(page, name);
  await page.setViewportSize(SMALLEST);
  const [wide, room] = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
  assert.ok(wide <= room, `${name} is ${wide} pixels wide in a window of ${room}`);
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** What a start page says of what is allowed: each with what for, and what never. */
async function saysWhy(page, ...words) {
  const asked = await page.locator('ul.points.yes > li').allInnerTexts();
  assert.equal(asked.length, words.length);
  for (const [at, word] of words.entries()) {
    assert.match(asked[at], word);
    assert.match(asked[at], /never|Nothing is ever|No message is ever/);
  }
}

/** Opens the page of an account in the list. */
async function open(page, name, platform) {
  await row(page, name, platform).getByRole('link', { name }).first().click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** LinkedIn with two accounts chosen, TikTok in both ways, and YouTube; then the page of each. */
async function acme(page, mooring, look) {
  const seenAt = (platform, words) => async (what) => {
    if (what === 'start') await saysWhy(page, ...words);
    if (platform === 'youtube' && what === 'simulated') await page.getByText('Channels of Acme', { exact: true }).waitFor();
    await look(`${what}-${platform}`);
  };
  await page.goto(`${mooring.product}/console`);
  assert.equal(await page.locator('.cards .tile svg').count(), await page.locator('.cards > li').count());
  await look('platforms');

  const linkedin = [/company pages that you administer/, /Create posts/, /Read the numbers/];
  await connect(page, 'linkedin', 'acme', { seen: seenAt('linkedin', linkedin) });
  await page.getByRole('heading', { level: 1, name: 'Which accounts' }).waitFor();
  const offered = await page.locator('li.choice .words').allInnerTexts();
  assert.equal(offered.length, 2);
  assert.match(offered[0], /profile/);
  assert.match(offered[1], /company page · your role: admin/);
  for (const box of await page.getByRole('checkbox').all()) await box.check();
  await look('choose-linkedin');
  await page.getByRole('button', { name: 'Connect the chosen accounts' }).click();
  await told(page, 'status', '2 accounts are connected');
  await row(page, 'Acme', 'LinkedIn').nth(1).waitFor();
  assert.deepEqual((await row(page, 'Acme', 'LinkedIn').locator('.where').allInnerTexts()).map((t) => t.split('\n').at(-1)).sort(),
    ['company page', 'profile']);

  const tiktok = card(page, 'tiktok');
  await tiktok.getByText('For every account').waitFor();
  await tiktok.getByText('For business accounts').waitFor();
  const videos = [/TikTok (profile|business account)/, /Publish and upload videos/, /Read the list/];
  await connect(page, 'tiktok', 'acme', { way: 'TikTok', seen: seenAt('tiktok', videos) });
  await told(page, 'status', '1 account is connected');
  await row(page, 'Acme', 'TikTok').waitFor();
  // The same account by the other way stays one.
  await connect(page, 'tiktok', 'acme', { way: 'TikTok Business', seen: seenAt('tiktok-business', videos) });
  await told(page, 'status', '1 account is connected');

  const channel = [/See your YouTube channel/, /Upload videos/, /Read the numbers/];
  await connect(page, 'youtube', 'acme', { at: 'Google', seen: seenAt('youtube', channel) });
  await told(page, 'status', '1 account is connected');
  await row(page, 'Acme', 'YouTube').getByText('channel').waitFor();
  await look('platforms-connected');
  await job(mooring, 'sync');

  for (const [platform, renewal, place] of [
    ['LinkedIn', /Only by signing in again/, 'LinkedIn'],
    ['YouTube', /By itself/, 'Google'],
  ]) {
    await open(page, 'Acme', platform);
    await page.getByText('Everything that was asked for works.').waitFor();
    assert.match(await page.locator('dl.about > div', { hasText: 'Renewal' }).innerText(), renewal);
    const steps = page.locator('section[aria-labelledby="take-back"]');
    assert.ok((await steps.locator('ol > li').count()) > 1);
    await steps.getByRole('link', { name: `Open the settings of ${place}` }).waitFor();
    await look(`account-${platform.toLowerCase()}`);
    await page.getByRole('link', { name: 'demo', exact: true }).click();
  }
}

test('LinkedIn, TikTok and YouTube by clicks, fit for every eye, window and light', () =>
  story({}, (page, mooring) => acme(page, mooring, (name) => lookClosely(page, name))));

test('LinkedIn, TikTok and YouTube without a script, on a phone', () =>
  story({ javaScriptEnabled: false, viewport: PHONE }, (page, mooring) => acme(page, mooring, async () => {})));

test('the demo shows every platform and every state that there is', () =>
  story({}, async (page, mooring) => {
    await page.goto(`${mooring.product}/console`);
    for (const counted of await page.locator('.cards .count strong').allInnerTexts()) assert.notEqual(counted, '0');
    await row(page, 'Khan Legal', 'Instagram').getByText('Limited', { exact: true }).waitFor();
    assert.equal(await on(page, 'LinkedIn').count(), 2);
    assert.equal(await on(page, 'TikTok').count(), 2);
    await go(page, 'agency');
    // On the first page of the list; others came by a client's link.
    assert.ok((await on(page, 'Pinterest').count()) >= 2);
    for (const [name, platform, state, why] of [
      ['Lena Novak', 'LinkedIn', 'Expired', /has ended/],
      ['Noah Lindqvist', 'LinkedIn', 'Ends soon', /sign in again by/],
      ['Clara Dubois', 'TikTok', 'Expired', /taken back/],
      ['Priya Nair', 'Pinterest', 'Trouble', /\w/],
      ['Atelier Dubois', 'Threads', 'Limited', /Publishing was not allowed/],
      ['Aisha Khan', 'X', 'Not working', /restricted/],
    ]) {
      await row(page, name, platform).getByText(state, { exact: true }).waitFor();
      assert.match(await row(page, name, platform).locator('.limit').innerText(), why, name);
    }
    await lookClosely(page, 'states');
    await page.getByRole('link', { name: 'Show disconnected' }).click();
    await row(page, 'Ewan Fraser', 'X').getByText('Disconnected', { exact: true }).waitFor();
    // The widest permissions of all are addresses.
    await row(page, 'Nair Sweets', 'Google Business Profile').getByRole('link', { name: 'Nair Sweets' }).first().click();
    await page.getByText('Everything that was asked for works.').waitFor();
    await lookClosely(page, 'account-location');
  }));
