import * as v from 'valibot';
import { databaseSettings, describeDatabaseSettings } from './database-settings.ts';
import { describeMetricsSettings, metricsSettings } from './metrics-settings.ts';
import { describeRateLimitSettings, rateLimitSettings } from './rate-limit-settings.ts';
import { describeServerSettings, serverSettings } from './server-settings.ts';
import type { ShownSetting } from './setting-schemas.ts';
import { describeSignInSettings, signInSettings, signsIn } from './sign-in-settings.ts';
import { describeTokenSettings, tokenSettings } from './token-settings.ts';

/** The validated configuration. Each group of settings is declared and documented in its own file. */
export type Configuration = Readonly<v.InferOutput<ReturnType<typeof settings>>>;

/** A configuration with the URL of the database that was opened and, in dev, the secret of the data folder. */
export type ResolvedConfiguration = Configuration & { readonly databaseUrl: string };

/** The configuration has faults. Each is one line. */
export class ConfigurationInvalid extends Error {
  override readonly name = 'ConfigurationInvalid';

  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

/**
 * Reads the configuration from environment variables. A blank variable counts as not set.
 *
 * @throws ConfigurationInvalid with every fault and its remedy, but without secrets
 */
export function readConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value?.trim()) given[name] = value;
  const result = v.safeParse(settings(given), given, { abortPipeEarly: true });
  if (result.success) return result.output;
  throw new ConfigurationInvalid(result.issues.map((issue) => `${issue.path?.[0].key} ${issue.message}`));
}

/** The names of all settings. */
export const SETTING_NAMES: readonly string[] = [
  ...new Set(settings({}).options.flatMap(({ pipe: [{ entries }] }) => Object.keys(entries))),
];

/** The effective settings, as `taskwell check` prints them. */
export function describeConfiguration(configuration: Configuration): readonly ShownSetting[] {
  return [
    ...describeServerSettings(configuration),
    ...describeDatabaseSettings(configuration),
    ...describeTokenSettings(configuration),
    ...describeSignInSettings(configuration),
    ...describeRateLimitSettings(configuration),
    ...describeMetricsSettings(configuration),
  ];
}

function settings(given: Readonly<Record<string, string>>) {
  const deployed = ['staging', 'production'].includes(given.ENVIRONMENT ?? '');
  return v.intersect([
    serverSettings,
    databaseSettings(deployed),
    tokenSettings(deployed && !signsIn(deployed, given), given),
    signInSettings(deployed, given),
    rateLimitSettings,
    metricsSettings,
  ]);
}
