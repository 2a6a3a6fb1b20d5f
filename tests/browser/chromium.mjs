// Debian's Chromium, driven by clicks; and an eye on what every page must keep.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const SHOTS = fileURLToPath(new URL('../../target/browser/', import.meta.url));

/** What a page of ours and its stylesheets may weigh on the way, in bytes; the console's search comes on top. */
const HEAVIEST = 15_000;
const HEAVIEST_WITH_SEARCH = 16_000;

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 360, height: 740 };
/** The smallest window that a page must fit. */
export const SMALLEST = { width: 320, height: 640 };

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** A person's window: it notes what a page should not do. */
export async function open(browser, mooring, options = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const wrong = [];
  const places = [mooring.product, mooring.simulator];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && !places.includes(url.origin)) wrong.push(`asked ${url}`);
  });
  page.on('console', (message) => message.type() === 'error' && wrong.push(`${page.url()}: ${message.text()}`));
  page.on('pageerror', (error) => wrong.push(`${page.url()}: ${error}`));
  const quiet = (except) => assert.deepEqual(wrong.filter((what) => !except?.test(what)), []);
  return { page, quiet, close: () => context.close() };
}

/** A page of ours is light; the platforms' pages are theirs. */
async function weigh(page, name) {
  const styles = await page.locator('link[rel="stylesheet"][href^="/assets/"]').all();
  if (styles.length === 0) return;
  let weight = gzipSync(await page.content()).length;
  for (const style of styles) {
    const sheet = await page.request.get(new URL(await style.getAttribute('href'), page.url()).href);
    weight += gzipSync(await sheet.body()).length;
  }
  const most = (await page.getByRole('search').count()) > 0 ? HEAVIEST_WITH_SEARCH : HEAVIEST;
  assert.ok(weight <= most, `${name} weighs ${weight} bytes`);
}

/** Looks at a page on a desktop and on a phone, by day and by night; keeps pictures in target/browser. */
export async function look(page, name, sizes = { desktop: DESKTOP, phone: PHONE }) {
  mkdirSync(SHOTS, { recursive: true });
  await weigh(page, name);
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const what = `${name}-${size}-${colorScheme}`;
      await page.screenshot({ path: `${SHOTS}${what}.png`, fullPage: true });
      const [wide, room] = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
      assert.ok(wide <= room, `${what} is ${wide} pixels wide in a window of ${room}`);
      await page.evaluate(AXE);
      const found = await page.evaluate((values) => axe.run({ runOnly: { type: 'tag', values } }), RULES);
      const broken = found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 200)).join(' | ')}`);
      assert.deepEqual(broken, [], what);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(Object.values(sizes)[0]);
}
