import type { Results } from './results.ts';
import { type Line, type Spread, summary } from './summary.ts';

/** The JSON has all of them. */
const FAULTS_MAX = 20;

/** The results as Markdown: what was measured where, a table for each case, and what was wrong. */
export function report(results: Results): string {
  const { at, machine, node, postgres, load, rounds, seconds, cases, contestants, faults } = results;
  const subject = contestants.find(({ name }) => name === results.subject)?.title;
  const about = `${at.slice(0, 10)}; ${machine}; Node.js ${node}; PostgreSQL ${postgres}; ${load}; medians of ${rounds} rounds of ${seconds} s. The ratio is ${subject}'s requests/s to those of the line, round by round: median (least–most).`;
  const tables = cases.map(({ name, title }) => `### ${title}\n\n${table(summary(results, name))}`);
  const shown = faults.slice(0, FAULTS_MAX).map((fault) => `- ${fault}`);
  const more = faults.length > FAULTS_MAX ? [`- and ${faults.length - FAULTS_MAX} more`] : [];
  const wrong = faults.length === 0 ? [] : [`### Wrong answers\n\n${[...shown, ...more].join('\n')}`];
  return [about, ...tables, ...wrong].join('\n\n');
}

const COLUMNS = ['', 'requests/s', 'p50 ms', 'p95 ms', 'p99 ms', 'errors', 'CPU', 'RSS MB', 'ratio'];

function table(lines: readonly Line[]): string {
  const rows = [COLUMNS, ...lines.map(cells)];
  const widths = COLUMNS.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const [head = '', ...body] = rows.map((row) => {
    const padded = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return `| ${padded.join(' | ')} |`;
  });
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [head, `| ${rule.join(' | ')} |`, ...body].join('\n');
}

function cells(line: Line): string[] {
  const { title, requestsPerSecond, p50, p95, p99, errors, cpu, rss, ratio } = line;
  return [
    title,
    Math.round(requestsPerSecond).toLocaleString('en'),
    ...[p50, p95, p99].map((milliseconds) => milliseconds.toFixed(milliseconds < 10 ? 2 : 1)),
    String(errors),
    cpu === undefined ? '–' : `${Math.round(cpu * 100)} %`,
    rss === undefined ? '–' : String(Math.round(rss / 1024 / 1024)),
    ratio === undefined ? '' : ratioText(ratio),
  ];
}

/** As `1.31× (1.24–1.40)`. */
function ratioText({ median, min, max }: Spread): string {
  return `${median.toFixed(2)}× (${min.toFixed(2)}–${max.toFixed(2)})`;
}
