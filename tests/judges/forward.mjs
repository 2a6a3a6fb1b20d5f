// Carries what a client sends to a platform to the simulator instead. The client keeps its addresses, and the simulator
// gets its `Host` header: nothing of the client is changed.

import http from 'node:http';
import https from 'node:https';
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { urlToHttpOptions } from 'node:url';

/** From now on everything that is sent by https goes to the simulator; answers with what ends that. */
export function forward(simulator) {
  const { hostname, port } = new URL(simulator);
  const real = { request: https.request, get: https.get, fetch: globalThis.fetch };

  https.request = (input, ...rest) => {
    const addressed = typeof input === 'string' || input instanceof URL;
    const options = addressed ? { ...urlToHttpOptions(new URL(input)), ...(typeof rest[0] === 'object' ? rest.shift() : {}) } : input;
    const host = (options.hostname ?? options.host).split(':')[0];
    const headers = Object.entries(options.headers ?? {}).filter(([name]) => name.toLowerCase() !== 'host');
    return http.request({ ...options, protocol: 'http:', hostname, host: hostname, port, agent: undefined, setHost: false,
      headers: { ...Object.fromEntries(headers), host } }, ...rest);
  };
  https.get = (...given) => https.request(...given).end();
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.startsWith('https:')) return real.fetch(input, init);
    const sent = https.request(request.url, { method: request.method, headers: Object.fromEntries(request.headers) });
    sent.end(Buffer.from(await request.arrayBuffer()));
    const [answer] = await once(sent, 'response');
    const body = Buffer.concat(await answer.toArray());
    return new Response(body.length ? body : null, { status: answer.statusCode, headers: answer.headers });
  };
  syncBuiltinESMExports();

  return () => {
    Object.assign(https, { request: real.request, get: real.get });
    globalThis.fetch = real.fetch;
    syncBuiltinESMExports();
  };
}
