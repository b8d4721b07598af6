/** The API's methods about the page: where it is, and which browsers may use it. */
import type { ApiHandlers } from '@mycelium/api';
import type { Page } from './page.ts';

export type ServedPage = Pick<Page, 'access' | 'forget' | 'turnOff' | 'browsers'>;

type PageHandlers = Pick<ApiHandlers, Extract<keyof ApiHandlers, `page.${string}`>>;

export function pageHandlers(page: ServedPage): PageHandlers {
  return {
    'page.open': () => page.access(),
    'page.browsers': () => ({ browsers: page.browsers.list() }),
    'page.forget': ({ id }) => {
      page.forget(id);
      return {};
    },
    'page.off': async () => {
      await page.turnOff();
      return {};
    },
  };
}
