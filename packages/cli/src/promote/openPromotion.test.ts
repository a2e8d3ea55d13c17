import type { Promotion } from '@greenroom/plugin-ai-registry-common';
import { openPromotion } from './openPromotion';

const WANTED = {
  model: 'digits',
  version: 2,
  environment: 'dev',
  reason: 'better',
};
const promotionOf = (version: number, phase: string) =>
  ({
    ...WANTED,
    id: `of-${version}`,
    kind: 'promotion',
    version,
    state: { phase },
  } as unknown as Promotion);

/** As clients throw it. */
const refused = Object.assign(new Error('409 Conflict'), {
  name: 'ResponseError',
  statusCode: 409,
});

/** @param looks - what is open there, from one look to the next; the last one stays */
function open(looks: Promotion[][], options: { timeoutMillis?: number } = {}) {
  const said: string[] = [];
  let left = looks;
  const opened = openPromotion({
    registry: {
      listPromotions: async () => {
        const [items] = left;
        if (left.length > 1) left = left.slice(1);
        return { items };
      },
      promote: async () => {
        if (left[0].length > 0) throw refused;
        return promotionOf(2, 'open');
      },
    },
    wanted: WANTED,
    timeoutMillis: 1_000,
    pollMillis: 1,
    say: text => said.push(text),
    ...options,
  });
  return opened.then(result => ({ ...result, said }));
}

const merging = [promotionOf(1, 'merging')];

it('opens one', async () => {
  expect(await open([[]])).toMatchObject({
    promotion: { id: 'of-2' },
    isNew: true,
    said: [],
  });
});

it('goes on with the one that is open for the version', async () => {
  expect(await open([[promotionOf(2, 'merging')]])).toMatchObject({
    promotion: { id: 'of-2' },
    isNew: false,
  });
});

it('waits while another version is being merged, and says so once', async () => {
  expect(
    await open([merging, merging, merging, merging, merging, []]),
  ).toMatchObject({
    promotion: { id: 'of-2' },
    isNew: true,
    said: [
      'waiting: version 1 is being merged into dev, by the promotion of-1',
    ],
  });
});

it('does not wait for ever', async () => {
  await expect(open([merging], { timeoutMillis: 20 })).rejects.toMatchObject({
    message: expect.stringMatching(
      /^version 1 is still being merged into dev \(promotion of-1\)/,
    ),
    exitCode: 3,
  });
});

it('does not wait for what is refused for another reason', async () => {
  await expect(open([[promotionOf(1, 'open')]])).rejects.toThrow('409');
});
