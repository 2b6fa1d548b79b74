import { describe, expect, it } from 'vitest';
import { AllowedOrigins } from '../../interfaces/http/pipeline/allowed-origins.ts';
import { parseOrigin } from '../../interfaces/http/pipeline/origin-pattern.ts';

describe('an origin', () => {
  it.each([
    ['https://app.example.com', 'https://app.example.com'],
    ['HTTPS://App.Example.com/', 'https://app.example.com'],
    ['https://app.example.com:443', 'https://app.example.com'],
    ['http://app.example.com:8080', 'http://app.example.com:8080'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://*.bücher.example', 'https://*.xn--bcher-kva.example'],
    ['https://*.vercel.app', 'https://*.vercel.app'],
    ['https://My-App-*-Team.vercel.app', 'https://my-app-*-team.vercel.app'],
    ['https://api.*.example.com:8443', 'https://api.*.example.com:8443'],
    ['tauri://localhost', 'tauri://localhost'],
    ['capacitor://localhost', 'capacitor://localhost'],
    ['ionic://localhost/', 'ionic://localhost'],
    ['app://.', 'app://.'],
    ['chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb', 'chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb'],
  ])('is accepted and normalized: %s', (given, normalized) => {
    expect(parseOrigin(given)).toBe(normalized);
    expect(new AllowedOrigins([given]).include(normalized.replace('*', 'x'))).toBe(true);
  });

  it.each([
    ['*', 'would allow every page'],
    ['null', 'is sent by sandboxed pages'],
    ['app.example.com', 'has no scheme'],
    ['localhost:3000', 'has no scheme'],
    ['//app.example.com', 'has no scheme'],
    ['https://', 'has no host'],
    ['file:///', 'has no host'],
    ['https:///path', 'has no host'],
    ['https://app.example.com/tasks', 'has a path'],
    ['https://app.example.com?', 'has a path, a query'],
    ['https://app.example.com#top', 'or a fragment'],
    ['tauri://localhost/index.html', 'has a path'],
    ['https://ann@app.example.com', 'has a user or a password'],
    ['https://app.example.com:99999', 'has a host or a port that is not valid'],
    ['https://app example.com', 'has a host or a port that is not valid'],
    ['app://a b', 'has a host that is not valid'],
    ['http://localhost:*', 'has a wildcard in its port'],
    ['http://[::1]:*', 'has a wildcard in its port'],
    ['https://*.*.example.com', 'has more than one wildcard'],
    ['https://*', 'has a wildcard that is not below a domain'],
    ['https://*.', 'has a wildcard that is not below a domain'],
    ['https://*.com', 'has a wildcard that is not below a domain'],
    ['https://*.com.', 'has a wildcard that is not below a domain'],
    ['https://*.co.uk', 'has a wildcard that is not below a domain'],
    ['https://app.*.com', 'has a wildcard that is not below a domain'],
    ['https://app.example.*', 'has a wildcard that is not below a domain'],
    ['http://192.168.*.1', 'has a host or a port that is not valid'],
    ['https://bü*.example.com', 'has a wildcard within an international name'],
    ['*://app.example.com', 'has no scheme'],
    ['chrome-extension://*', 'has a wildcard, which only http and https may have'],
  ])('is refused with the reason: %s', (given, reason) => {
    expect(() => parseOrigin(given)).toThrow(RangeError);
    expect(() => parseOrigin(given)).toThrow(reason);
  });
});

describe('a wildcard', () => {
  const origins = new AllowedOrigins(['https://*.vercel.app', 'https://my-*.example.com:8443']);

  it.each(['https://my-app.vercel.app', 'https://A.VERCEL.APP', 'https://my-x.example.com:8443'])(
    'allows %s',
    (origin) => {
      expect(origins.include(origin)).toBe(true);
    },
  );

  it.each([
    '',
    'null',
    'https://vercel.app',
    'https://.vercel.app',
    'https://a.b.vercel.app',
    'http://my-app.vercel.app',
    'https://my-app.vercel.app:8443',
    'https://my-app.vercel.app.evil.example',
    'https://evil.example/.vercel.app',
    'https://evil.example#.vercel.app',
    'https://evil@x.vercel.app',
    'https://a.vercel.app\n',
    'https://axvercel.app',
    'https://my-.example.com:8443',
    'https://my-x.example.com',
    'https://*.vercel.app',
  ])('does not allow %j', (origin) => {
    expect(origins.include(origin)).toBe(false);
  });
});
