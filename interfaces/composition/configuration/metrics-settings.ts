import * as v from 'valibot';
import { host, type ShownSetting, wholeNumber } from './setting-schemas.ts';

export type MetricsSettings = Readonly<v.InferOutput<typeof metricsSettings>>;

/** Reads whether and where the metrics are served. */
export const metricsSettings = v.pipe(
  v.object({
    ENVIRONMENT: v.optional(v.string()),
    METRICS_PORT: v.optional(wholeNumber({ min: 0, max: 65_535, example: 9464 })),
    METRICS_HOST: v.optional(host),
  }),
  v.transform((set) => ({
    /** `undefined`: nothing is measured. */
    metrics:
      set.METRICS_PORT === undefined
        ? undefined
        : {
            host: set.METRICS_HOST ?? (set.ENVIRONMENT === 'production' ? '0.0.0.0' : '127.0.0.1'),
            port: set.METRICS_PORT,
          },
  })),
);

export function describeMetricsSettings({ metrics }: MetricsSettings): readonly ShownSetting[] {
  return [
    ['METRICS_PORT', metrics === undefined ? '(off)' : String(metrics.port)],
    ['METRICS_HOST', metrics === undefined ? '(none)' : metrics.host],
  ];
}
