/** The machine that a figure was seen on, and how busy it was: without it no figure means anything. */
import os from 'node:os';

export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryGb: number;
  /** Of the last minute, before the benchmarks began. */
  readonly loadAverage: number;
  readonly node: string;
  readonly platform: string;
}

export function readMachine(): Machine {
  const [first] = os.cpus();
  return {
    cores: os.availableParallelism(),
    model: first?.model.trim() ?? 'unknown',
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    loadAverage: Number((os.loadavg()[0] ?? 0).toFixed(2)),
    node: process.version,
    platform: `${process.platform} ${os.release()} ${process.arch}`,
  };
}

export function machineLine(machine: Machine): string {
  const { cores, model, memoryGb, loadAverage, node, platform } = machine;
  return `${cores} cores of ${model}, ${memoryGb} GB, ${platform}, Node ${node}, load average ${loadAverage}`;
}
