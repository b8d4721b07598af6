/**
 * The picture of an account key (spec/trust.md, "Key pictures"): an aid for the eye, never a proof. It comes as SVG and is shown
 * as an image, in which nothing runs and nothing is fetched.
 */
import type { Picture } from '@mycelium/api';

interface KeyPictureProps {
  readonly picture: Picture;
  /** Whose key it is. */
  readonly of: string;
}

/** On light ground whatever the colours of the page are: threads in an image are black. */
export function KeyPicture({ picture: { name, svg }, of }: KeyPictureProps) {
  return (
    <figure className="key-picture">
      <img src={`data:image/svg+xml,${encodeURIComponent(svg)}`} alt={name} />
      <figcaption className="muted">{of}</figcaption>
    </figure>
  );
}
