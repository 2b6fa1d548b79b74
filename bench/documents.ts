import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart } from './chart.ts';
import { ROOT } from './paths.ts';
import { report } from './report.ts';
import { type Results, writeResults } from './results.ts';

const [BEGIN, END] = ['<!-- results -->', '<!-- /results -->'];

/** Puts the results into `docs/`: the tables between the marks in `performance.md`, the chart and the JSON beside it. */
export async function writeDocuments(results: Results): Promise<void> {
  const page = join(ROOT, 'docs/performance.md');
  const text = readFileSync(page, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${page} has no ${BEGIN} … ${END}`);
  const tables = `${BEGIN}\n\n${report(results)}\n\n`;
  writeFileSync(page, text.slice(0, begin) + tables + text.slice(end));
  writeFileSync(join(ROOT, 'docs/performance.svg'), await chart(results));
  writeResults(join(ROOT, 'docs/performance.json'), results);
}
