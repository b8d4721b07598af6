/**
 * Unicode properties that the language has no property escapes for: bidirectional classes (RFC 5893), viramas and
 * joining types (RFC 5892 appendix A). They are tr46's own tables, so names and domains are judged by the same
 * Unicode version.
 */
// oxlint-disable-next-line typescript/triple-slash-reference -- every package that compiles this file needs the declaration
/// <reference path="./tr46-tables.d.ts" />
import tables from 'tr46/lib/regexes.js';

export const unicodeTables: typeof tables = tables;
