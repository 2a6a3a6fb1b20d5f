// The simulator, judged by clients that others have published: arctic, twitter-api-v2, google-auth-library and Facebook's
// business SDK. Each works against the pretended platform as it does against the real one, and each deliberate mistake is
// refused in that platform's own form and words.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as arctic from 'arctic';
import { FacebookAdsApi, Page, User } from 'facebook-nodejs-business-sdk';
import { OAuth2Client } from 'google-auth-library';
import { TwitterApi } from 'twitter-api-v2';
import { BACK, app, consent, refusedPage, startSimulator } from './clients.mjs';

const WRONG = `${BACK}/other`;
let stage;

before(async () => {
  stage = await startSimulator();
  for (const platform of ['facebook', 'x', 'linkedin', 'tiktok', 'google']) await stage.register(platform);
});

after(() => stage?.close());

/** A call of the platform's API with an access token, by which its life is told. */
const call = async (url, headers) => {
  const answer = await fetch(url, { headers });
  const text = await answer.text();
  return { status: answer.status, body: text && JSON.parse(text) };
};
const bearer = (url) => (token, headers = {}) => call(url, { authorization: `Bearer ${token}`, ...headers });

/** Status-independent answer of a token endpoint to a mistake, as arctic tells it. */
const refusal = async (work) => {
  try {
    await work();
  } catch (error) {
    if (error instanceof arctic.OAuth2RequestError) return { error: error.code, error_description: error.description };
    if (error instanceof arctic.UnexpectedErrorResponseBodyError) return { status: error.status, ...error.data };
    throw error;
  }
  return assert.fail('it was not refused');
};

/** Facebook's envelope, whose trace alone is its own each time. */
const graph = (code, message, more = {}) => (body) => {
  const { fbtrace_id, ...error } = body.error;
  assert.match(fbtrace_id, /^A\w+$/);
  assert.deepEqual({ ...body, error }, { ...body, error: { message, type: 'OAuthException', code, ...more } });
};
const oauth = (error, description) => (body) => {
  assert.equal(body.error, error, JSON.stringify(body));
  assert.match(body.error_description, description);
};

/**
 * What arctic can do at each platform, and how the platform words its refusals. `pkce`: the verifier is needed. `basic`:
 * the secret belongs into the Authorization header. `rotates`: a refresh token is spent by its use. `sentBack`: a scope
 * that is not known is told to the app, not to the person.
 */
