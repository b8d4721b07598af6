/**
 * A key picture as SVG (spec/trust.md, "Key pictures"): attributes only, no style and no script, so that it stands in any page;
 * threads have the colour of the text around them.
 */
import { centreRadius, moved, tipRadius, type KeyPicture, type Stroke, type Tip } from './key-picture.ts';

export function keyPictureSvg(picture: KeyPicture): string {
  const { extent, name, colour, threads } = picture;
  const box = `${-extent} ${-extent} ${2 * extent} ${2 * extent}`;
  const lines = threads.flatMap(({ strokes }) => strokes.map(lineOf)).join('');
  const tips = threads.map(({ tip }) => tipOf(tip)).join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" role="img" aria-label="${name}">`,
    `<g fill="none" stroke="currentColor" stroke-linecap="round">${lines}</g>`,
    `<g fill="currentColor">${tips}</g>`,
    `<circle cx="0" cy="0" r="${centreRadius}" fill="${colour}"/></svg>`,
  ].join('');
}

function lineOf({ from, to, width }: Stroke): string {
  return `<line x1="${from.x}" y1="${from.y}" x2="${to.x}" y2="${to.y}" stroke-width="${width}"/>`;
}

function tipOf(tip: Tip): string {
  const { x, y } = tip.at;
  switch (tip.shape) {
    case 'disc':
      return `<circle cx="${x}" cy="${y}" r="${tipRadius}"/>`;
    case 'ring':
      return `<circle cx="${x}" cy="${y}" r="${tipRadius - 1_000}" fill="none" stroke="currentColor" stroke-width="2000"/>`;
    case 'square':
    case 'triangle':
      return `<polygon points="${tipCorners(tip)
        .map((corner) => `${corner.x},${corner.y}`)
        .join(' ')}"/>`;
  }
}

/** Of a square, which stands on a side across its thread, or of a triangle, which points along it. */
export function tipCorners({
  shape,
  at,
  direction,
}: Tip): readonly { readonly x: number; readonly y: number }[] {
  const corners = shape === 'square' ? [3, 9, 15, 21] : [0, 8, 16];
  return corners.map((corner) => moved(at, direction + corner, tipRadius / 1_000));
}
