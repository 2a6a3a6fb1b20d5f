// Mooring and a judge that know each other by an operator's file of apps alone, and the people who use them.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser } from './browser.mjs';
import { startMooring } from './mooring.mjs';
import { startJudge } from './oidc.mjs';

const apps = (judge) => `
[[app]]
platform = "judge"
method = "oauth2_generic"
client_id = "${judge.client.id}"
client_secret = "${judge.client.secret}"
name = "The judge"
issuer = "${judge.issuer}"
authorize_url = "${judge.issuer}/auth"
token_url = "${judge.issuer}/token"
userinfo_url = "${judge.issuer}/me"
revoke_url = "${judge.issuer}/token/revocation"
introspection_url = "${judge.issuer}/token/introspection"
client_auth = "basic"
scopes = ["openid", "offline_access", "profile"]
authorize_params = { prompt = "consent" }
id_field = "sub"
name_field = "name"
handle_field = "preferred_username"
`;

/** Both, started; `ttl` is the judge's. */
export async function startStage(ttl) {
  const directory = mkdtempSync(join(tmpdir(), 'judge-'));
  const judge = await startJudge(ttl);
  const file = join(directory, 'apps.toml');
  writeFileSync(file, apps(judge));
  const mooring = await startMooring('--manual', '--no-demo', '--apps', file);
  await judge.register(`${mooring.product}/v1/oauth/callback/judge`);

  /** A call of what only the local server has. */
  const dev = async (path, sent = {}) => {
    const answer = await fetch(`${mooring.product}/v1/dev/${path}`, { method: 'POST', body: JSON.stringify(sent) });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return answer.json();
  };

  /** An owner of a workspace of its own. */
  const owner = async (workspace) => {
    const { token } = await dev('tokens', { workspace, role: 'owner', plan: 'enterprise' });
    const call = async (method, path, sent) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await fetch(mooring.product + path, { method, headers, body: sent && JSON.stringify(sent) });
      return { status: answer.status, body: await answer.json() };
    };
    return {
      get: (path) => call('GET', path),
      post: (path, sent) => call('POST', path, sent),
      accounts: async () => (await call('GET', `/v1/workspaces/${workspace}/accounts`)).body.data,
      begin: async () => {
        const begun = await call('POST', `/v1/workspaces/${workspace}/connect-sessions`, { platform: 'judge' });
        assert.equal(begun.status, 201, JSON.stringify(begun.body));
        return begun.body;
      },
    };
  };

  /** Continue on the start page; answers with the judge's page. */
  const proceed = async (browser, session) => {
    const start = await browser.open(session.start_url);
    assert.equal(start.status, 200);
    const going = await browser.submit(session.start_url);
    assert.equal(going.status, 303);
    assert.equal(new URL(going.location).origin, judge.issuer);
    return browser.follow(await browser.open(going.location));
  };

  /** Signs in and consents on the judge's pages; answers with the callback's address. */
  const consent = async (browser, page, login) => {
    for (;;) {
      const action = /<form[^>]* action="([^"]+)"/.exec(page.text)?.[1];
      const prompt = /name="prompt" value="([^"]+)"/.exec(page.text)?.[1];
      assert.ok(action && prompt, `${page.status} ${page.url}: ${page.text}`);
      const fields = { prompt, login, password: 'x' };
      page = await browser.follow(await browser.submit(new URL(action, page.url).href, fields));
      if (page.location) return page.location;
    }
  };

  const connect = async (who, login, browser = new Browser()) => {
    const session = await who.begin();
    const callback = await consent(browser, await proceed(browser, session), login);
    const landed = await browser.open(callback);
    assert.equal(landed.status, 200, landed.text);
    return { callback, session: (await who.get(`/v1/connect-sessions/${session.id}`)).body };
  };

  const close = () => {
    mooring.kill();
    judge.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { judge, mooring, dev, owner, proceed, consent, connect, close };
}
