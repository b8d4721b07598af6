import { verify } from './steps.ts';

const { ok } = await verify();
process.exitCode = ok ? 0 : 1;
