// The page's build. What comes out is served by the daemon (apps/mycelium/src/daemon/page-files.ts) under a policy that
// allows scripts and styles from files only.
import { compileMessage } from '@lingui/message-utils/compileMessage';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Catalogues as the library wants them: ICU messages compiled here, so that the page carries no compiler. */
function catalogues(): Plugin {
  return {
    name: 'mycelium:catalogues',
    enforce: 'pre',
    transform: {
      filter: { id: /\/src\/texts\/[a-z]+\.json$/ },
      handler: (code) => {
        const messages = JSON.parse(code) as Readonly<Record<string, string>>;
        const compiled = Object.entries(messages).map(([key, text]) => [key, compileMessage(text)]);
        return { code: JSON.stringify(Object.fromEntries(compiled)), map: null };
      },
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [catalogues(), react()],
  build: {
    target: 'es2023',
    // Nothing inlined: the policy allows files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
  },
});
