// Mooring against a strict OAuth server: the real binary, set up by an operator's file of apps alone.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser } from './browser.mjs';
import { startStage } from './stage.mjs';

let stage, judge, mooring, owner, proceed, consent, connect;

before(async () => {
  stage = await startStage();
  ({ judge, mooring, owner, proceed, consent, connect } = stage);
});

after(() => stage?.close());

/** The tokens that the judge issued while something was done. */
async function issued(work) {
  const before = new Set([...judge.ids('AccessToken'), ...judge.ids('RefreshToken')]);
  const result = await work();
  const now = (model) => judge.ids(model).filter((id) => !before.has(id));
  return { result, access: now('AccessToken'), refresh: now('RefreshToken') };
}

const tokenCalls = () => judge.calls.filter((call) => call.startsWith('POST /token ')).length;

test('the judge is strict', async () => {
  const ask = new URLSearchParams({ response_type: 'code', client_id: judge.client.id, scope: 'openid', state: 's',
    redirect_uri: `${mooring.product}/v1/oauth/callback/judge` });
  const browser = new Browser();
  const error = async (more) => {
    const page = await browser.open(`${judge.issuer}/auth?${ask}${more}`);
    return new URL(page.location).searchParams.get('error');
  };
  assert.equal(await error(''), 'invalid_request');
  assert.equal(await error(`&code_challenge=${'c'.repeat(43)}&code_challenge_method=plain`), 'invalid_request');

  const who = await owner('strict');
  const { refresh: [first] } = await issued(() => connect(who, 'strict'));
  const renew = (token) => judge.asClient('/token', { grant_type: 'refresh_token', refresh_token: token });
  const second = await renew(first);
  assert.equal(second.status, 200);
  assert.notEqual(second.body.refresh_token, first);
  assert.equal((await renew(first)).body.error, 'invalid_grant');
  assert.equal((await renew(second.body.refresh_token)).body.error, 'invalid_grant', 'reuse ends the family');
});

// S3-39, CHK-S15
test('an account is connected, and its tokens are dead once it is disconnected', async () => {
  const who = await owner('whole');
  const { result, access, refresh } = await issued(() => connect(who, 'ada'));
  assert.equal(result.session.status, 'completed');
  const [account, ...others] = await who.accounts();
  assert.deepEqual(others, []);
  assert.equal(account.platform, 'judge');
  assert.equal(account.platform_account_id, 'ada');
  assert.equal(account.name, 'Ada of the judge');
  assert.equal(account.handle, 'ada');
  assert.deepEqual(result.session.accounts, [{ id: account.id }]);

  assert.deepEqual([access.length, refresh.length], [1, 1]);
  for (const token of [...access, ...refresh]) assert.equal((await judge.introspect(token)).active, true);
  const told = JSON.stringify([account, result, await who.get(`/v1/accounts/${account.id}`)]);
  for (const token of [...access, ...refresh]) assert.ok(!told.includes(token), 'a token left Mooring');

  const receipt = await who.post(`/v1/accounts/${account.id}/disconnect`, {});
  assert.equal(receipt.status, 200);
  assert.equal(receipt.body.revocation.status, 'revoked');
  for (const token of [...access, ...refresh]) assert.equal((await judge.introspect(token)).active, false);
  assert.deepEqual(await who.accounts(), []);
});

// S2-27
test('a second consent of the same person heals the same account', async () => {
  const who = await owner('again');
  const browser = new Browser();
  await connect(who, 'grace', browser);
  const [before] = await who.accounts();
  const { result, access } = await issued(() => connect(who, 'grace', browser));
  assert.deepEqual(result.session.accounts, [{ id: before.id }]);
  const [after, ...others] = await who.accounts();
  assert.deepEqual([after.id, others], [before.id, []]);
  assert.notEqual(after.reconnected_at, null);
  assert.equal((await judge.introspect(access[0])).active, true);
});

test('a person who refuses connects nothing', async () => {
  const who = await owner('no');
  const browser = new Browser();
  const session = await who.begin();
  const page = await proceed(browser, session);
  const calls = tokenCalls();
  const abort = /href="([^"]+\/abort)"/.exec(page.text)[1];
  const callback = (await browser.follow(await browser.open(new URL(abort, page.url).href))).location;
  assert.equal(new URL(callback).searchParams.get('error'), 'access_denied');
  await browser.open(callback);
  const ended = (await who.get(`/v1/connect-sessions/${session.id}`)).body;
  assert.deepEqual([ended.status, ended.error.code], ['failed', 'consent_denied']);
  assert.deepEqual(await who.accounts(), []);
  assert.equal(tokenCalls(), calls);
});

// CHK-A8
test('an answer of another issuer is refused before the code is spent', async () => {
  const who = await owner('mixup');
  const browser = new Browser();
  const session = await who.begin();
  const callback = new URL(await consent(browser, await proceed(browser, session), 'mallory'));
  assert.equal(callback.searchParams.get('iss'), judge.issuer);
  const calls = tokenCalls();
  for (const iss of ['https://evil.example', `${judge.issuer}/`, null]) {
    const forged = new URL(callback);
    iss ? forged.searchParams.set('iss', iss) : forged.searchParams.delete('iss');
    const refused = await browser.open(forged.href);
    assert.equal(refused.status, 400);
    assert.ok(refused.text.includes('state_invalid'), refused.text);
  }
  assert.equal(tokenCalls(), calls);
  assert.deepEqual(await who.accounts(), []);
  // The attempt is not burnt: the true answer still connects.
  assert.equal((await browser.open(callback.href)).status, 200);
  assert.equal((await who.accounts()).length, 1);
});

// CHK-A3
test('a code is spent once', async () => {
  const who = await owner('replay');
  const browser = new Browser();
  const calls = tokenCalls();
  const { result: { callback }, access: [access] } = await issued(() => connect(who, 'edsger', browser));
  assert.equal((await browser.open(callback)).status, 200, 'the second callback finds the outcome');
  assert.equal(tokenCalls(), calls + 1);
  // Somebody who has seen everything, the verifier too, and sends it again.
  const form = judge.exchanges.at(-1);
  assert.equal(form.code, new URL(callback).searchParams.get('code'));
  assert.equal((await judge.introspect(access)).active, true);
  assert.equal((await judge.asClient('/token', form)).body.error, 'invalid_grant');
  assert.equal((await judge.introspect(access)).active, false, 'a code that comes again ends what it gave');
  assert.equal((await who.accounts()).length, 1);
});
