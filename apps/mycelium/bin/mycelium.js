#!/usr/bin/env node
// npm links a workspace's own bin, so this stands for the repository's.
import '../../../bin/mycelium.js';