const PLATFORMS = {
  x: {
    client: (id, secret, back) => new arctic.Twitter(id, secret, back),
    scopes: ['users.read', 'tweet.read', 'offline.access'],
    joined: 'users.read,tweet.read',
    token: 'https://api.x.com/2/oauth2/token',
    lives: bearer('https://api.x.com/2/users/me'),
    dead: (answer) => assert.deepEqual(answer, {
      status: 401, body: { title: 'Unauthorized', type: 'about:blank', status: 401, detail: 'Unauthorized' },
    }),
    life: 7200,
    pkce: true,
    basic: true,
    rotates: true,
    replayKills: true,
    refused: {
      code: oauth('invalid_request', /^Value passed for the authorization code was invalid\.$/),
      secret: oauth('unauthorized_client', /^Missing valid authorization header$/),
      style: oauth('unauthorized_client', /^Missing valid authorization header$/),
      redirect: oauth('invalid_request', /redirect uri did not match/),
      verifier: oauth('invalid_request', /code verifier did not match/),
      noVerifier: oauth('invalid_request', /^Missing required parameter \[code_verifier\]\.$/),
      refresh: oauth('invalid_request', /^Value passed for the token was invalid\.$/),
      page: { redirect: /callback URLs/, separator: /scope users\.read,tweet\.read is not known/, challenge: /code_challenge is missing/ },
    },
  },
  facebook: {
    client: (id, secret, back) => new arctic.Facebook(id, secret, back),
    scopes: ['public_profile'],
    joined: 'public_profile email',
    token: 'https://graph.facebook.com/v26.0/oauth/access_token',
    lives: bearer('https://graph.facebook.com/v26.0/me'),
    life: 5112,
    refused: {
      code: graph(100, 'This authorization code has been used.', { error_subcode: 36009 }),
      secret: graph(1, 'Error validating client secret.'),
      style: graph(101, 'Missing client_id parameter.'),
      redirect: graph(100, 'Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request', { error_subcode: 36008 }),
      page: { redirect: /URL blocked/, separator: /Invalid Scopes: public_profile email/ },
    },
  },
  linkedin: {
    client: (id, secret, back) => new arctic.LinkedIn(id, secret, back),
    scopes: ['openid', 'profile'],
    joined: 'openid,profile',
    token: 'https://www.linkedin.com/oauth/v2/accessToken',
    lives: bearer('https://api.linkedin.com/v2/userinfo'),
    life: 5184000,
    denied: 'user_cancelled_authorize',
    refused: {
      code: oauth('invalid_request', /authorization code/),
      secret: oauth('invalid_client', /./),
      style: oauth('invalid_request', /client_id/),
      redirect: oauth('invalid_request', /redirect/),
      page: { redirect: /redirect_uri/ },
      sentBack: 'unauthorized_scope_error',
    },
  },
  tiktok: {
    client: (id, secret, back) => new arctic.TikTok(id, secret, back),
    scopes: ['user.info.basic', 'video.list'],
    joined: 'user.info.basic video.list',
    // Otherwise nobody is asked who has let the app in before.
    more: { disable_auto_auth: '1' },
    token: 'https://open.tiktokapis.com/v2/oauth/token/',
    lives: bearer('https://open.tiktokapis.com/v2/user/info/?fields=open_id'),
    dead: ({ status, body }) => assert.deepEqual([status, body.error.code], [401, 'access_token_invalid']),
    life: 7200,
    rotates: true,
    refused: {
      code: oauth('invalid_grant', /^Authorization code is expired\.$/),
      secret: oauth('invalid_client', /./),
      style: oauth('invalid_request', /./),
      redirect: oauth('invalid_request', /^Redirect_uri is not matched/),
      refresh: oauth('invalid_grant', /^Refresh token is invalid or expired\.$/),
      page: { redirect: /redirect_uri/, separator: /scope/ },
    },
  },
  google: {
    client: (id, secret, back) => new arctic.Google(id, secret, back),
    scopes: ['openid', 'profile'],
    joined: 'openid,profile',
    more: { access_type: 'offline', prompt: 'consent' },
    token: 'https://oauth2.googleapis.com/token',
    lives: (token) => call(`https://oauth2.googleapis.com/tokeninfo?access_token=${token}`),
    dead: ({ status, body }) => assert.deepEqual([status, body.error], [400, 'invalid_token']),
    life: 3599,
    refused: {
      code: oauth('invalid_grant', /./),
      secret: oauth('invalid_client', /./),
      redirect: oauth('redirect_uri_mismatch', /./),
      verifier: oauth('invalid_grant', /./),
      refresh: oauth('invalid_grant', /./),
      page: { redirect: /redirect_uri_mismatch/, separator: /invalid_scope/ },
    },
  },
};

