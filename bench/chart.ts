import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { TASKWELL } from './contestants.ts';
import type { Results } from './results.ts';
import { summary } from './summary.ts';

/** Colours that tell apart on a white page and on a dark one. */
const COLOURS = { subject: '#2f81f7', kin: '#79b8ff', others: '#8b949e' };
const FONT = 'system-ui, -apple-system, "Segoe UI", sans-serif';

/** The results as an SVG image: for each case the requests in a second, a bar for each contestant. */
export async function chart(results: Results): Promise<string> {
  const { spec } = compile(specification(results));
  const svg = await new View(parse(spec), { renderer: 'none' }).toSVG();
  return `${adaptive(svg)}\n`;
}

function specification(results: Results): TopLevelSpec {
  const { cases, contestants, subject } = results;
  const values = cases.flatMap(({ name, title }) =>
    summary(results, name).map((line) => ({
      case: title,
      contestant: line.title,
      requests: Math.round(line.requestsPerSecond),
      part: line.contestant === subject ? 'subject' : line.contestant.startsWith(TASKWELL) ? 'kin' : 'others',
    })),
  );
  const y = { field: 'contestant', type: 'nominal', sort: contestants.map(({ title }) => title), title: null } as const;
  const x = { field: 'requests', type: 'quantitative', title: null } as const;
  return {
    data: { values },
    title: {
      text: 'Requests in a second, more is better',
      subtitle: `Each case on a scale of its own; medians of ${results.rounds} rounds of ${results.seconds} s`,
      anchor: 'start',
      offset: 16,
    },
    padding: 16,
    columns: 2,
    facet: { field: 'case', type: 'nominal', sort: cases.map(({ title }) => title), title: null },
    spec: {
      width: 250,
      height: { step: 22 },
      layer: [
        {
          mark: { type: 'bar', cornerRadiusEnd: 2, height: { band: 0.75 } },
          encoding: {
            y: { ...y, axis: { ticks: false, domain: false, labelPadding: 6 } },
            x: { ...x, axis: null, scale: { range: [0, 200] } },
            color: {
              field: 'part',
              type: 'nominal',
              scale: { domain: Object.keys(COLOURS), range: Object.values(COLOURS) },
              legend: null,
            },
          },
        },
        {
          mark: { type: 'text', align: 'left', dx: 5 },
          encoding: { y, x, text: { field: 'requests', type: 'quantitative', format: ',' } },
        },
      ],
    },
    resolve: { scale: { x: 'independent' } },
    config: {
      background: '#ffffff',
      font: FONT,
      view: { stroke: null },
      axis: { labelFontSize: 12, labelLimit: 300 },
      text: { fontSize: 11 },
      title: { fontSize: 16, subtitleFontSize: 12 },
      header: { labelFontSize: 13, labelFontWeight: 'bold', labelAnchor: 'start' },
    },
  };
}

/** Says how it looks where the reader's system is dark: rules outrank the attributes that Vega writes. */
function adaptive(svg: string): string {
  const rules = 'text{fill:#1f2328}@media (prefers-color-scheme:dark){text{fill:#e6edf3}svg>rect{fill:#0d1117}}';
  return svg.replace(/(<svg[^>]*>)/, `$1<style>${rules}</style>`);
}
