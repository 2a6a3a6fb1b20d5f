// What a person does in the console and on the simulated platforms, for every story.

import { startMooring } from '../judges/mooring.mjs';
import { open } from './chromium.mjs';

/** Each story has a `mooring` of its own, with the demo's data; its pages do nothing wrong, except what is named. */
export async function story(browser, options, tell, except) {
  const mooring = await startMooring('--manual', '--seed', '1');
  const window = await open(browser, mooring, options);
  try {
    await tell(window.page, mooring);
    window.quiet(except);
  } finally {
    await window.close();
    mooring.kill();
  }
}

/** A call that must succeed, to this machine's product or to its platforms. */
export async function call(url, method, body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${text}`);
  return text && JSON.parse(text);
}

/** Scheduled work, now. */
export const job = (mooring, name) => call(`${mooring.product}/v1/dev/jobs/${name}`, 'POST');

export const card = (page, platform) => page.locator(`#platform-${platform}`);
export const rows = (page) => page.locator('ul.accounts > li');
export const on = (page, platform) => rows(page).filter({ has: page.locator('.where').getByText(platform, { exact: true }) });
export const row = (page, name, platform) => on(page, platform).filter({ has: page.getByRole('heading', { name }) });
/** How many accounts there are, on all pages of the list. */
export const counted = async (page) => Number(await page.locator('.filters .number').first().innerText());
export const heading = (page) => page.getByRole('heading', { level: 1 }).innerText();

/** Waits for a text where the page tells what happened. */
export const told = (page, role, text) => page.getByRole(role).filter({ hasText: text }).waitFor();

export async function go(page, workspace) {
  await page.locator('details.switch > summary').click();
  await page.getByRole('navigation', { name: 'Workspaces' }).getByRole('link', { name: workspace }).click();
  await page.getByRole('heading', { level: 1, name: workspace }).waitFor();
}

/**
 * Connect, Continue, and the person's answer on the simulated platform. `way` is the one of several, `at` where one signs
 * in, if that is not the platform itself; `without` is what the person unticks there.
 */
export async function connect(page, platform, person, { answer = 'Approve', seen = async () => {}, at, way = at, without } = {}) {
  const name = await card(page, platform).getByRole('heading').innerText();
  const several = (await card(page, platform).getByRole('button').count()) > 1;
  const button = several ? `Connect ${name} with ${way}` : `Connect ${name}`;
  await card(page, platform).getByRole('button', { name: button, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: `Connect ${name} to` }).waitFor();
  await seen('start');
  await page.getByRole('button', { name: `Continue to ${at ?? name}` }).click();
  await decide(page, at ?? name, person, { answer, seen, without });
}

/** The person's answer on the simulated platform's page. */
export async function decide(page, at, person, { answer = 'Approve', seen = async () => {}, without } = {}) {
  await page.getByText(`Simulated ${at}`).first().waitFor();
  await page.locator(`#person-${person}`).check();
  if (without) await page.locator(`input[name="scope"][value="${without}"]`).uncheck();
  await seen('simulated');
  await page.getByRole('button', { name: answer }).click();
}
