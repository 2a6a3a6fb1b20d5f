// A browser without a script: cookies by host, redirects one at a time, forms by hand.

export class Browser {
  jar = new Map();

  async open(url, init = {}) {
    const { host, origin } = new URL(url);
    const cookies = this.jar.get(host) ?? new Map();
    const headers = { accept: 'text/html', cookie: [...cookies].map((pair) => pair.join('=')).join('; ') };
    if (init.method === 'POST') Object.assign(headers, { origin, 'sec-fetch-site': 'same-origin' });
    const response = await fetch(url, { redirect: 'manual', headers, ...init });
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split('; ');
      const at = pair.indexOf('=');
      const gone = attributes.some((a) => /^expires=.* 1970 /i.test(a));
      gone ? cookies.delete(pair.slice(0, at)) : cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    this.jar.set(host, cookies);
    const location = response.headers.get('location');
    return { url, status: response.status, text: await response.text(), location: location && new URL(location, url).href };
  }

  submit(url, fields = {}) {
    return this.open(url, { method: 'POST', body: new URLSearchParams(fields) });
  }

  /** Follows redirects while they stay on the page's own host; answers with the last page. */
  async follow(page) {
    const { host } = new URL(page.url);
    while (page.location && new URL(page.location).host === host) page = await this.open(page.location);
    return page;
  }
}