for (const [platform, facts] of Object.entries(PLATFORMS)) {
  const { id, secret } = app(platform);
  const client = facts.client(id, secret, BACK);
  const verifier = arctic.generateCodeVerifier();
  // With PKCE arctic's calls have one argument more.
  const proved = client.createAuthorizationURL.length === 3 ? [verifier] : [];
  const authorizing = (scopes = facts.scopes, of = client) => {
    const url = of.createAuthorizationURL('state-1', ...proved, scopes);
    for (const [name, value] of Object.entries(facts.more ?? {})) url.searchParams.set(name, value);
    return url;
  };
  const code = async () => (await consent(authorizing())).code;
  const exchange = (given, of = client, by = proved) => of.validateAuthorizationCode(given, ...by);

  describe(`arctic at ${platform}`, () => {
    test('signs in, and its tokens are good', async () => {
      const back = await consent(authorizing());
      assert.equal(back.state, 'state-1');
      const tokens = await exchange(back.code);
      assert.ok(Math.abs(tokens.accessTokenExpiresAt() - Date.now() - facts.life * 1000) < 10_000);
      const answer = await facts.lives(tokens.accessToken());
      assert.equal(answer.status, 200, JSON.stringify(answer));
    });

    test('hears that the person refused', async () => {
      assert.equal((await consent(authorizing(), 'acme', 'deny')).error, facts.denied ?? 'access_denied');
    });

    if (client.refreshAccessToken && platform !== 'linkedin') {
      test('renews', async () => {
        const first = await exchange(await code());
        const second = await client.refreshAccessToken(first.refreshToken());
        assert.notEqual(second.accessToken(), first.accessToken());
        assert.equal((await facts.lives(second.accessToken())).status, 200);
        assert.equal(second.hasRefreshToken(), Boolean(facts.rotates));
        if (!facts.rotates) return;
        facts.refused.refresh(await refusal(() => client.refreshAccessToken(first.refreshToken())));
        const next = () => client.refreshAccessToken(second.refreshToken());
        facts.replayKills ? facts.refused.refresh(await refusal(next)) : await next();
      });
    }

    if (client.revokeToken) {
      test('revokes', async () => {
        const tokens = await exchange(await code());
        await client.revokeToken(tokens.accessToken());
        const answer = await facts.lives(tokens.accessToken());
        facts.dead ? facts.dead(answer) : assert.ok(answer.status >= 400);
      });
    }

    test('spends a code once', async () => {
      const given = await code();
      await exchange(given);
      facts.refused.code(await refusal(() => exchange(given)));
    });

    test('is refused with a wrong secret, and the code is not spent by it', async () => {
      const given = await code();
      facts.refused.secret(await refusal(async () => exchange(given, facts.client(id, 'wrong', BACK))));
      await exchange(given);
    });

    test('is refused with another address than the one of the page', async () => {
      const given = await code();
      facts.refused.redirect(await refusal(async () => exchange(given, facts.client(id, secret, WRONG))));
      const unknown = facts.client(id, secret, 'https://evil.example/callback');
      assert.match(await refusedPage(authorizing(facts.scopes, unknown)), facts.refused.page.redirect);
    });

    test('is refused with scopes that are parted wrongly', async () => {
      const url = authorizing();
      url.searchParams.set('scope', facts.joined);
      if (!facts.refused.sentBack) return assert.match(await refusedPage(url), facts.refused.page.separator);
      const sent = await fetch(url);
      assert.equal(sent.status, 302);
      assert.equal(new URL(sent.headers.get('location')).searchParams.get('error'), facts.refused.sentBack);
    });

    if (facts.refused.style) {
      test('is refused with credentials in the wrong place', async () => {
        const given = await code();
        // In the header where they belong into the body, and the other way round.
        const other = new arctic.OAuth2Client(id, facts.basic ? null : secret, BACK);
        facts.refused.style(await refusal(() => other.validateAuthorizationCode(facts.token, given, proved[0] ?? null)));
      });
    }

    if (facts.refused.verifier) {
      test('is refused without the proof of its challenge', async () => {
        const given = await code();
        facts.refused.verifier(await refusal(() => exchange(given, client, [arctic.generateCodeVerifier()])));
      });
    }

    if (facts.pkce) {
      test('is refused without a challenge, and without its verifier', async () => {
        const url = authorizing();
        url.searchParams.delete('code_challenge');
        assert.match(await refusedPage(url), facts.refused.page.challenge);
        const given = await code();
        facts.refused.noVerifier(await refusal(() => exchange(given, client, [null])));
      });
    }
  });
}

