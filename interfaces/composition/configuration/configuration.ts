import * as v from 'valibot';
import { CONTRACT_NAMES } from '../../http/contracts/contracts.ts';
import { databaseSettings, describeDatabaseSettings } from './database-settings.ts';
import { describeMetricsSettings, metricsSettings } from './metrics-settings.ts';
import { describeRateLimitSettings, rateLimitSettings } from './rate-limit-settings.ts';
import { describeServerSettings, serverSettings } from './server-settings.ts';
import type { ShownSetting } from './setting-schemas.ts';
import { describeTokenSettings, tokenSettings } from './token-settings.ts';

/** What the operator configured, validated. The settings of each group are declared and documented in its file. */
export type Configuration = Readonly<v.InferOutput<ReturnType<typeof settings>>>;

/** The configuration has faults, one line each. */
export class ConfigurationInvalid extends Error {
  override readonly name = 'ConfigurationInvalid';

  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

/**
 * Reads the configuration from environment variables. A blank variable counts as not set.
 *
 * @param contracts the names that `API_CONTRACT` accepts
 * @throws ConfigurationInvalid with every fault and its remedy, but without secrets
 */
export function readConfiguration(
  environment: Readonly<Record<string, string | undefined>>,
  contracts: readonly string[] = CONTRACT_NAMES,
): Configuration {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value?.trim()) given[name] = value;
  const result = v.safeParse(settings(contracts, given), given);
  if (result.success) return result.output;
  throw new ConfigurationInvalid(result.issues.map((issue) => `${issue.path?.[0].key} ${issue.message}`));
}

/** The settings in force, as `taskwell check` prints them. */
export function describeConfiguration(configuration: Configuration): readonly ShownSetting[] {
  return [
    ...describeServerSettings(configuration),
    ...describeDatabaseSettings(configuration),
    ...describeTokenSettings(configuration),
    ...describeRateLimitSettings(configuration),
    ...describeMetricsSettings(configuration),
  ];
}

function settings(contracts: readonly string[], given: Readonly<Record<string, string>>) {
  const deployed = (given.ENVIRONMENT ?? 'dev') !== 'dev';
  return v.intersect([
    serverSettings(contracts),
    databaseSettings(deployed),
    tokenSettings(deployed, given),
    rateLimitSettings,
    metricsSettings,
  ]);
}
