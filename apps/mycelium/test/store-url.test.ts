import { expect, test } from 'vitest';
import { storeUrl } from '../src/relay/store-url.ts';

const usual = { kind: 'nats', tls: false, name: 'mycelium', monitorPort: 8222 };

test.for([
  ['file:///srv/mail', { kind: 'folder', folder: '/srv/mail' }],
  ['nats://a.example', { ...usual, servers: ['a.example:4222'] }],
  ['nats://10.0.0.1:5000,10.0.0.2', { ...usual, servers: ['10.0.0.1:5000', '10.0.0.2:4222'] }],
  ['nats://[2001:db8::1]:5000,b', { ...usual, servers: ['[2001:db8::1]:5000', 'b:4222'] }],
  ['tls://a/other-relay', { ...usual, tls: true, servers: ['a:4222'], name: 'other-relay' }],
  ['nats://a/?monitor=18222', { ...usual, servers: ['a:4222'], monitorPort: 18_222 }],
  ['nats://relay:p%40ss@a', { ...usual, servers: ['a:4222'], user: 'relay', password: 'p@ss' }],
] as const)('%s is a place for mail', ([url, place]) => {
  expect(storeUrl.read(url)).toEqual(place);
});

test.for([
  '',
  'nats://',
  'nats://a,',
  'nats://a:0',
  'nats://a:70000',
  'nats://a b',
  'nats://a/two/names',
  'nats://a/na.me',
  'nats://a?monitor=0',
  'nats://user@a',
  'nats://u:%zz@a',
  'http://a',
  'file://elsewhere/folder',
  7,
])('%s is none', (url) => {
  expect(storeUrl.read(url)).toBeUndefined();
});