describe('twitter-api-v2 at x', () => {
  const { id, secret } = app('x');
  const client = new TwitterApi({ clientId: id, clientSecret: secret });
  const scope = ['users.read', 'tweet.read', 'offline.access'];
  const signIn = async () => {
    const { url, codeVerifier, state } = client.generateOAuth2AuthLink(BACK, { scope });
    const back = await consent(url);
    assert.equal(back.state, state);
    return { code: back.code, codeVerifier, redirectUri: BACK };
  };
  /** The refusal's status and body. */
  const refused = async (work) => {
    const { code, data } = await work().then(() => assert.fail('it was not refused'), (error) => error);
    // The client adds a list of its own making to what came.
    const { errors: _, ...body } = data;
    return [code, body];
  };
  const wrong = (description, error = 'invalid_request', status = 400) =>
    [status, { error, error_description: description }];
  const badToken = wrong('Value passed for the token was invalid.');

  test('signs in, reads who it is, renews and revokes', async () => {
    const first = await client.loginWithOAuth2(await signIn());
    assert.deepEqual([first.expiresIn, first.scope], [7200, scope]);
    const me = await first.client.v2.me({ 'user.fields': ['public_metrics', 'profile_image_url'] });
    assert.equal(me.data.username, 'acme');
    assert.equal(typeof me.data.public_metrics.followers_count, 'number');
    assert.match(me.data.profile_image_url, /^https:\/\/pbs\.twimg\.com\/.*_normal\./);

    const second = await client.refreshOAuth2Token(first.refreshToken);
    assert.notEqual(second.refreshToken, first.refreshToken);
    await client.revokeOAuth2Token(second.accessToken, 'access_token');
    const [status, body] = await refused(() => second.client.v2.me());
    assert.deepEqual([status, body.title, body.type], [401, 'Unauthorized', 'about:blank']);
    await client.revokeOAuth2Token(second.refreshToken, 'refresh_token');
    assert.deepEqual(await refused(() => client.refreshOAuth2Token(second.refreshToken)), badToken);
  });

  test('loses everything when a refresh token comes again', async () => {
    const first = await client.loginWithOAuth2(await signIn());
    const second = await client.refreshOAuth2Token(first.refreshToken);
    assert.deepEqual(await refused(() => client.refreshOAuth2Token(first.refreshToken)), badToken);
    assert.deepEqual(await refused(() => client.refreshOAuth2Token(second.refreshToken)), badToken);
    assert.equal((await refused(() => second.client.v2.me()))[0], 401);
  });

  test('is refused in X\'s words', async () => {
    const given = await signIn();
    const other = new TwitterApi({ clientId: id, clientSecret: 'wrong' });
    const open = new TwitterApi({ clientId: id });
    const noHeader = wrong('Missing valid authorization header', 'unauthorized_client', 401);
    assert.deepEqual(await refused(() => other.loginWithOAuth2(given)), noHeader);
    assert.deepEqual(await refused(() => open.loginWithOAuth2(given)), noHeader);
    const redirected = await refused(() => client.loginWithOAuth2({ ...given, redirectUri: WRONG }));
    assert.deepEqual(redirected, wrong('Value passed for the redirect uri did not match the uri of the authorization code.'));
    const unproved = await refused(() => client.loginWithOAuth2({ ...given, codeVerifier: 'v'.repeat(64) }));
    assert.deepEqual(unproved, wrong('Value passed for the code verifier did not match the code challenge.'));
    await client.loginWithOAuth2(given);
    const again = await refused(() => client.loginWithOAuth2(given));
    assert.deepEqual(again, wrong('Value passed for the authorization code was invalid.'));
  });
});

describe('Facebook\'s business SDK', () => {
  const { id, secret } = app('facebook');
  const scope = 'pages_show_list,pages_read_engagement,business_management';
  /** A long-lived user token of `agency`. */
  const userToken = async () => {
    const asked = new URLSearchParams({ client_id: id, redirect_uri: BACK, response_type: 'code', state: 's', scope });
    const { code } = await consent(`https://www.facebook.com/v24.0/dialog/oauth?${asked}`, 'agency');
    const endpoint = 'https://graph.facebook.com/v24.0/oauth/access_token';
    const own = { client_id: id, client_secret: secret };
    const short = await call(`${endpoint}?${new URLSearchParams({ ...own, redirect_uri: BACK, code })}`);
    const sent = { ...own, grant_type: 'fb_exchange_token', fb_exchange_token: short.body.access_token };
    return (await call(`${endpoint}?${new URLSearchParams(sent)}`)).body.access_token;
  };
  const api = (token) => new FacebookAdsApi(token, 'en_US', false);
  const refused = async (work) => {
    const error = await work().then(() => assert.fail('it was not refused'), (error) => error);
    return [error.status, { error: error.response }];
  };

  test('lists the pages of a person to the last one, and reads one', async () => {
    const mine = api(await userToken());
    const fields = ['id', 'name', 'access_token', 'tasks'];
    const pages = await new User('me', {}, undefined, mine).getAccounts(fields, { limit: 10 });
    const all = [...pages];
    while (pages.hasNext()) all.push(...(await pages.next()));
    assert.equal(new Set(all.map((page) => page.id)).size, all.length);
    const { body } = await stage.sim('GET', 'people');
    const listed = body.data.find((person) => person.id === 'agency').facebook.pages.filter((page) => page.listed && page.tasks.length);
    assert.deepEqual(all.map((page) => page.id).sort(), listed.map((page) => page.id).sort());

    const [first] = all;
    const own = await new Page(first.id, {}, undefined, api(first.access_token)).get(['name', 'followers_count', 'category']);
    assert.equal(own.name, first.name);
    assert.equal(typeof own.followers_count, 'number');
  });

  test('debugs a token', async () => {
    const token = await userToken();
    const { data } = await api(`${id}|${secret}`).call('GET', ['debug_token'], { input_token: token });
    assert.deepEqual([data.app_id, data.is_valid, data.type], [id, true, 'USER']);
    assert.deepEqual([...data.scopes].sort(), [...scope.split(','), 'public_profile'].sort());
    const unknown = await api(`${id}|${secret}`).call('GET', ['debug_token'], { input_token: 'EAAGnothing' });
    assert.equal(unknown.data.is_valid, false);
  });

  test('gives the grant back, and every token is dead', async () => {
    const token = await userToken();
    assert.deepEqual(await api(token).call('DELETE', ['me', 'permissions']), { success: true });
    const [status, body] = await refused(() => new User('me', {}, undefined, api(token)).get(['id']));
    assert.equal(status, 400);
    graph(190, `Error validating access token: The user has not authorized application ${id}.`, { error_subcode: 458 })(body);
  });

  test('is refused in the Graph API\'s words', async () => {
    const [status, body] = await refused(() => new User('me', {}, undefined, api('EAAGnothing')).get(['id']));
    assert.equal(status, 400);
    graph(190, 'Invalid OAuth access token - Cannot parse access token')(body);
    const [, field] = await refused(async () => new User('me', {}, undefined, api(await userToken())).get(['shoe_size']));
    graph(100, '(#100) Tried accessing nonexisting field (shoe_size) on node type (User)')(field);
  });
});

