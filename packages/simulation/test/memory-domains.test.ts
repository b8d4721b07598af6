import { test } from 'vitest';
import { createMemoryDomains, domainRecordsCases } from '@mycelium/simulation';

test.for(domainRecordsCases)('memory domains: $title', async ({ run }) => {
  const domains = createMemoryDomains();
  await run({
    records: domains,
    publish: (domain, published) => domains.publish(domain, published),
    cutOff: () => {
      domains.online = false;
    },
    asked: () => domains.asked,
  });
});
