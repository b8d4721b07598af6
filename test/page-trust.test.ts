/** How sure one may be of a contact, on the page: compared by words and codes; two accounts claim one address. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { browserMissing, NodePage, picture, startBrowser } from './harness/browser.ts';
import { TestNode } from './harness/node.ts';
import {
  acceptInvite,
  accepted,
  alicesAddress,
  befriend,
  befriended,
  bobsAddress,
  startPerson,
  startRelay,
} from './harness/people.ts';
import { World } from './harness/program.ts';

const carolsAddress = 'carol@example.net';

describe.skipIf(browserMissing !== undefined)(
  `trust on the page${browserMissing === undefined ? '' : ` (skipped, because ${browserMissing})`}`,
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

    test('words and codes compare what the other side shows, pictures prove nothing, and who was verified can vouch', async () => {
      world = new World();
      const { relay, alice, bob } = await befriended(world);
      const carol = await startPerson(world, carolsAddress, { relays: [relay.address] });
      await befriend(alice, carol, { inviter: alicesAddress, guest: carolsAddress });
      await befriend(bob, carol, { inviter: bobsAddress, guest: carolsAddress });
      const his = await open(bob);
      const { page } = his;
      await page.getByRole('link', { name: alicesAddress }).click();
      await page.getByRole('link', { name: 'Not verified' }).click();
      const shown = await alice.one('contact', 'verify', bobsAddress);

      await picture(his, 'trust');
      await page.getByRole('tab', { name: 'Words' }).click();
      await page.getByText(String(shown['words']), { exact: true }).waitFor();
      await page.getByLabel('Their words').fill('one two three');
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.getByText('That did not work').waitFor();
      expect(await his.accessibilityFaults()).toEqual([]);
      await picture(his, 'words');

      await page.getByRole('tab', { name: 'Code' }).click();
      await page.getByRole('img', { name: `Code for ${alicesAddress} to scan` }).waitFor();
      const { name } = shown['ownPicture'] as { readonly name: string };
      const drawn = page.getByRole('img', { name, exact: true }).first();
      await drawn.waitFor();
      await expect
        .poll(() => drawn.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth))
        .toBeGreaterThan(0);
      await page.getByLabel('What their code says').fill(String(shown['code']));
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.getByText('It is the same on both sides').waitFor();
      expect((await bob.one('contact', 'show', alicesAddress))['trust']).toBe('verified');
      expect(await his.accessibilityFaults()).toEqual([]);
      await picture(his, 'code');

      // The word of Alice, who is verified, counts for Carol.
      const { safetyNumber } = await alice.one('contact', 'show', carolsAddress);
      await alice.one('contact', 'verify', carolsAddress, '--number', String(safetyNumber));
      await alice.one('vouch', carolsAddress, '--to', bobsAddress);
      await page.getByRole('link', { name: carolsAddress }).click();
      await page.locator('.pane-title').filter({ hasText: 'Vouched for' }).click();
      await page.getByText(`${alicesAddress} vouches for them, until`).waitFor();
      expect(await his.accessibilityFaults()).toEqual([]);
      await picture(his, 'vouched');
      expect(his.faults).toEqual([]);
    });

    test('two accounts claim one address: nothing is written until one is chosen, and then what was held goes out', async () => {
      world = new World();
      const relay = await startRelay(world);
      const shared = { bootstrap: [relay.address], relays: [relay.address] };
      const [alice, bob] = await Promise.all([
        startPerson(world, alicesAddress, shared),
        startPerson(world, bobsAddress, shared),
      ]);
      const toBob = bob.listen(0);
      await alice.one('contact', 'add', bobsAddress);
      await toBob.until('a request', (lines) => lines.find((line) => line['event'] === 'request'));
      await toBob.stop();
      await bob.one('contact', 'accept', alicesAddress);
      await accepted(alice, bobsAddress);
      await alice.one('send', bobsAddress, 'before', '--wait', 'delivered');
      await bob.stop();
      await alice.one('send', bobsAddress, 'waiting', '--wait', 'stored');
      const { fingerprint } = await alice.one('contact', 'show', bobsAddress);
      // Somebody else takes Bob's name.
      const other = new TestNode(world, 'other', shared);
      const { fingerprint: otherFingerprint } = await other.init(bobsAddress);
      await other.start();

      const hers = await open(alice);
      const { page } = hers;
      await page.getByRole('link', { name: bobsAddress }).click();
      await page.getByRole('link', { name: 'Not verified' }).click();
      // The directory takes a moment to have what was just published.
      const contested = page.getByRole('heading', { name: `Who is ${bobsAddress}?` });
      await expect
        .poll(
          async () => {
            await page.getByRole('button', { name: 'Look the address up now' }).click();
            return contested.isVisible();
          },
          { timeout: 120_000 },
        )
        .toBe(true);
      await page.getByRole('link', { name: bobsAddress }).click();
      expect(await page.getByLabel(`Message to ${bobsAddress}`).isDisabled()).toBe(true);
      await page.getByText('Held back', { exact: true }).first().waitFor();
      await picture(hers, 'contested');
      await page.getByRole('link', { name: 'Decide' }).click();
      for (const one of [fingerprint, otherFingerprint])
        await page.getByRole('radio', { name: String(one) }).waitFor({ state: 'attached' });
      expect(await page.getByRole('button', { name: 'Keep this account' }).isDisabled()).toBe(true);
      expect(await hers.accessibilityFaults()).toEqual([]);
      await page.getByText('The account that you know', { exact: true }).click();
      await page.getByText('Send to the account that I choose').waitFor();
      await picture(hers, 'decision');
      await page.getByRole('button', { name: 'Keep this account' }).click();
      await contested.waitFor({ state: 'detached' });
      const decided = await alice.one('contact', 'show', bobsAddress);
      expect(decided).toMatchObject({
        trust: 'pinned',
        fingerprint,
        held: 0,
        rivals: [{ turnedDown: true }],
      });

      await bob.start();
      await page.getByRole('link', { name: bobsAddress }).click();
      await page.getByLabel(`Message to ${bobsAddress}`).fill('it is you');
      await page.keyboard.press('Enter');
      await expect
        .poll(async () => (await bob.do('history', alicesAddress)).map(({ text }) => text), {
          timeout: 60_000,
        })
        .toEqual(['before', 'waiting', 'it is you']);
      expect(hers.faults).toEqual([]);
    });

    test('links: one is shown, taken back, and whoever comes by it asks; a request can be ignored and taken up again', async () => {
      world = new World();
      const relay = await startRelay(world, 'relay');
      const relays = [relay.address];
      const [alice, bob] = await Promise.all([
        startPerson(world, alicesAddress, { relays }),
        startPerson(world, bobsAddress, { relays }),
      ]);
      const hers = await open(alice);
      const { page } = hers;
      const people = page.getByRole('region', { name: 'Conversations' });
      await page.getByRole('link', { name: 'Add contact' }).click();
      await page.getByLabel('A note for yourself').fill('for the choir');
      await page.getByRole('button', { name: 'Make a link' }).click();
      const link = String(await page.locator('.link-text').textContent());
      const line = page.getByRole('listitem', { name: 'for the choir' });
      await line.getByText('open', { exact: true }).waitFor();
      await line.getByRole('button', { name: 'Show or hide: for the choir' }).click();
      await line.getByRole('img', { name: 'The link as a QR code' }).waitFor();
      expect(await line.locator('.link-text').textContent()).toBe(link);
      expect(await hers.accessibilityFaults()).toEqual([]);
      await picture(hers, 'links');
      await line.getByRole('button', { name: 'Take back: for the choir' }).click();
      await line.getByText('taken back', { exact: true }).waitFor();
      expect(await page.locator('.link-text').count()).toBe(0);

      await acceptInvite(bob, link);
      await people.getByRole('link', { name: bobsAddress }).click();
      await page.getByText('your link “for the choir” (taken back)').waitFor();
      expect(await hers.accessibilityFaults()).toEqual([]);
      await picture(hers, 'request');
      await page.getByRole('button', { name: 'Ignore' }).click();
      await people.getByRole('link', { name: bobsAddress }).waitFor({ state: 'detached' });
      expect((await alice.one('contact', 'show', bobsAddress))['state']).toBe('ignored');
      await page.getByRole('link', { name: 'Settings' }).click();
      await page.getByRole('button', { name: 'Ask me again' }).click();
      await people.getByRole('link', { name: bobsAddress }).click();
      await page.getByRole('button', { name: 'Accept' }).click();
      await page.getByLabel(`Message to ${bobsAddress}`).waitFor();
      expect((await alice.one('contact', 'show', bobsAddress))['state']).toBe('accepted');
      expect(hers.faults).toEqual([]);
    });
  },
);
