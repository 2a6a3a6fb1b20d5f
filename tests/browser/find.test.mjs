// Accounts are found by the console's form, by eye and without a script.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PHONE, launch, look } from './chromium.mjs';
import * as steps from './steps.mjs';
import { counted, go, rows } from './steps.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

async function find(page, mooring, look) {
  await page.goto(`${mooring.product}/console`);
  await go(page, 'agency');
  const all = await counted(page);
  const form = page.getByRole('search');
  await form.getByLabel('Search').fill('zzz nobody');
  await form.getByRole('button', { name: 'Find' }).click();
  await page.getByText('There is no account to show here').waitFor();
  await look('find-nothing');
  await page.getByRole('link', { name: 'Clear' }).click();
  assert.equal(await counted(page), all);

  const name = await rows(page).first().getByRole('heading').innerText();
  const word = name.split(/\s/)[0];
  await form.getByLabel('Search').fill(word.toUpperCase());
  await form.getByLabel('Order').selectOption({ label: 'By name' });
  await form.getByRole('button', { name: 'Find' }).click();
  assert.ok((await rows(page).count()) > 0);
  assert.ok((await counted(page)) <= all);
  assert.equal(await form.getByLabel('Search').inputValue(), word.toUpperCase());
  await look('find');

  const status = form.getByLabel('Status');
  const option = status.locator('option').nth(1);
  const [, count] = /\((\d+)\)$/.exec(await option.innerText());
  await status.selectOption(await option.getAttribute('value'));
  await form.getByRole('button', { name: 'Find' }).click();
  assert.equal(await counted(page), Number(count), 'as many as the choice said');
}

const story = (...all) => steps.story(browser, ...all);

// S3-47, S3-51
test('accounts are found by words, status, owner and order', () =>
  story({}, (page, mooring) => find(page, mooring, (name) => look(page, name))));

test('accounts are found without a script, on a phone', () =>
  story({ javaScriptEnabled: false, viewport: PHONE }, (page, mooring) => find(page, mooring, async () => {})));
