import type {
  ExternalDescriptor,
  GateEvidence,
} from '@greenroom/plugin-ai-registry-common';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { SET_DIGEST } from '../evaluationRuns/__testUtils__/createTestRuns';
import type { Answering } from '../evaluationRuns/__testUtils__/createTestRuns';
import {
  ada,
  createHarness,
  type Harness,
} from './__testUtils__/createHarness';

jest.setTimeout(60_000);

const databases = registryDatabases();
const EXTERNAL: ExternalDescriptor = {
  formatVersion: 1,
  connection: 'llm',
  model: 'small',
  tasks: ['chat'],
  parameters: {},
  messages: [],
};
const PATH = 'environments/production/models/digits.yaml';
const ROWS = 200;

/** How each version answers; `wrongEvery` rows one is wrong. */
interface Manner {
  wrongEvery: number;
  tokens?: number;
  unanswered?: number;
}

describe('the gates of prompts', () => {
  let harness: Harness;
  let manners: Map<number, Manner>;
  let asked: { version: number; row: number }[];

  beforeEach(async () => {
    harness = await createHarness(databases);
    harness.world.connectionState = async () => ({
      state: 'answers',
      checkedAt: '2026-05-03T08:00:00.000Z',
      offers: [],
    });
    manners = new Map();
    asked = [];
  });
  afterEach(() => harness.stop());

  const answering: Answering = ({ row }, { version }) => {
    asked.push({ version, row });
    const { wrongEvery, tokens = 100, unanswered = 0 } = manners.get(version)!;
    return row < unanswered
      ? { error: 'the provider refused' }
      : {
          answer: row % wrongEvery === 0 ? 'wrong' : 'right',
          inputTokens: tokens,
          outputTokens: tokens / 2 + (row % 3),
          latencyMillis: 100,
        };
  };

  function putDataset(): void {
    harness.evaluationRuns.datasets.set(
      'capitals',
      Array.from({ length: ROWS }, (_, row) => ({
        input: `prompt ${row}`,
        expected: 'right',
      })),
    );
  }

  function connected(prices = false): void {
    harness.world.connections.push({
      name: 'llm',
      kind: 'openai',
      settings: { secret: 'file:openai' },
    });
    if (prices) {
      harness.world.prices.set(
        'llm',
        new Map([['small', { currency: 'USD', input: 1, output: 2 }]]),
      );
    }
    putDataset();
  }

  const work = async () => {
    await harness.reconciler.reconcile();
    await harness.worker.runOnce(new AbortController().signal);
  };

  const register = async (manner: Manner): Promise<number> => {
    const { version } = await harness.register({
      external: {
        ...EXTERNAL,
        messages: [{ role: 'system', content: `${Math.random()}` }],
      },
    });
    manners.set(version, manner);
    return version;
  };

  /** Has main name prompts for whatever is promoted next. */
  async function nameThem(section: object = {}): Promise<void> {
    const text = await harness.localHost.readFile({
      path: PATH,
      revision: 'main',
    });
    await harness.clone.push({
      branch: 'main',
      path: PATH,
      author: { name: 'hand', email: 'hand@example.com' },
      content: `${text}  evaluation:\n    ${JSON.stringify({
        dataset: { name: 'capitals', version: 1, digest: SET_DIGEST },
        scorers: [{ kind: 'exact' }],
        maxLossShare: 0.05,
        ...section,
      })}\n`,
    });
    await work();
  }

  async function promote(version: number): Promise<string> {
    const { id } = await harness.promotions.promote(
      {
        model: 'digits',
        version,
        environment: 'production',
        reason: 'Try it.',
      },
      ada,
    );
    await work();
    return id;
  }

  /** Lets data planes answer, then the promotion go on. */
  async function answer(id: string): Promise<void> {
    await harness.evaluationRuns.answerAll('production', answering);
    await harness.knex('promotion_work').update({ due_at: new Date() });
    await work();
    await harness.promotions.get(id, ada);
  }

  const look = (id: string) => harness.promotions.get(id, ada);
  const gateOf = async (id: string, gate: string) =>
    (await look(id)).gates.find(one => one.id === gate);
  const stepOf = async (id: string, name: string) =>
    (await look(id)).steps.find(step => step.name === name);

  it('ask the version and the running one, wait for it, and compare scores and costs', async () => {
    connected(true);
    const first = await register({ wrongEvery: 10 });
    await harness.deploy(first);
    await nameThem({ maxCostIncreaseShare: 0.2 });
    const second = await register({ wrongEvery: 10, tokens: 110 });
    const id = await promote(second);
    expect(await stepOf(id, 'evaluate-prompts')).toMatchObject({
      status: 'running',
      waitingFor: `Version ${second} is to be asked ${ROWS} prompts. A data plane is to take it. Version ${first} is to be asked ${ROWS} prompts. A data plane is to take it.`,
    });
    await answer(id);
    expect(asked).toHaveLength(2 * ROWS);
    expect(await gateOf(id, 'evaluation')).toMatchObject({
      status: 'passed',
      summary: expect.stringMatching(
        /^On capitals, version 1: exact: Compared with version 1 the gain lies between/,
      ),
      evidence: {
        kind: 'prompt-evaluation',
        base: { version: first, unanswered: 0 },
        candidate: { version: second },
        scorers: [{ scorer: 'exact', candidate: 0.9, base: 0.9 }],
      },
    });
    expect(await gateOf(id, 'cost')).toMatchObject({
      status: 'passed',
      summary: expect.stringMatching(/9.9 % more .* at most 20 % more are let/),
    });
    expect((await look(id)).state).toEqual({ phase: 'awaiting-review' });
    expect((await look(id)).body).toContain('| exact | 90 % | 90 % |');
  });

  it('fail a version that answers worse, and one that costs too much', async () => {
    connected(true);
    await harness.deploy(await register({ wrongEvery: 10 }));
    await nameThem({ maxCostIncreaseShare: 0.2 });
    const id = await promote(await register({ wrongEvery: 2, tokens: 200 }));
    await answer(id);
    expect((await look(id)).state).toEqual({
      phase: 'blocked',
      failedGates: ['evaluation', 'cost'],
    });
  });

  it('use what was asked lately, and ask nothing twice', async () => {
    connected();
    const first = await register({ wrongEvery: 10 });
    await harness.deploy(first);
    await nameThem();
    await answer(await promote(await register({ wrongEvery: 10 })));
    expect(asked).toHaveLength(2 * ROWS);
    const third = await register({ wrongEvery: 10 });
    await answer(await promote(third));
    expect(asked.slice(2 * ROWS).every(one => one.version === third)).toBe(
      true,
    );
    await harness
      .knex('evaluation_runs')
      .update({ created_at: new Date(Date.now() - 8 * 24 * 3_600_000) });
    await answer(await promote(await register({ wrongEvery: 10 })));
    expect(asked).toHaveLength(5 * ROWS);
  });

  it('leave it to a reviewer when many rows have no answer, and ask again with the gates', async () => {
    connected();
    await harness.deploy(await register({ wrongEvery: 10 }));
    await nameThem();
    const second = await register({ wrongEvery: 10, unanswered: 11 });
    const id = await promote(second);
    await answer(id);
    expect(await gateOf(id, 'evaluation')).toMatchObject({
      status: 'undecided',
      summary: expect.stringContaining(
        `Version ${second} left 11 of ${ROWS} rows`,
      ),
    });
    await harness.promotions.close(id, { reason: 'Mended' }, ada);
    manners.set(second, { wrongEvery: 10 });
    const again = await promote(second);
    await answer(again);
    expect(await gateOf(again, 'evaluation')).toMatchObject({
      status: 'passed',
    });
  });

  it('are undecided with the reason when asking fails or is cancelled', async () => {
    connected();
    await harness.deploy(await register({ wrongEvery: 10 }));
    await nameThem();
    const id = await promote(await register({ wrongEvery: 10 }));
    for (const { id: run } of await harness
      .knex('evaluation_runs')
      .select('id')) {
      await harness.evaluationRuns.service.cancel(run, ada);
    }
    await answer(id);
    expect(asked).toEqual([]);
    expect(await gateOf(id, 'evaluation')).toMatchObject({
      status: 'undecided',
      summary: expect.stringContaining(
        'user:default/ada cancelled that version 2 is asked the prompts',
      ),
    });
    expect(await stepOf(id, 'evaluate-prompts')).toMatchObject({
      status: 'done',
    });
    expect((await look(id)).state).toEqual({ phase: 'awaiting-review' });
  });

  it('are asked no more when the promotion is closed, unless somebody wants them, too', async () => {
    connected();
    const first = await register({ wrongEvery: 10 });
    await harness.deploy(first);
    await nameThem();
    const id = await promote(await register({ wrongEvery: 10 }));
    const phases = () =>
      harness.knex('evaluation_runs').orderBy('phase').pluck('phase');
    await harness.evaluationRuns.finish();
    expect(await phases()).toEqual(['queued', 'queued']);
    await harness.evaluationRuns.service.create(
      { model: 'digits', version: first },
      {
        environment: 'production',
        dataset: { name: 'capitals', version: 1 },
        scorers: [{ kind: 'exact' }],
      },
      ada,
    );
    await harness.promotions.close(id, { reason: 'Not now' }, ada);
    await harness.evaluationRuns.finish();
    expect(await phases()).toEqual(['cancelled', 'queued']);
  });

  it('say what is wrong with what the manifest names', async () => {
    connected();
    await harness.deploy(await register({ wrongEvery: 10 }));
    await nameThem({
      dataset: {
        name: 'capitals',
        version: 1,
        digest: `sha256:${'9'.repeat(64)}`,
      },
    });
    const id = await promote(await register({ wrongEvery: 10 }));
    const wrong = `Version 1 of the dataset 'capitals' has the digest ${SET_DIGEST}, not sha256:${'9'.repeat(
      64,
    )}: correct dataset.digest.`;
    expect(await gateOf(id, 'evaluation')).toMatchObject({
      status: 'undecided',
      summary: `${wrong} Mend that (what is asked stands in ${PATH}, under spec.evaluation), then run the gates again; or a reviewer decides.`,
    });
    expect(await stepOf(id, 'evaluate-prompts')).toMatchObject({
      status: 'skipped',
      skippedBecause: `Not asked: ${wrong}`,
    });
  });

  it('show what is known of the version where nothing runs, though the manifest names no prompts', async () => {
    connected();
    const version = await register({ wrongEvery: 10 });
    await harness.evaluationRuns.service.create(
      { model: 'digits', version },
      {
        environment: 'production',
        dataset: { name: 'capitals', version: 1 },
        scorers: [{ kind: 'exact' }],
      },
      ada,
    );
    await harness.evaluationRuns.answerAll('production', answering);
    const id = await promote(version);
    expect(await gateOf(id, 'evaluation')).toMatchObject({
      status: 'passed',
      summary: expect.stringMatching(
        /no running version to be compared with\. This version has exact 0\.9 \(95 % confidence: 0\.\d+ to 0\.\d+, 200 rows\), on capitals\.$/,
      ),
      evidence: { own: [{ metric: 'exact', value: 0.9, rows: ROWS }] },
    });
  });

  it('say how to name prompts where the manifest names none', async () => {
    connected();
    await harness.deploy(await register({ wrongEvery: 10 }));
    const id = await promote(await register({ wrongEvery: 10 }));
    expect(await gateOf(id, 'evaluation')).toMatchObject({
      status: 'undecided',
      summary: expect.stringContaining(
        'Or name prompts in the manifest, under spec.evaluation',
      ),
    });
    expect(await gateOf(id, 'cost')).toBeUndefined();
    expect(await stepOf(id, 'evaluate-prompts')).toMatchObject({
      status: 'skipped',
      skippedBecause: 'Not asked: the manifest names no prompts (evaluation).',
    });
  });

  it('ask nothing when an earlier gate has failed', async () => {
    connected();
    await harness.deploy(await register({ wrongEvery: 10 }));
    await nameThem();
    harness.world.connectionState = async () => ({
      state: 'fails',
      checkedAt: '2026-05-03T08:00:00.000Z',
      error: 'no such key',
    });
    const id = await promote(await register({ wrongEvery: 10 }));
    expect((await look(id)).state).toMatchObject({ phase: 'blocked' });
    expect(await harness.knex('evaluation_runs')).toEqual([]);
    expect(await stepOf(id, 'evaluate-prompts')).toMatchObject({
      skippedBecause: expect.stringContaining('failed'),
    });
  });

  it('go on where they were with another control plane, and ask no row twice', async () => {
    connected();
    await harness.deploy(await register({ wrongEvery: 10 }));
    await nameThem();
    const id = await promote(await register({ wrongEvery: 10 }));
    const taken = (await harness.evaluationRuns.take('production'))!;
    await harness.evaluationRuns.work.report(
      { environment: 'production', id: taken.id },
      {
        lease: taken.lease,
        answers: taken.rows.map(row => ({
          row: row.row,
          ...answering(row, taken),
        })),
        after: 7,
        want: 0,
      },
    );
    const told = asked.length;
    // Everything that was in memory is gone; the data plane, too.
    harness = Object.assign(harness, harness.start());
    putDataset();
    await harness.knex('evaluation_runs').update({ leased_until: new Date(0) });
    await answer(id);
    expect(asked).toHaveLength(2 * ROWS);
    expect(told).toBe(8);
    const rows = asked
      .filter(({ version }) => version === taken.version)
      .map(({ row }) => row);
    expect(new Set(rows).size).toBe(ROWS);
    const evidence = (await gateOf(id, 'evaluation'))?.evidence;
    expect(
      (evidence as Extract<GateEvidence, { kind: 'prompt-evaluation' }>).rows,
    ).toBe(ROWS);
  });
});
