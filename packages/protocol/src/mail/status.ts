/**
 * `status` (29) and `status report` (30): what a client needs to choose relays (spec/mail.md, "Status").
 * Anybody may ask; the figures are the server's own claim.
 */
import { controlFrameTypes } from '../codes.ts';
import type { Result } from '../errors.ts';
import { type ControlHeader, decodeControl, encodeControl, smallControlBytes } from './control-header.ts';

export interface Status extends ControlHeader {
  readonly kind: 'status';
}

export interface StatusReport extends ControlHeader {
  readonly kind: 'status-report';
  /** Mail protocol version in use on this connection. */
  readonly version: number;
  /** How full the store is, 0 to 100. */
  readonly loadPercent: number;
  readonly queues: number;
  readonly connections: number;
  readonly retentionSeconds: number;
  readonly queueFramesMax: number;
}

const askLayout = { type: controlFrameTypes.status, name: 'status', size: smallControlBytes };
const reportLayout = { type: controlFrameTypes.statusReport, name: 'status report', size: smallControlBytes };

export function encodeStatus(status: Omit<Status, 'kind'>): Uint8Array {
  return encodeControl(askLayout, status, () => undefined);
}

export function decodeStatus(frame: Uint8Array): Result<Status> {
  return decodeControl(askLayout, frame, () => ({ kind: 'status' as const }));
}

export function encodeStatusReport(report: Omit<StatusReport, 'kind'>): Uint8Array {
  return encodeControl(reportLayout, report, (writer) => {
    writer.u8(report.version).u8(report.loadPercent).u32(report.queues).u32(report.connections);
    writer.u32(report.retentionSeconds).u32(report.queueFramesMax);
  });
}

export function decodeStatusReport(frame: Uint8Array): Result<StatusReport> {
  return decodeControl(reportLayout, frame, (reader) => {
    const report = {
      kind: 'status-report' as const,
      version: reader.u8('version in use'),
      loadPercent: reader.u8('load'),
      queues: reader.u32('queues'),
      connections: reader.u32('connections'),
      retentionSeconds: reader.u32('retention'),
      queueFramesMax: reader.u32('queue frames max'),
    };
    if (report.loadPercent > 100) reader.refuse('load', 'range', 'is at most 100');
    return report;
  });
}
