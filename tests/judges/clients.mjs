// What the tests of published clients share: a simulator with an app at each platform, and a person who consents.

import assert from 'node:assert/strict';
import { forward } from './forward.mjs';
import { startMooring } from './mooring.mjs';

export const BACK = 'https://mooring.example/callback';

/** An app's name and secret at a platform. */
export const app = (platform) => ({
  id: { facebook: '1001', instagram: '2001', threads: '3001' }[platform] ?? `${platform}-app`,
  secret: `${platform}-app-secret`,
});

/** The simulator, to which from now on everything by https goes. */
export async function startSimulator() {
  const mooring = await startMooring('--manual', '--no-demo');
  const sim = async (method, path, body) => {
    const answer = await fetch(`${mooring.simulator}/_sim/${path}`, { method, body: body && JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
  };
  const restore = forward(mooring.simulator);
  return {
    sim,
    /** Registers the app; `false` if there is no such platform yet. */
    register: async (platform) => {
      const { id, secret } = app(platform);
      const sent = { platform, client_id: id, client_secret: secret, redirect_uris: [BACK, `${BACK}/other`] };
      const { status, body } = await sim('PUT', 'apps', sent);
      assert.equal(status, 200, JSON.stringify(body));
    },
    /** What the simulator noted of the platform's calls. */
    journal: async (platform) => (await sim('GET', `journal?platform=${platform}`)).body.data,
    close: () => {
      restore();
      mooring.kill();
    },
  };
}

const unescaped = (text) => text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** Opens the authorise page as `person` and posts its form; answers with the parameters that come back. */
export async function consent(url, person = 'acme', decision = 'approve') {
  const page = await fetch(url);
  const html = await page.text();
  assert.equal(page.status, 200, html);
  const action = unescaped(/<form method="post" action="([^"]+)"/.exec(html)[1]);
  const form = new URLSearchParams({ person, decision });
  for (const [, name, value] of html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)) {
    form.append(unescaped(name), unescaped(value));
  }
  const sent = await fetch(new URL(action, url), { method: 'POST', body: form });
  assert.equal(sent.status, 302, await sent.text());
  const back = new URL(sent.headers.get('location'));
  assert.equal(back.origin + back.pathname, BACK);
  return Object.fromEntries(back.searchParams);
}

/** An authorise request that the platform shows as an error, and sends nobody back. */
export async function refusedPage(url) {
  const page = await fetch(url);
  const html = await page.text();
  assert.equal(page.status, 400, html);
  assert.match(page.headers.get('content-type'), /^text\/html/);
  assert.equal(page.headers.get('location'), null);
  return unescaped(html.replace(/<style>.*?<\/style>/s, '').replace(/<[^>]+>/g, ' ')).replace(/\s+/g, ' ');
}
