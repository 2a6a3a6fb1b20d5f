// An OAuth server that nobody here wrote, set up to be strict: PKCE by S256 always, refresh tokens that rotate and
// whose reuse ends the family, revocation (RFC 7009) and introspection (RFC 7662), `iss` in every answer (RFC 9207).
// Everything lives in this process, so a test sees what was issued without asking Mooring for a token.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider from 'oidc-provider';

const CLIENT = { id: 'mooring at the judge', secret: randomBytes(24).toString('base64url') };

/** What the judge keeps, by model and id, in the order it was made. */
class Shelf {
  rows = new Map();

  adapter = (model) => ({
    upsert: async (id, payload) => void this.rows.set(`${model} ${id}`, payload),
    find: async (id) => this.rows.get(`${model} ${id}`),
    findByUid: async (uid) => [...this.rows.values()].find((row) => row.kind === 'Session' && row.uid === uid),
    findByUserCode: async () => undefined,
    consume: async (id) => void (this.rows.get(`${model} ${id}`).consumed = Math.floor(Date.now() / 1000)),
    destroy: async (id) => void this.rows.delete(`${model} ${id}`),
    revokeByGrantId: async (grant) => {
      for (const [key, row] of this.rows) if (row.grantId === grant && row.kind !== 'Grant') this.rows.delete(key);
    },
  });

  ids(model) {
    const prefix = `${model} `;
    return [...this.rows.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  }
}

const profile = (sub) => ({ sub, name: `${sub[0].toUpperCase()}${sub.slice(1)} of the judge`, preferred_username: sub });

/** A judge on a free port; `ttl` is how long what it issues lives, in seconds, where that matters. */
export async function startJudge(ttl = {}) {
  const shelf = new Shelf();
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const provider = new Provider(issuer, {
    adapter: shelf.adapter,
    jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [randomBytes(24).toString('hex')] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access', 'profile'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
    findAccount: async (_, sub) => ({ accountId: sub, claims: async () => profile(sub) }),
    features: { devInteractions: { enabled: true }, revocation: { enabled: true }, introspection: { enabled: true } },
    ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 86400, IdToken: 600, Interaction: 600, RefreshToken: 86400,
      Session: 86400, ...ttl },
  });
  const grants = [];
  for (const event of ['grant.success', 'grant.error', 'grant.revoked', 'server_error']) {
    provider.on(event, ({ oidc }, told) => {
      const because = told?.error_detail ?? told?.error_description ?? told?.message;
      grants.push([event, oidc?.params?.grant_type, because].filter(Boolean).join(' '));
    });
  }
  const exchanges = [];
  provider.on('grant.success', ({ oidc: { params } }) => {
    const { grant_type, code, redirect_uri, code_verifier } = params;
    if (code) exchanges.push({ grant_type, code, redirect_uri, code_verifier });
  });
  const calls = [];
  const answer = provider.callback();
  let held;
  server.on('request', async (request, response) => {
    if (request.url === '/token') await held;
    response.on('finish', () => calls.push(`${request.method} ${request.url.split('?')[0]} ${response.statusCode}`));
    answer(request, response);
  });

  /** Calls an endpoint as the client that Mooring is. */
  const asClient = async (path, form) => {
    const basic = [CLIENT.id, CLIENT.secret].map(encodeURIComponent).join(':');
    const authorization = `Basic ${Buffer.from(basic).toString('base64')}`;
    const response = await fetch(issuer + path, { method: 'POST', headers: { authorization }, body: new URLSearchParams(form) });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null };
  };

  return {
    issuer,
    client: CLIENT,
    /** Which calls were answered, as `METHOD path status`. */
    calls,
    /** What became of each call for tokens, as `event grant_type reason`; a family that was ended is one more. */
    grants,
    /** What was sent for each code that was spent. */
    exchanges,
    /** Ids of what is kept; an opaque token's id is the token. */
    ids: (model) => shelf.ids(model),
    asClient,
    introspect: async (token) => (await asClient('/token/introspection', { token })).body,
    /** Calls for tokens wait from now on; answers with what lets them go on. */
    hold: () => {
      let release;
      held = new Promise((resolve) => (release = resolve));
      return release;
    },
    /** The person whom an access token opens, or none. */
    person: async (token) => {
      const response = await fetch(`${issuer}/me`, { headers: { authorization: `Bearer ${token}` } });
      return response.ok ? (await response.json()).sub : null;
    },
    /** Lets the client come back to an address. */
    register: (redirectUri) => shelf.adapter('Client').upsert(CLIENT.id, {
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
