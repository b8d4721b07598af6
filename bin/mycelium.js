#!/usr/bin/env node
// `node bin/mycelium.js …`, on any Node from 18 on.
import { run } from '../scripts/run.js';

run('apps/mycelium/src/main.js', process.argv.slice(2));
