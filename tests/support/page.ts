/** The real `fetch`. A test may replace the global one. */
const send = globalThis.fetch;

/** A page in a browser. It sends its origin, and stores the cookies of its own server. */
export class Page {
  private readonly cookies = new Map<string, string>();

  /**
   * @param server the URL at which the page's server listens
   * @param origin the origin of the page as the browser sees it
   */
  constructor(
    private readonly server: string,
    private readonly origin = server,
  ) {}

  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input, this.origin);
    const own = url.origin === this.origin;
    const target = own ? new URL(`${this.server}${url.pathname}${url.search}`) : url;
    const request = new Request(target, input instanceof Request ? input : init);
    request.headers.set('origin', this.origin);
    if (!own) return send(request);
    const sent = [...this.cookies].map(([name, value]) => `${name}=${value}`);
    if (sent.length > 0) request.headers.set('cookie', sent.join('; '));
    const response = await send(request);
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.cookies.set(name, value);
    }
    return response;
  };

  async post(path: string, body: object): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    const response = await this.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response;
  }

  /** The value of the cookie whose name ends with `name`. On https the name has a prefix. */
  cookie(name: string): string | undefined {
    return [...this.cookies].find(([key]) => key.endsWith(name))?.[1];
  }
}
