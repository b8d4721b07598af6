/** The machine that a figure was seen on, and how busy it was: without it no figure means anything. */
import os from 'node:os';

export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryGb: number;
  /** Of the last minute, before the benchmarks began. */
  readonly loadAverage: number;
  /** After they ended, their own load in it. */
  readonly loadAverageAfter?: number;
  readonly node: string;
  readonly platform: string;
}

export function readMachine(): Machine {
  const [first] = os.cpus();
  return {
    cores: os.availableParallelism(),
    model: first?.model.trim() ?? 'unknown',
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    loadAverage: readLoadAverage(),
    node: process.version,
    platform: `${process.platform} ${os.release()} ${process.arch}`,
  };
}

export function readLoadAverage(): number {
  return Number((os.loadavg()[0] ?? 0).toFixed(2));
}

export function machineLine(machine: Machine): string {
  const { cores, model, memoryGb, loadAverage, loadAverageAfter, node, platform } = machine;
  const after = loadAverageAfter === undefined ? '' : ` before and ${loadAverageAfter} after`;
  return `${cores} cores of ${model}, ${memoryGb} GB, ${platform}, Node ${node}, load average ${loadAverage}${after}`;
}
