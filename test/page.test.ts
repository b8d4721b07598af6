/** The page in a real browser, with real nodes behind it: from nothing to a conversation, by what a person sees. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { browserMissing, NodePage, picture, startBrowser } from './harness/browser.ts';
import { TestNode } from './harness/node.ts';
import { alicesAddress, befriend, bobsAddress, startPerson, startRelay } from './harness/people.ts';
import { World } from './harness/program.ts';

describe.skipIf(browserMissing !== undefined)(
  `the page${browserMissing === undefined ? '' : ` (skipped, because ${browserMissing})`}`,
  { timeout: 240_000 },
  () => {
    let world: World;
    let browser: Browser;
    const pages: NodePage[] = [];
    beforeAll(async () => {
      browser = await startBrowser();
    });
    afterAll(() => browser.close());
    afterEach(async () => {
      for (const page of pages.splice(0)) await page.close();
      await world.end();
    });

    const open = async (node: TestNode): Promise<NodePage> => {
      const page = await NodePage.open(browser, node);
      pages.push(page);
      return page;
    };

    test('somebody new makes an account, invites Bob, and they talk', async () => {
      world = new World();
      const relay = await startRelay(world, 'relay');
      const relays = [relay.address];
      const alice = await new TestNode(world, 'alice', { relays }).start();
      const bob = await startPerson(world, bobsAddress, { relays });
      const [hers, his] = [await open(alice), await open(bob)];

      await hers.page.getByLabel('Your address').fill(alicesAddress);
      expect(await hers.accessibilityFaults()).toEqual([]);
      await picture(hers, 'welcome');
      await hers.page.getByRole('button', { name: 'Create account' }).click();
      await hers.page.getByRole('button', { name: 'Show the words' }).click();
      const words = await hers.page.locator('.words li').allTextContents();
      expect(words).toHaveLength(12);
      await hers.page.getByRole('button', { name: 'I wrote them down' }).click();
      for (const field of await hers.page.getByRole('textbox').all()) {
        const label = await field.evaluate(
          (input) => input.ownerDocument.querySelector(`label[for="${input.id}"]`)?.textContent ?? '',
        );
        await field.fill(words[Number(/\d+/.exec(label)?.[0]) - 1] ?? '');
      }
      await hers.page.getByRole('button', { name: 'Done' }).click();

      await hers.page.getByRole('link', { name: 'Add contact' }).click();
      await hers.page.getByRole('button', { name: 'Make a link' }).click();
      const link = await hers.page.locator('.link-text').textContent();
      expect(await hers.accessibilityFaults()).toEqual([]);
      await picture(hers, 'invite');
      await his.page.getByRole('link', { name: 'Add contact' }).click();
      await his.page.getByLabel('Invite link').fill(link ?? '');
      await his.page.getByRole('button', { name: 'Add', exact: true }).click();
      await hers.page.getByRole('link', { name: bobsAddress }).click();

      const hostile =
        '<img src=x onerror=alert(1)> **bold** [here](javascript:alert(1)) https://example.org/';
      await hers.page.getByLabel(`Message to ${bobsAddress}`).fill(hostile);
      await hers.page.keyboard.press('Enter');
      const came = his.page.getByRole('feed').getByText('<img src=x');
      await came.waitFor();
      expect(await his.page.locator('.message img').count()).toBe(0);
      expect(await his.page.locator('.message strong').allTextContents()).toEqual(['bold']);
      expect(await his.page.locator('.message a').count()).toBe(0);
      await his.page.getByLabel(`Message to ${alicesAddress}`).fill('שלום Alice');
      await his.page.keyboard.press('Enter');
      await hers.page.getByRole('feed').getByText('שלום Alice').waitFor();
      await hers.page.getByText('Delivered', { exact: true }).first().waitFor();
      expect(await hers.accessibilityFaults()).toEqual([]);
      await picture(hers, 'conversation');
      expect([hers.faults, his.faults]).toEqual([[], []]);
    });

    test('a contact is verified, the way of messages is shown, and every screen can be read aloud', async () => {
      world = new World();
      const relay = await startRelay(world, 'relay');
      const relays = [relay.address];
      const [alice, bob] = await Promise.all([
        startPerson(world, alicesAddress, { relays }),
        startPerson(world, bobsAddress, { relays }),
      ]);
      await befriend(alice, bob);
      const his = await open(bob);
      await his.page.getByRole('link', { name: alicesAddress }).click();
      await his.page.getByRole('link', { name: 'Not verified' }).click();
      const { safetyNumber } = await alice.one('contact', 'show', bobsAddress);
      await his.page.getByLabel('Their number').fill('12345 '.repeat(12));
      await his.page.getByRole('button', { name: 'Compare' }).click();
      await his.page.getByText('somebody may stand between you').waitFor();
      await his.page.getByLabel('Their number').fill(String(safetyNumber));
      await his.page.getByRole('button', { name: 'Compare' }).click();
      await his.page.getByText('Verified', { exact: true }).first().waitFor();
      await his.page.getByText('relays only').click();
      await expect
        .poll(async () => (await bob.one('contact', 'show', alicesAddress))['policy'])
        .toBe('relays-only');
      expect(await his.accessibilityFaults()).toEqual([]);
      await picture(his, 'contact');
      for (const place of ['Network', 'Settings']) {
        await his.page.getByRole('link', { name: place }).click();
        await his.page.getByRole('heading', { name: place }).waitFor();
        expect(await his.accessibilityFaults()).toEqual([]);
        await picture(his, place.toLowerCase());
      }
      await his.page.getByText('Deutsch').click();
      await his.page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
      await his.page.getByText('Dunkel').click();
      expect(await his.accessibilityFaults()).toEqual([]);
      await his.page.setViewportSize({ width: 320, height: 640 });
      await his.page.getByRole('link', { name: 'Chats' }).click();
      await his.page.getByRole('link', { name: alicesAddress }).waitFor();
      expect(await his.accessibilityFaults()).toEqual([]);
      await picture(his, 'narrow');
      expect(his.faults).toEqual([]);
    });

    test('with the keyboard alone; the node goes away and comes back; what came meanwhile is there', async () => {
      world = new World();
      const relay = await startRelay(world, 'relay');
      const relays = [relay.address];
      const [alice, bob] = await Promise.all([
        startPerson(world, alicesAddress, { relays }),
        startPerson(world, bobsAddress, { relays }),
      ]);
      await befriend(alice, bob);
      const { page, faults } = await open(bob);
      await page.getByRole('link', { name: alicesAddress }).waitFor();
      await page.keyboard.press('Alt+ArrowDown');
      await page.getByLabel(`Message to ${alicesAddress}`).waitFor();
      await page.keyboard.press('F6');
      await page.keyboard.type('one line');
      await page.keyboard.press('Shift+Enter');
      await page.keyboard.type('and another');
      await page.keyboard.press('Enter');
      await page.getByRole('feed').getByText('and another').waitFor();
      await page.keyboard.press('Control+/');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      await page.keyboard.press('Escape');
      await bob.stop();
      await page.getByText('Your node has stopped').waitFor();
      await alice.do('send', bobsAddress, 'while you were away');
      await bob.start();
      await page.getByRole('feed').getByText('while you were away').waitFor();
      await page.getByText('Your node has stopped').waitFor({ state: 'detached' });
      await alice.do('send', bobsAddress, 'and now');
      await page.getByRole('feed').getByText('and now').waitFor();
      expect(faults).toEqual([]);
    });
  },
);
