/**
 * QR codes: in a terminal two modules a character, and as SVG with attributes only. Error correction L, which makes them small; with
 * the quiet zone of four modules that scanners want.
 */
import { encode } from 'uqr';

const quietModules = 4;
/** Black on white whatever the terminal's colours are. */
const blackOnWhite = '\u001b[38;5;16;48;5;231m';
const reset = '\u001b[0m';

/** Dark modules, the quiet zone around them included. */
export function qrModules(text: string): readonly (readonly boolean[])[] {
  return encode(text, { ecc: 'L', boostEcc: false, border: quietModules }).data;
}

/**
 * Lines for a terminal. Without `colour` the light modules are the ones that are drawn, as most terminals write light on dark.
 */
export function qrLines(text: string, colour: boolean): readonly string[] {
  const modules = qrModules(text);
  const lines: string[] = [];
  for (let row = 0; row < modules.length; row += 2) {
    const upper = modules[row] ?? [];
    const lower = modules[row + 1] ?? upper.map(() => false);
    const line = upper
      .map((dark, column) => halves(dark === colour, (lower[column] ?? false) === colour))
      .join('');
    lines.push(colour ? `${blackOnWhite}${line}${reset}` : line);
  }
  return lines;
}

function halves(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '█' : '▀';
  return lower ? '▄' : ' ';
}

export function qrSvg(text: string): string {
  const modules = qrModules(text);
  const dark = modules.flatMap((row, y) =>
    row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])),
  );
  const side = modules.length;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">`,
    `<rect width="${side}" height="${side}" fill="#ffffff"/>`,
    `<path d="${dark.join('')}" fill="#000000"/></svg>\n`,
  ].join('');
}
