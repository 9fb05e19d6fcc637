// A second person at work: the HTTP interface without a browser.
export const password = 'kehai-demo-2026';

export class Caller {
  constructor(origin) {
    this.origin = origin;
    this.cookie = '';
    this.csrf = '';
  }

  async signIn(login, secret = password) {
    const session = await this.send('POST', '/session', { login, password: secret });
    this.csrf = session.csrf_token;
    return this;
  }

  async send(method, path, body, headers = {}) {
    const response = await fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: {
        Accept: 'application/json',
        Origin: this.origin,
        ...(this.cookie ? { Cookie: this.cookie } : {}),
        ...(this.csrf && method !== 'GET' ? { 'X-CSRF-Token': this.csrf } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const cookie = response.headers.getSetCookie().map((each) => each.split(';')[0]);
    if (cookie.length > 0) this.cookie = cookie.join('; ');
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  get(path) {
    return this.send('GET', path);
  }

  /** Rows of a collection; the options are those of the interface without their dollar signs. */
  async rows(collection, options = {}) {
    const query = new URLSearchParams(
      Object.entries(options).map(([name, value]) => [`$${name}`, String(value)]),
    );
    return (await this.get(`/${collection}?${query}`)).value;
  }

  /** Changes a record whatever its version is. */
  change(collection, id, values) {
    return this.send('PATCH', `/${collection}/${id}`, values, { 'If-Match': '*' });
  }
}
