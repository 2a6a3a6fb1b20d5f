// Instagram in a newcomer's first minute, both ways; what was not allowed; and the second device.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PHONE, launch, look, open } from './chromium.mjs';
import * as steps from './steps.mjs';
import { card, connect, decide, go, heading, job, row, told } from './steps.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const story = (...all) => steps.story(browser, ...all);

/** Both ways, one after the other, and what the account's page says. */
async function bothWays(page, mooring, look) {
  await page.goto(`${mooring.product}/console/sign-in?workspace=brand-new`);
  const instagram = card(page, 'instagram');
  await instagram.getByText('For accounts linked to a Page').waitFor();
  await instagram.getByText('No Page needed').waitFor();
  const ways = instagram.locator('details.asks');
  assert.equal(await ways.count(), 2);
  for (const way of await ways.all()) await way.locator('summary').click();
  assert.deepEqual(await ways.first().getByRole('checkbox', { checked: true }).count(), 2);
  await look('ig-ways');

  const seenBy = (way) => (what) => look(`ig-${what}-${way}`);
  await connect(page, 'instagram', 'acme', { at: 'Facebook', seen: seenBy('facebook') });
  await told(page, 'status', '1 account is connected');
  await job(mooring, 'sync');
  await row(page, 'Acme', 'Instagram').getByRole('link', { name: 'Acme' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Acme' }).waitFor();
  await page.getByText('Everything that was asked for works.').waitFor();
  assert.equal(await page.locator('table.matrix .bad').count(), 0);
  await look('ig-account-facebook');

  await go(page, 'demo');
  await connect(page, 'instagram', 'acme', { at: 'Instagram', seen: seenBy('direct') });
  await told(page, 'status', '1 account is connected');
  await job(mooring, 'sync');
  await row(page, 'Acme', 'Instagram').getByRole('link', { name: 'Acme' }).first().click();
  await page.getByText('Everything that was asked for works.').waitFor();
  await look('ig-account-direct');
}

// S2-04, S2-05: the newcomer's minute.
test('Instagram both ways in a minute, fit for every eye, window and light', () =>
  story({}, (page, mooring) => bothWays(page, mooring, (name) => look(page, name))));

test('Instagram both ways without a script, on a phone', () =>
  story({ javaScriptEnabled: false, viewport: PHONE }, (page, mooring) => bothWays(page, mooring, async () => {})));

/** What was unticked at the platform is said, and one button asks for it again. */
async function partly(page, mooring, look) {
  await page.goto(`${mooring.product}/console`);
  await connect(page, 'instagram', 'acme', { at: 'Facebook', without: 'instagram_content_publish' });
  await told(page, 'status', 'not everything was allowed');
  await row(page, 'Acme', 'Instagram').getByText('Limited', { exact: true }).waitFor();
  await row(page, 'Acme', 'Instagram').getByText('Publishing was not allowed.').waitFor();
  await look('ig-limited-list');
  await row(page, 'Acme', 'Instagram').getByRole('link', { name: 'Acme' }).first().click();
  await page.getByRole('heading', { level: 2, name: 'Connected, with limits' }).waitFor();
  await page.locator('table.matrix tr', { hasText: 'instagram_content_publish' }).getByText('Not given').waitFor();
  await look('ig-limited');
  await page.getByRole('button', { name: 'Allow publishing' }).click();
  await page.getByRole('button', { name: 'Continue to Facebook' }).click();
  await decide(page, 'Facebook', 'acme');
  await told(page, 'status', '1 account is connected');
  await job(mooring, 'sync');
  await page.reload();
  await row(page, 'Acme', 'Instagram').getByText('Connected', { exact: true }).waitFor();
}

// S0-76, CHK-A12
test('a partial consent is shown and healed, fit for every eye', () =>
  story({}, (page, mooring) => partly(page, mooring, (name) => look(page, name))));

test('a partial consent is shown and healed without a script', () =>
  story({ javaScriptEnabled: false, viewport: PHONE }, (page, mooring) => partly(page, mooring, async () => {})));

test('whatever goes wrong is said in a sentence with one button', () =>
  story({}, async (page, mooring) => {
    await page.goto(`${mooring.product}/console`);
    const ends = [
      ['denied', 'acme', { at: 'Facebook', answer: 'Deny' }, 'The permission was not given', 'Connect Instagram again'],
      ['no-pages', 'personal', { at: 'Facebook' }, 'No pages came back', 'Try again'],
      ['personal', 'personal', { at: 'Instagram' }, 'This kind of account cannot be connected', 'Sign in to another account'],
    ];
    for (const [name, person, how, title, button] of ends) {
      await connect(page, 'instagram', person, how);
      const note = page.getByRole('alert').filter({ hasText: title });
      await note.waitFor();
      assert.deepEqual(await note.getByRole('button').allInnerTexts(), [button]);
      await look(page, `ig-${name}`);
    }
    // Pages without Instagram, next to one that has it; and alone.
    await connect(page, 'instagram', 'acme-team', { at: 'Facebook' });
    await page.locator('li.choice.not', { hasText: 'No Instagram account is linked to this page' }).waitFor();
    await look(page, 'ig-choose');
    await page.getByRole('button', { name: 'Not now' }).click();
    await told(page, 'status', 'Nothing was connected');
    await look(page, 'ig-cancelled');
    await connect(page, 'instagram', 'hobby', { at: 'Facebook' });
    await page.getByRole('button', { name: 'Connect with Instagram, without a Page' }).waitFor();
    await look(page, 'ig-choose-none');
  }));

test('thirty pages: the button is in sight from the first row to the last', () =>
  story({ viewport: PHONE }, async (page, mooring) => {
    await page.goto(`${mooring.product}/console/sign-in?workspace=agency`);
    await connect(page, 'instagram', 'agency', { at: 'Facebook' });
    const button = page.getByRole('button', { name: 'Connect the chosen accounts' });
    const boxes = await page.getByRole('checkbox').all();
    for (const box of [boxes[0], boxes[Math.floor(boxes.length / 2)], boxes.at(-1)]) {
      await box.focus();
      const [bar, at] = [await button.boundingBox(), await box.boundingBox()];
      assert.ok(bar.y + bar.height <= PHONE.height && bar.y >= 0, 'the button is in the window');
      assert.ok(at.y + at.height <= bar.y && at.y >= 0, 'and covers no box that has the focus');
    }
    await page.screenshot({ path: new URL('../../target/browser/ig-choose-bar-phone.png', import.meta.url).pathname });
    await look(page, 'ig-choose-many');
  }));

/** The desk starts, the phone finishes, the desk goes on. */
async function twoDevices(desk, mooring, look, phoneOptions) {
  const phone = await open(browser, mooring, { viewport: PHONE, ...phoneOptions });
  try {
    await desk.goto(`${mooring.product}/console`);
    await card(desk, 'instagram').getByRole('button', { name: 'Connect Instagram with Facebook' }).click();
    await desk.getByRole('button', { name: 'Continue on another device' }).click();
    await desk.getByRole('heading', { level: 1, name: 'Continue on another device' }).waitFor();
    await desk.getByRole('link', { name: 'Let it stand still' }).click();
    await desk.getByRole('link', { name: 'Let it look by itself' }).waitFor();
    await look(desk, 'handoff');
    const link = await desk.locator('code.take').innerText();
    const digits = (await desk.locator('#code').innerText()).replaceAll(' ', '');
    assert.match(digits, /^\d{4}$/);

    await phone.page.goto(link);
    await look(phone.page, 'finish-here');
    await phone.page.getByLabel('The four digits').fill(digits === '0000' ? '1111' : '0000');
    await phone.page.getByRole('button', { name: 'Go on' }).click();
    await phone.page.getByRole('alert').filter({ hasText: '2 tries are left' }).waitFor();
    await look(phone.page, 'finish-here-wrong');
    await desk.getByRole('link', { name: 'Look again' }).click();
    await told(desk, 'status', 'Two tries are left');
    await look(desk, 'handoff-wrong');
    // From now on it looks by itself.
    await desk.getByRole('link', { name: 'Let it look by itself' }).click();

    await phone.page.getByLabel('The four digits').fill(digits);
    await phone.page.getByRole('button', { name: 'Go on' }).click();
    await told(desk, 'status', 'The code was right');
    await phone.page.getByRole('button', { name: 'Continue to Facebook' }).click();
    await told(desk, 'status', 'at Facebook now');
    await decide(phone.page, 'Facebook', 'acme');
    await phone.page.getByRole('heading', { level: 1, name: 'The account is connected' }).waitFor();
    await look(phone.page, 'finish-done');

    await told(desk, 'status', '1 account is connected');
    await row(desk, 'Acme', 'Instagram').waitFor();
    phone.quiet(/status of 401/);
  } finally {
    await phone.close();
  }
}

// S0-81
test('an attempt goes on on a phone, and the first device follows by itself', () =>
  story({}, (page, mooring) => twoDevices(page, mooring, look, {})));

test('the same without a script on either', () =>
  story({ javaScriptEnabled: false }, (page, mooring) =>
    twoDevices(page, mooring, async () => {}, { javaScriptEnabled: false })));

test('a code that was wrong three times, and a new one', () =>
  story({ viewport: PHONE }, async (page, mooring) => {
    const phone = await open(browser, mooring, { viewport: PHONE });
    await page.goto(`${mooring.product}/console`);
    await card(page, 'x').getByRole('button', { name: 'Connect' }).click();
    await page.getByRole('button', { name: 'Continue on another device' }).click();
    await page.getByRole('link', { name: 'Let it stand still' }).click();
    await page.getByRole('link', { name: 'Let it look by itself' }).waitFor();
    const digits = (await page.locator('#code').innerText()).replaceAll(' ', '');
    await phone.page.goto(await page.locator('code.take').innerText());
    for (const tries of [1, 2, 3]) {
      await phone.page.getByLabel('The four digits').fill(digits === '0000' ? '1111' : '0000');
      await phone.page.getByRole('button', { name: 'Go on' }).click();
      await phone.page.getByRole('alert').filter({ hasText: ['2 tries', 'One try', 'three times'][tries - 1] }).waitFor();
    }
    await look(phone.page, 'finish-here-void');
    await page.getByRole('link', { name: 'Look again' }).click();
    await told(page, 'status', 'wrong three times');
    await look(page, 'handoff-void');
    await page.getByRole('button', { name: 'New code' }).click();
    await page.locator('#code').waitFor();
    const fresh = (await page.locator('#code').innerText()).replaceAll(' ', '');
    await phone.page.getByRole('link', { name: 'I have a new code' }).click();
    await phone.page.getByLabel('The four digits').fill(fresh);
    await phone.page.getByRole('button', { name: 'Go on' }).click();
    await phone.page.getByRole('heading', { level: 1, name: 'Connect X to demo' }).waitFor();
    phone.quiet(/status of (401|409)/);
    await phone.close();
  }));

test('the policy is set on a page of its own, and lends a further account', () =>
  story({}, async (page, mooring) => {
    await page.goto(`${mooring.product}/console`);
    await page.getByRole('link', { name: 'Settings' }).click();
    assert.equal(await heading(page), 'Settings');
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await told(page, 'status', 'Saved');
    await look(page, 'settings');
    await page.getByRole('link', { name: 'Back to the overview' }).click();
    await connect(page, 'facebook', 'acme', { seen: (what) => look(page, `${what}-also`) });
    await row(page, 'Acme', 'Facebook').getByRole('link', { name: 'Acme' }).first().click();
    await look(page, 'account-adds');
    await page.getByRole('button', { name: 'Add another Instagram account' }).click();
    await page.getByRole('button', { name: 'Connect the chosen accounts' }).click();
    await told(page, 'status', '1 account is connected');
    await row(page, 'Acme', 'Instagram').getByRole('link', { name: 'Acme' }).first().click();
    await page.getByRole('heading', { name: 'On the same consent' }).waitFor();
    await look(page, 'account-siblings');
  }));