describe('google-auth-library', () => {
  const { id, secret } = app('google');
  const client = () => new OAuth2Client({ clientId: id, clientSecret: secret, redirectUri: BACK });
  const scope = ['openid', 'profile'];
  const asked = { access_type: 'offline', prompt: 'consent', scope, state: 's' };
  const refused = async (work) => {
    const error = await work().then(() => assert.fail('it was not refused'), (error) => error);
    return [error.status ?? error.response?.status, error.response?.data?.error];
  };

  test('signs in, tells what its token is, renews and revokes', async () => {
    const mine = client();
    const { code } = await consent(mine.generateAuthUrl(asked));
    const { tokens } = await mine.getToken(code);
    assert.ok(tokens.refresh_token && tokens.expiry_date > Date.now());
    const info = await mine.getTokenInfo(tokens.access_token);
    assert.equal(info.aud, id);
    mine.setCredentials({ refresh_token: tokens.refresh_token });
    const { credentials } = await mine.refreshAccessToken();
    assert.notEqual(credentials.access_token, tokens.access_token);
    assert.equal(credentials.refresh_token, tokens.refresh_token, 'no other comes, and the old one stays');
    assert.equal((await mine.revokeToken(tokens.refresh_token)).status, 200);
    mine.setCredentials({ refresh_token: tokens.refresh_token });
    assert.deepEqual(await refused(() => mine.refreshAccessToken()), [400, 'invalid_grant']);
  });

  test('gets no refresh token without asking for one', async () => {
    const mine = client();
    const { code } = await consent(mine.generateAuthUrl({ ...asked, access_type: 'online' }));
    assert.equal((await mine.getToken(code)).tokens.refresh_token, undefined);
  });

  test('is refused in Google\'s words', async () => {
    const mine = client();
    const { code } = await consent(mine.generateAuthUrl(asked));
    const wrong = new OAuth2Client({ clientId: id, clientSecret: 'wrong', redirectUri: BACK });
    assert.deepEqual(await refused(() => wrong.getToken(code)), [401, 'invalid_client']);
    assert.deepEqual(await refused(() => mine.getToken({ code, redirect_uri: WRONG })), [400, 'redirect_uri_mismatch']);
    await mine.getToken(code);
    assert.deepEqual(await refused(() => mine.getToken(code)), [400, 'invalid_grant']);
  });
});

test('every call went to the host that the client meant', async () => {
  for (const [platform, hosts] of Object.entries({
    x: ['twitter.com', 'api.twitter.com', 'api.x.com'], facebook: ['www.facebook.com', 'graph.facebook.com'],
  })) {
    const seen = new Set((await stage.journal(platform)).map((entry) => entry.host));
    for (const host of hosts) assert.ok(seen.has(host), `${host} of ${[...seen]}`);
  }
});
