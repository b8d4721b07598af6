/** The picture of docs/directory.md: what share of claims is found, by how long ago they were published. */
import type { ChurnAge } from './churn.ts';

export interface Curve {
  readonly stayHours: number;
  readonly ages: readonly ChurnAge[];
}

const width = 640;
const height = 300;
const left = 60;
const right = 20;
const top = 40;
const bottom = 50;
const colours = ['#2f6f4f', '#b3541e', '#3b5b92'];

export function churnPicture(curves: readonly Curve[], nodes: number): string {
  const hoursMax = Math.max(...curves.flatMap(({ ages }) => ages.map(({ hours }) => hours)));
  const x = (hours: number): number => left + (hours / hoursMax) * (width - left - right);
  const y = (share: number): number => top + (1 - share) * (height - top - bottom);
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${left}" x2="${width - right}" y1="${y(share)}" y2="${y(share)}" stroke="#ccc"/>` +
      `<text x="${left - 8}" y="${y(share) + 4}" text-anchor="end">${share * 100} %</text>`,
  );
  const hours = [...new Set(curves.flatMap(({ ages }) => ages.map((age) => age.hours)))].map(
    (hour) => `<text x="${x(hour)}" y="${height - bottom + 18}" text-anchor="middle">${hour}</text>`,
  );
  const lines = curves.map(({ stayHours, ages }, at) => {
    const colour = colours[at % colours.length] ?? '#000';
    const points = ages.map((age) => [x(age.hours), y(age.found / age.claims)] as const);
    const dots = points.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="4" fill="${colour}"/>`);
    const legend = `<text x="${left + 12}" y="${height - bottom - 12 - 18 * at}" fill="${colour}">nodes stay ${stayHours} hours</text>`;
    return (
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map((point) => point.join()).join(' ')}"/>` +
      dots.join('') +
      legend
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${left}" y="24" font-weight="bold">Claims found among ${nodes.toLocaleString('en-US')} simulated nodes that come and go</text>`,
    ...grid,
    ...hours,
    ...lines,
    `<text x="${(left + width) / 2}" y="${height - 12}" text-anchor="middle">hours since the claim was published, once, by nobody again</text>`,
    '</svg>',
    '',
  ].join('\n');
}
