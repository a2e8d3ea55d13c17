import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  addEmbedder,
  embedderSignature,
  readVectors,
} from './testing/embedder';
import { keyOf, routeOf, snapshotOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(120_000);

const SIZE = 384;

it('gives the vectors of all-MiniLM-L6-v2 that Python gives', async () => {
  // `npm run llm:embeddings` fetches it, and `npm test` leaves this test out where it is not.
  const folder = process.env.GREENROOM_TEST_EMBEDDING_MODEL;
  if (!folder) throw new Error('run this test by npm test -- jest');
  const server = await TestServer.create();
  const variant = addEmbedder(server.controlPlane, {
    files: Object.fromEntries(
      readdirSync(folder).map(name => [name, readFileSync(join(folder, name))]),
    ),
    signature: embedderSignature(SIZE),
  });
  server.controlPlane.snapshot = snapshotOf(
    [
      routeOf('sentences', [variant], {
        // Its graph does not show that rows are apart; that they are is what this test shows.
        batching: { maxRows: 64, maxDelayMicros: 0, mode: 'on' },
      }),
    ],
    [keyOf('gr_all', ['*'])],
  );
  await server.start();
  await waitFor(
    async () =>
      (await server.send('/v2/models/sentences', { key: 'gr_all' })).status ===
      200,
  );
  const known = readVectors('minilm-vectors.json');
  const embed = (input: string[]) =>
    server.send('/v1/embeddings', {
      method: 'POST',
      key: 'gr_all',
      body: JSON.stringify({ model: 'sentences', input }),
    });
  const { status, json } = await embed(known.map(({ text }) => text));
  expect(status).toBe(200);
  expect(json.usage.prompt_tokens).toBe(
    known.reduce((sum, { tokens }) => sum + tokens, 0),
  );
  for (const [index, { vector }] of known.entries()) {
    const found: number[] = json.data[index].embedding;
    expect(found).toHaveLength(SIZE);
    for (const [i, value] of vector.entries()) {
      expect(found[i]).toBeCloseTo(value, 4);
    }
  }
  // Several callers at a time, whose texts share runs.
  const alone = await Promise.all(known.map(({ text }) => embed([text])));
  for (const [index, { vector }] of known.entries()) {
    const [found] = alone[index].json.data;
    for (const [i, value] of vector.entries()) {
      expect(found.embedding[i]).toBeCloseTo(value, 4);
    }
  }
  await server.close();
});
