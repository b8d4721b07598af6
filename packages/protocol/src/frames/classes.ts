/** Which frames a message takes (spec/frames.md, "Classes"): the smallest class that holds it, or several long ones. */
import { mailFrameTypes } from '../codes.ts';
import { assert } from '../errors.ts';
import { messageBytesMax } from '../limits.ts';
import { contentBytesMax } from './layout.ts';

/** How many frames a message of so many bytes takes. */
export function frameCount(contentBytes: number): number {
  assert(contentBytes >= 0 && contentBytes <= messageBytesMax, 'the content fits one message');
  return Math.max(1, Math.ceil(contentBytes / contentBytesMax.long));
}

/** The type of every frame of such a message. */
export function frameTypeFor(contentBytes: number): number {
  if (contentBytes <= contentBytesMax.short) return mailFrameTypes.short;
  return contentBytes <= contentBytesMax.medium ? mailFrameTypes.medium : mailFrameTypes.long;
}
