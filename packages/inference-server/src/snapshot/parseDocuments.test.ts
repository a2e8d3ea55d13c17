import { setImmediate } from 'node:timers/promises';
import { routeOf, variantOf } from '../testing/fixtures';
import { parseRoutes, parseRoutesInTurns } from './parseDocuments';

const documentOf = (models: unknown[], changes: object = {}) => ({
  formatVersion: 2,
  id: '1',
  createdAt: '2026-11-26T00:00:00.000Z',
  environment: 'production',
  models,
  ...changes,
});

const many = Array.from({ length: 3_000 }, (_, i) =>
  routeOf(`m${i}`, [variantOf('linear-1')]),
);

it('reads many models as it reads them at once, and others have turns meanwhile', async () => {
  let isOver = false;
  let turns = 0;
  const count = async () => {
    for (; !isOver; turns++) await setImmediate();
  };
  const counting = count();
  const document = JSON.parse(JSON.stringify(documentOf(many)));
  const read = await parseRoutesInTurns(document, 'production');
  isOver = true;
  await counting;
  expect(read).toEqual(parseRoutes(document, 'production'));
  expect(turns).toBeGreaterThan(2);
});

it.each([
  ['a model', documentOf([many[0], { ...many[1], salt: 7 }])],
  ['the models', documentOf(many.slice(0, 1), { models: {} })],
  ['the environment', documentOf([], { environment: 'staging' })],
  ['the whole', undefined],
])('says the same of what is wrong with %s', async (_what, document) => {
  const outcome = (read: () => unknown) =>
    new Promise(resolve => {
      resolve(read());
    }).catch(error => String(error));
  const inTurns = await outcome(() =>
    parseRoutesInTurns(document, 'production'),
  );
  expect(inTurns).toEqual(
    await outcome(() => parseRoutes(document, 'production')),
  );
  expect(inTurns).toMatch(/^Error: the routes document is/);
});
