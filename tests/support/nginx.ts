import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** Where Debian installs it is not on the path of every user. */
const NGINX = ['nginx', '/usr/sbin/nginx'].find((path) => spawnSync(path, ['-v']).status === 0);

export const nginxIsInstalled = NGINX !== undefined;

/** nginx in front of some instances, with its defaults for failures. */
export class Nginx {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  /** @param keepAlive whether it keeps connections to the instances */
  static async before(instances: readonly string[], { keepAlive }: { keepAlive: boolean }): Promise<Nginx> {
    if (NGINX === undefined) throw new Error('nginx is not installed');
    const [folder, port] = [await mkdtemp(join(tmpdir(), 'taskwell-nginx-')), await freePort()];
    // Otherwise nginx avoids an instance for 10 s after a failure, and the other one may restart meanwhile.
    const servers = instances.map((url) => `server ${new URL(url).host} max_fails=0;`).join(' ');
    const configuration = `
      daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
      events { worker_connections 512; }
      http {
        access_log off;
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
        uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
        upstream taskwell { ${servers} ${keepAlive ? 'keepalive 16;' : ''} }
        server {
          listen 127.0.0.1:${port};
          location / {
            proxy_pass http://taskwell;
            ${keepAlive ? 'proxy_http_version 1.1; proxy_set_header Connection "";' : ''}
          }
        }
      }`;
    await writeFile(join(folder, 'nginx.conf'), configuration);
    const child = spawn(NGINX, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
    const url = `http://127.0.0.1:${port}`;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
      if ((await fetch(`${url}/health`).catch(() => undefined))?.ok) return new Nginx(url, child, folder);
    }
  }

  /** What it logged about requests that failed. A refused connection is no failure: the other instance gets the request. */
  async errors(): Promise<string> {
    const lines = (await readFile(join(this.folder, 'error.log'), 'utf8')).split('\n');
    return lines.filter((line) => !line.includes('Connection refused')).join('\n');
  }

  async stop(): Promise<void> {
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    await closed;
    await rm(this.folder, { recursive: true, force: true });
  }
}
