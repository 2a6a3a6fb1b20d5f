// Accounts that stay connected at a strict OAuth server: refresh tokens that rotate, whose reuse ends the family, and
// that die when they are left alone. The judge lives in this process, so its time is this process's `Date`.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mock, test } from 'node:test';
import { startStage } from './stage.mjs';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The judge's refresh tokens die when nobody uses them for two weeks; what a person allowed stays allowed. */
const TTL = { AccessToken: HOUR, RefreshToken: 14 * DAY, Grant: 1000 * DAY, Session: 1000 * DAY };
const PURPOSES = ['publish', 'analytics', 'messages', 'audience'];
/** As many callers come at once, at most. */
const MANY = 16;
const RENEWED = 'grant.success refresh_token';

/** Numbers that one seed always gives alike (mulberry32). */
function draws(seed) {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** One person's account at a judge of its own, and time that passes for both. */
async function kept(t) {
  mock.timers.enable({ apis: ['Date'], now: Date.now() });
  t.after(() => mock.timers.reset());
  const stage = await startStage(TTL);
  t.after(stage.close);
  const { judge, dev } = stage;
  const who = await stage.owner('kept');
  await stage.connect(who, 'ada');
  const [{ id }] = await who.accounts();
  const path = `/v1/accounts/${id}`;
  let passing = Promise.resolve();
  return {
    ...stage,
    who,
    path,
    refresh: () => who.post(`${path}/refresh`, {}),
    lease: (purpose = 'publish') => who.post(`${path}/credential-leases`, { purpose }),
    health: async () => (await who.get(`${path}/health`)).body,
    /** Seconds pass, for the judge and for Mooring. */
    pass: (seconds) => {
      passing = passing.then(async () => {
        mock.timers.tick(seconds * 1000);
        await dev('clock', { set: new Date().toISOString() });
      });
      return passing;
    },
    /** What the judge says of what is done meanwhile. */
    judged: async (work) => {
      const before = judge.grants.length;
      const result = await work();
      return [result, judge.grants.slice(before)];
    },
  };
}

/** The token of an answer to a request for a lease. */
function leased({ status, body }) {
  assert.equal(status, 201, JSON.stringify(body));
  assert.ok(body.access_token);
  return body.access_token;
}

test('a hundred renewals in a row, each wanted by many at once, are one call each', async (t) => {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 32));
  t.diagnostic(`SEED=${seed}`);
  const draw = draws(seed);
  const account = await kept(t);
  const { judge } = account;
  let token = leased(await account.lease());
  for (let round = 1; round <= 100; round += 1) {
    // From four minutes before the token's end to ten after it.
    await account.pass(HOUR - 4 * MINUTE + draw(14 * MINUTE));
    const callers = Array.from({ length: 2 + draw(MANY - 1) }, (_, n) => (n === 0 ? 0 : draw(8)));
    const call = (kind) => {
      if (kind < 5) return account.lease(PURPOSES[draw(PURPOSES.length)]);
      return kind < 7 ? account.refresh() : account.pass(1 + draw(20));
    };
    const [answers, grants] = await account.judged(async () => {
      // Nobody comes when it is over: the first call is answered once Mooring has heard them all.
      const release = judge.hold();
      const asked = callers.map(call);
      for (let n = 0; n < MANY; n += 1) await account.health();
      release();
      return Promise.all(asked);
    });
    const told = `round ${round}: ${callers}`;
    assert.deepEqual(grants, [RENEWED], told);
    const tokens = answers.filter((_, n) => callers[n] < 5).map(leased);
    for (const { status, body } of answers.filter((_, n) => callers[n] >= 5 && callers[n] < 7)) {
      assert.equal(status, 200, `${told}: ${JSON.stringify(body)}`);
    }
    assert.deepEqual([...new Set(tokens)], [tokens[0]], told);
    assert.notEqual(tokens[0], token, told);
    [token] = tokens;
    assert.equal(await judge.person(token), 'ada', told);
  }
  assert.equal((await account.health()).state, 'healthy');
  assert.deepEqual(judge.grants, ['grant.success authorization_code', ...Array(100).fill(RENEWED)]);
});

test('an account that nobody uses lives for 120 days, and ends without the sweep', async (t) => {
  const account = await kept(t);
  const { judge, dev } = account;
  const [first] = judge.ids('AccessToken');
  assert.equal(await judge.person(first), 'ada');
  const [, grants] = await account.judged(async () => {
    for (let hours = 0; hours < 120 * 24; hours += 6) {
      await account.pass(6 * HOUR);
      await dev('jobs/sweep');
    }
  });
  assert.deepEqual([...new Set(grants)], [RENEWED]);
  assert.ok(grants.length >= 120 / 14 && grants.length <= 120 / 5, `renewed ${grants.length} times`);
  t.diagnostic(`renewed ${grants.length} times`);
  assert.equal(await judge.person(first), null, "the judge's time has passed too");
  assert.equal((await account.health()).state, 'healthy');
  assert.equal(await judge.person(leased(await account.lease())), 'ada');

  await account.pass(15 * DAY);
  const [late, refusals] = await account.judged(account.refresh);
  assert.deepEqual([late.status, late.body.code], [409, 'reauthorization_required']);
  assert.deepEqual([...new Set(refusals)], ['grant.error refresh_token refresh token is expired']);
  assert.equal((await account.health()).state, 'expired');
});

test('a refresh token that was spent by somebody else ends as an expired account', async (t) => {
  const account = await kept(t);
  const { judge } = account;
  const [stolen] = judge.ids('RefreshToken');
  const thief = await judge.asClient('/token', { grant_type: 'refresh_token', refresh_token: stolen });
  assert.equal(thief.status, 200);
  assert.equal((await account.health()).state, 'healthy', 'nobody can know yet');

  await account.pass(HOUR + MINUTE);
  const [answers, grants] = await account.judged(() => Promise.all([1, 2, 3].map(() => account.refresh())));
  for (const { status, body } of answers) {
    assert.deepEqual([status, body.code], [409, 'reauthorization_required']);
    assert.ok(body.connect_url);
  }
  assert.ok(grants.includes('grant.error refresh_token refresh token already used'), grants.join('\n'));
  assert.ok(grants.some((grant) => grant.startsWith('grant.revoked')), grants.join('\n'));
  assert.ok(!grants.some((grant) => grant.startsWith('grant.success')), grants.join('\n'));
  assert.equal(await judge.person(thief.body.access_token), null, 'the thief has nothing either');

  const health = await account.health();
  assert.equal(health.state, 'expired');
  assert.equal(health.reasons[0].code, 'revoked', JSON.stringify(health));
  // What is dead is not tried again, whoever asks.
  const [lease, more] = await account.judged(account.lease);
  assert.deepEqual([lease.status, lease.body.code], [409, 'connection_expired']);
  assert.deepEqual(more, []);

  await account.connect(account.who, 'ada');
  assert.equal((await account.health()).state, 'healthy');
  assert.equal(await judge.person(leased(await account.lease())), 'ada');
});
