import type { AccessDocument } from '@greenroom/plugin-ai-inference-common';
import { AccessLog, type KeyChange } from './AccessLog';

const NOW = new Date('2026-05-03T12:00:00Z');

function issued(
  changeId: number,
  id: string,
  expiresAt?: string,
): Required<KeyChange> {
  const grant = { id, name: id, sha256: `hash of ${id}`, models: ['*'] };
  return { changeId, id, grant: { ...grant, ...(expiresAt && { expiresAt }) } };
}

function read(log: AccessLog, since?: number): AccessDocument | undefined {
  const text = log.textSince('production', since, NOW);
  return text === undefined ? undefined : JSON.parse(text);
}

it('gives all keys to whom knows none, without those that are over', () => {
  const over = issued(3, 'c', '2026-05-03T11:00:00.000Z');
  const log = new AccessLog([issued(1, 'a'), issued(2, 'b'), over], 3);
  expect(read(log)).toEqual({
    formatVersion: 2,
    environment: 'production',
    cursor: '3',
    content: 'all',
    keys: [issued(1, 'a').grant, issued(2, 'b').grant],
    revoked: [],
  });
});

it('gives what has changed since, each key once', () => {
  const log = new AccessLog([issued(1, 'a'), issued(2, 'b')], 2);
  expect(read(log, 2)).toBeUndefined();
  log.append([issued(3, 'c'), { changeId: 4, id: 'a' }, issued(6, 'd')]);
  expect(read(log, 2)).toEqual({
    formatVersion: 2,
    environment: 'production',
    cursor: '6',
    content: 'changes',
    keys: [issued(3, 'c').grant, issued(6, 'd').grant],
    revoked: ['a'],
  });
  log.append([{ changeId: 7, id: 'c' }]);
  expect(read(log, 2)).toMatchObject({ revoked: ['c', 'a'] });
  expect(read(log, 6)).toMatchObject({ keys: [], revoked: ['c'] });
  expect(read(log)?.keys.map(({ id }) => id)).toEqual(['b', 'd']);
});

it('gives all keys to whom knows what is not remembered, or cannot be', () => {
  const log = new AccessLog([issued(5, 'a')], 5);
  expect(read(log, 4)?.content).toBe('all');
  expect(read(log, 6)?.content).toBe('all');
  const many = Array.from({ length: 30_000 }, (_, i) => issued(6 + i, 'a'));
  for (const change of many) log.append([change]);
  expect(read(log, 6)?.content).toBe('all');
  expect(read(log, 30_000)?.content).toBe('changes');
});

it('makes the text once for all who ask the same', () => {
  const log = new AccessLog([issued(1, 'a')], 1);
  const stringify = jest.spyOn(JSON, 'stringify');
  for (let asked = 0; asked < 20; asked++) {
    log.textSince('production', undefined, NOW);
  }
  expect(stringify).toHaveBeenCalledTimes(1);
  stringify.mockRestore();
});
