/** The value of each time series on a page of metrics, by its name and labels as they stand there. */
export function readMetrics(page: string): Map<string, number> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, series = '', value = ''] = /^(\S+?(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
      // The library writes Nan, which Prometheus reads, for what has not been observed yet.
      if (series === '' || (value !== 'Nan' && Number.isNaN(Number(value)))) {
        throw new Error(`not a line of the text format: ${line}`);
      }
      return [series, Number(value)];
    }),
  );
}

/** The sum of all time series of a name that have these labels, such as `'status="200"'`. */
export function sumOf(page: string, name: string, ...labels: readonly string[]): number {
  let sum = 0;
  for (const [series, value] of readMetrics(page)) {
    const [own, rest = ''] = series.split('{');
    if (own === name && labels.every((label) => rest.includes(label))) sum += value;
  }
  return sum;
}
