/**
 * The tables inside tr46 that names need as well: bidirectional classes, viramas and joining types, generated
 * from the Unicode data of the same version that judges domains. The version is pinned;
 * test/identity/precis.test.ts fails when they change.
 */
declare module 'tr46/lib/regexes.js' {
  const tables: Readonly<
    Record<
      | 'combiningClassVirama'
      | 'validZWNJ'
      | 'bidiDomain'
      | 'bidiS1LTR'
      | 'bidiS1RTL'
      | 'bidiS2'
      | 'bidiS3'
      | 'bidiS4EN'
      | 'bidiS4AN'
      | 'bidiS5'
      | 'bidiS6',
      RegExp
    >
  >;
  export default tables;
}
