/**
 * A real browser at a node's page: Debian's chromium without a window. Everything that a page must not do is collected:
 * violations of its policy, errors, and requests that go elsewhere.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { pageFolder } from '../../apps/mycelium/src/daemon/page-files.ts';
import type { TestNode } from './node.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => existsSync(file));

/** Why pages cannot be tried here; undefined: they can. */
export const browserMissing: string | undefined =
  executablePath === undefined || spawnSync(executablePath, ['--version']).status !== 0
    ? 'there is no chromium here (Debian: apt-get install chromium)'
    : existsSync(pageFolder)
      ? undefined
      : 'the page is not built ("npm run page")';

/** Slower machines take their time; a hang does not. */
const patienceMs = 60_000;

export async function startBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(browserMissing);
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({ executablePath, args });
}

export class NodePage {
  readonly page: Page;
  readonly url: string;
  /** What must stay empty. */
  readonly faults: string[] = [];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.#context = context;
    this.page = page;
    this.url = url;
  }

  /** A browser of its own at the page of this node; it is asked for the code. */
  static async open(
    browser: Browser,
    node: TestNode,
    options: { readonly locale?: string } = {},
  ): Promise<NodePage> {
    const { url, code } = await node.one('page');
    const context = await browser.newContext({ locale: options.locale ?? 'en-GB' });
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    const opened = new NodePage(context, page, String(url));
    opened.#watch();
    await page.goto(String(url));
    await page.getByLabel('Code').fill(String(code));
    await page.getByRole('button', { name: 'Let it in' }).click();
    return opened;
  }

  #watch(): void {
    const { page, faults, url } = this;
    page.on('console', (message) => {
      // A node that was stopped is expected not to answer.
      if (message.type() === 'error' && !/WebSocket connection to/.test(message.text()))
        faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => {
      if (new URL(request.url()).host !== new URL(url).host) faults.push(`asked for ${request.url()}`);
    });
  }

  /** Serious findings of axe on what is shown now. */
  async accessibilityFaults(): Promise<readonly string[]> {
    // The policy lets no text become a script; the developer's side of the browser may.
    const found = await this.page.evaluate(`(async () => {
      ${axe.source}
      const { violations } = await axe.run(document, { resultTypes: ['violations'] });
      return violations.map(({ id, impact, nodes }) => [impact, id, nodes.map(({ html }) => html).join(' | ')]);
    })()`);
    return (found as readonly (readonly string[])[])
      .filter(([impact]) => impact === 'serious' || impact === 'critical')
      .map((finding) => finding.join(': '));
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}

/** `MYCELIUM_SCREENS=DIR` keeps pictures of what the tests came by. */
const screens = process.env['MYCELIUM_SCREENS'];

export async function picture({ page }: NodePage, name: string): Promise<void> {
  if (screens === undefined) return;
  mkdirSync(screens, { recursive: true });
  await page.screenshot({ path: path.join(screens, `${name}.png`) });
}
