/** A `fetch` whose connection a test can break. It notes the requests. */
export class UnreliableFetch {
  /** The requests so far, such as `GET /changes?limit=500`. */
  readonly requests: string[] = [];
  private readonly answers: string[] = [];
  /** How many responses to creates get lost on their way back. */
  lostCreates = 0;
  /** Is awaited before a PUT leaves. */
  beforePut = async (): Promise<void> => {};
  private blocked: RegExp | undefined;
  private streams = new AbortController();

  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const { method = 'GET' } = init;
    const [, path = ''] = String(input).split('/tasks');
    const request = `${method} ${path}`;
    this.requests.push(request);
    if (this.blocked?.test(request)) throw new TypeError('fetch failed');
    if (method === 'PUT') await this.beforePut();
    const signal = AbortSignal.any([this.streams.signal, ...(init.signal ? [init.signal] : [])]);
    const response = await fetch(input, { ...init, signal });
    this.answers.push(`${response.status} ${request}`);
    if (method !== 'POST' || this.lostCreates === 0) return response;
    this.lostCreates -= 1;
    throw new TypeError('fetch failed');
  };

  goOffline(): void {
    this.block(/./);
  }

  /** Cuts the way of changes and events. */
  goDeaf(): void {
    this.block(/ \/(changes|events)/);
  }

  recover(): void {
    this.blocked = undefined;
  }

  count(pattern: RegExp): number {
    return this.requests.filter((request) => pattern.test(request)).length;
  }

  /** How many requests got a status. */
  answered(status: number, pattern = /./): number {
    return this.answers.filter((answer) => answer.startsWith(`${status} `) && pattern.test(answer)).length;
  }

  private block(pattern: RegExp): void {
    this.blocked = pattern;
    this.streams.abort();
    this.streams = new AbortController();
  }
}
