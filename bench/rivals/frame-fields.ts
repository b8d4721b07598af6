/** The fields of a short frame as every format gets them: the same bytes, no more and no less. */
export interface FrameFields {
  readonly type: number;
  readonly version: number;
  /** 16 bytes. */
  readonly route: Uint8Array;
  readonly generation: number;
  /** 8 bytes. */
  readonly guard: Uint8Array;
  /** 96 bytes: sealed header, content, tag. */
  readonly sealed: Uint8Array;
}

/** What every decoder checks after decoding, as the walk does: a registered type, the version, the sizes. */
export function isWellFormed(frame: FrameFields): boolean {
  if (frame.type !== 1 || frame.version !== 1) return false;
  return frame.route.length === 16 && frame.guard.length === 8 && frame.sealed.length === 96;
}

export interface Format {
  readonly name: string;
  readonly encode: (frame: FrameFields) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => FrameFields;
}
