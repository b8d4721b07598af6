// Who may import whom (docs: CONTRIBUTING.md, "Structure"). Paths are matched anywhere, so that the fixture in
// scripts/fences/fixture, which breaks each rule once, is judged by the same patterns.
const own = (name) => `(^|/)packages/${name}/src/`;
const packagesOtherThan = (...names) => `(^|/)packages/(?!(${names.join('|')})/)[^/]+/src/`;

/** The package may import only these of ours, besides itself. */
const fence = (name, ...allowed) => ({
  name: `${name}-imports`,
  comment: allowed.length > 0 ? `${name} may import ${allowed.join(', ')} only` : `${name} stands alone`,
  severity: 'error',
  from: { path: own(name) },
  to: { path: [packagesOtherThan(name, ...allowed), '(^|/)apps/[^/]+/'] },
});

module.exports = {
  forbidden: [
    fence('protocol'),
    fence('runtime', 'protocol'),
    fence('kernel', 'protocol'),
    fence('mls', 'protocol', 'runtime'),
    fence('client', 'protocol', 'runtime'),
    fence('api'),
    fence('node', 'protocol', 'runtime', 'kernel', 'mls'),
    fence('simulation', 'protocol', 'runtime'),
    {
      name: 'pure-protocol',
      comment: 'protocol has no platform',
      severity: 'error',
      from: { path: own('protocol') },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'simulation-is-for-tests',
      severity: 'error',
      from: { path: '(^|/)(packages|apps)/[^/]+/(src|bin)/', pathNot: own('simulation') },
      to: { path: own('simulation') },
    },
    {
      name: 'relay-and-directory-without-client',
      comment: 'A relay or directory serves everybody and is nobody in particular',
      severity: 'error',
      from: { path: '(^|/)apps/[^/]+/src[a-z/-]*/(relay|directory)' },
      to: { path: own('client') },
    },
    {
      name: 'apps-apart',
      severity: 'error',
      from: { path: '(^|/)apps/([^/]+)/' },
      to: { path: '(^|/)apps/[^/]+/', pathNot: '(^|/)apps/$2/' },
    },
    {
      name: 'page-speaks-api',
      comment: 'The page knows the node by its API alone',
      severity: 'error',
      from: { path: '(^|/)apps/web/src/' },
      to: { path: packagesOtherThan('api') },
    },
    {
      name: 'commands-speak-api',
      comment: 'Command files may import only api and local files; they reach the daemon through the API',
      severity: 'error',
      from: { path: '(^|/)apps/mycelium/src/commands/' },
      to: { path: packagesOtherThan('api') },
    },
    {
      name: 'commands-without-daemon',
      comment: 'Only the command that starts the daemon (commands/up.ts) may import it',
      severity: 'error',
      from: { path: '(^|/)apps/mycelium/src/commands/', pathNot: '/commands/up\\.ts$' },
      to: { path: '(^|/)apps/mycelium/src/daemon/' },
    },
    {
      name: 'no-cycles',
      comment: 'Type imports included',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { pathNot: 'node_modules' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'node_modules/(?!@mycelium)' },
    tsPreCompilationDeps: true,
    detectJSDocImports: false,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
