import { registryDatabases } from '../__testUtils__/registryDatabases';
import { ArtifactCollector } from '../artifacts/ArtifactCollector';
import {
  ada,
  createHarness,
  type Harness,
} from '../promotion/__testUtils__/createHarness';
import type {
  ExternalDescriptor,
  NewEvaluationRun,
} from '@greenroom/plugin-ai-registry-common';
import { SET_DIGEST } from './__testUtils__/createTestRuns';

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
const CAPITALS = [
  { input: 'France?', expected: 'Paris' },
  { input: 'Italy?', expected: 'Rome' },
  { input: [{ role: 'user', content: 'Spain?' }], expected: 'Madrid' },
];
const RUN: NewEvaluationRun = {
  environment: 'production',
  dataset: { name: 'capitals', version: 1 },
  scorers: [
    { kind: 'exact' },
    // Shorter than the first: a database would put it before.
    { kind: 'regex', pattern: '^[A-Z]', name: 'caps' },
  ],
};

describe('evaluation runs', () => {
  let harness: Harness;
  let ref: { model: string; version: number };
  let all: Harness['evaluationRuns'];

  beforeEach(async () => {
    harness = await createHarness(databases);
    harness.world.connections.push({
      name: 'llm',
      kind: 'openai',
      settings: { secret: 'file:openai' },
    });
    all = harness.start({ leaseMillis: 60_000 }).evaluationRuns;
    all.datasets.set('capitals', CAPITALS);
    const { version } = await harness.register({ external: EXTERNAL });
    ref = { model: 'digits', version };
  });
  afterEach(() => harness.stop());

  const phaseOf = async (id: string) => (await all.service.get(id)).state.phase;
  const auditOf = (id: string) =>
    harness
      .knex('audit_entries')
      .where({ subject: id })
      .orderBy('id')
      .pluck('action');

  it('are asked by a data plane, judged, and become evaluations of the version', async () => {
    const run = await all.service.create(ref, RUN, ada);
    expect(run).toMatchObject({
      rows: 3,
      state: { phase: 'queued', waitingFor: 'A data plane is to take it.' },
      dataset: { name: 'capitals', version: 1, digest: SET_DIGEST },
      requestedBy: 'user:default/ada',
    });
    const asked: unknown[] = [];
    await all.answerAll('production', ({ messages }) => {
      asked.push(messages);
      const isItaly = JSON.stringify(messages).includes('Italy');
      return {
        answer: isItaly ? 'Milan' : ['Paris', '', 'Madrid'][asked.length - 1],
        inputTokens: 10,
        outputTokens: 2,
        latencyMillis: 100,
      };
    });
    expect(asked).toEqual([
      [{ role: 'user', content: 'France?' }],
      [{ role: 'user', content: 'Italy?' }],
      [{ role: 'user', content: 'Spain?' }],
    ]);
    const done = await all.service.get(run.id);
    expect(done.state).toMatchObject({
      phase: 'done',
      result: {
        rows: 3,
        unanswered: 0,
        scores: [
          { scorer: 'exact', right: 2, rows: 3 },
          { scorer: 'caps', right: 3, rows: 3 },
        ],
        tokens: { input: 30, output: 6 },
        latencyMillis: { median: 100, p95: 100 },
      },
    });
    expect(await harness.evaluations.list(ref)).toMatchObject([
      { metrics: { exact: 2 / 3 }, perRow: [1, 0, 1] },
      {
        primary: { name: 'caps', higherIsBetter: true },
        dataset: { name: 'capitals', digest: SET_DIGEST, rows: 3 },
        perRow: [1, 1, 1],
        addedBy: 'user:default/ada',
      },
    ]);
    // The version's page shows the first scorer, and the other ones beneath.
    expect(await harness.evaluations.listNewest(ref)).toMatchObject([
      { primary: { name: 'exact' } },
      { primary: { name: 'caps' } },
    ]);
    expect(await harness.evaluations.listNewest(ref, 'sha256:other')).toEqual(
      [],
    );
    expect(await auditOf(run.id)).toEqual([
      'evaluation-run-asked',
      'evaluation-run-done',
    ]);
    const wrong = await all.service.listAnswers(run.id, { only: 'wrong' });
    expect(wrong).toEqual({
      totalItems: 1,
      items: [
        {
          row: 1,
          input: 'Italy?',
          expected: 'Rome',
          answer: 'Milan',
          scores: { exact: 0, caps: 1 },
          inputTokens: 10,
          outputTokens: 2,
          latencyMillis: 100,
        },
      ],
    });
    expect(
      await all.service.listAnswers(run.id, { offset: 1, limit: 1 }),
    ).toMatchObject({ totalItems: 3, nextOffset: 2, items: [{ row: 1 }] });
  });

  it('keep their answers from being collected as unused', async () => {
    await all.service.create(ref, RUN, ada);
    await all.answerAll('production', () => ({ answer: 'x' }));
    const collector = new ArtifactCollector({
      ...harness,
      users: [],
      graceMillis: -60_000,
    });
    const { unused } = await collector.collect({ dryRun: true });
    const { answers_digest: digest } = await harness
      .knex('evaluation_runs')
      .first();
    expect(unused.map(artifact => artifact.digest)).not.toContain(digest);
  });

  it('never count a row without an answer as a wrong one', async () => {
    const run = await all.service.create(ref, RUN, ada);
    await all.answerAll('production', ({ row }) =>
      row === 0 ? { error: 'the provider refused' } : { answer: 'Rome' },
    );
    const { state } = await all.service.get(run.id);
    expect(state).toMatchObject({
      result: { unanswered: 1, scores: [{ right: 1, rows: 2 }, { rows: 2 }] },
    });
    const [exact] = await harness.evaluations.list(ref);
    // Its rows are not those of another version's evaluation any more.
    expect(exact).toMatchObject({ dataset: { rows: 2 }, perRow: undefined });
    expect(
      await all.service.listAnswers(run.id, { only: 'wrong' }),
    ).toMatchObject({
      items: [
        { row: 0, error: 'the provider refused', scores: {} },
        { row: 2, answer: 'Rome' },
      ],
    });
  });

  it('fail with the reason of their rows when none was answered, however few they are', async () => {
    const { id } = await all.service.create(ref, RUN, ada);
    await all.answerAll('production', ({ row }) => ({
      error: row === 0 ? 'timed out' : 'the provider refused',
    }));
    expect(await all.service.get(id)).toMatchObject({
      state: {
        phase: 'failed',
        reason: 'None of the 3 rows was answered: the provider refused',
      },
    });
    expect(await harness.evaluations.list(ref)).toEqual([]);
    expect(await auditOf(id)).toEqual([
      'evaluation-run-asked',
      'evaluation-run-failed',
    ]);
  });

  it('go on at the first missing row when the data plane is gone', async () => {
    all = harness.start({ leaseMillis: 1 }).evaluationRuns;
    all.datasets.set('capitals', CAPITALS);
    const { id } = await all.service.create(ref, RUN, ada);
    const place = { environment: 'production', id };
    const first = await all.take('production', 'killed');
    await all.work.report(place, {
      lease: first!.lease,
      answers: [{ row: 1, answer: 'Rome' }],
      after: 2,
      want: 0,
    });
    await new Promise(resolve => {
      setTimeout(resolve, 20);
    });
    expect(await all.service.get(id)).toMatchObject({
      state: { phase: 'queued' },
    });
    const second = await all.take('production', 'another');
    expect(second!.rows.map(({ row }) => row)).toEqual([0, 2]);
    // What comes late of the first one is nobody's any more.
    expect(
      await all.work.report(place, {
        lease: first!.lease,
        answers: [{ row: 0, answer: 'late' }],
        after: 2,
        want: 1,
      }),
    ).toEqual({ state: 'ended' });
    await all.work.report(place, {
      lease: second!.lease,
      answers: [
        { row: 1, answer: 'told twice' },
        { row: 0, answer: 'Paris' },
        { row: 2, answer: 'Madrid' },
      ],
      after: 2,
      want: 0,
    });
    await all.finish();
    expect(await all.service.get(id)).toMatchObject({
      state: { phase: 'done', result: { scores: [{ right: 3 }, {}] } },
    });
  });

  it('fail when one data plane after the other is lost over them', async () => {
    all = harness.start({ leaseMillis: 0 }).evaluationRuns;
    all.datasets.set('capitals', CAPITALS);
    const { id } = await all.service.create(ref, RUN, ada);
    for (let lost = 0; lost < 5; lost++) {
      await all.finish();
      expect(await phaseOf(id)).toBe('queued');
      expect(await all.take('production')).toBeDefined();
    }
    await all.finish();
    expect(await all.service.get(id)).toMatchObject({
      state: {
        phase: 'failed',
        reason: expect.stringContaining('5 data planes of production took it'),
      },
    });
    expect(await all.take('production')).toBeUndefined();
  });

  it('end at once for a data plane when somebody cancels', async () => {
    const { id } = await all.service.create(ref, RUN, ada);
    const { lease } = (await all.take('production'))!;
    expect(await all.service.cancel(id, ada)).toMatchObject({
      state: { phase: 'cancelled', cancelledBy: 'user:default/ada' },
    });
    expect(
      await all.work.report(
        { environment: 'production', id },
        { lease, answers: [{ row: 0, answer: 'Paris' }], after: 0, want: 4 },
      ),
    ).toEqual({ state: 'ended' });
    await expect(all.service.cancel(id, ada)).rejects.toThrow(
      'The run has ended already',
    );
    expect(await harness.knex('evaluation_run_answers')).toEqual([]);
  });

  it('are the same run while the same is asked, and two at a time in an environment', async () => {
    const run = await all.service.create(ref, RUN, ada);
    expect((await all.service.create(ref, RUN, ada)).id).toBe(run.id);
    for (const rows of [1, 2]) {
      await all.service.create(ref, { ...RUN, rows }, ada);
    }
    expect((await all.take('production'))?.id).toBe(run.id);
    expect(await all.take('production')).toBeDefined();
    expect(await all.take('production')).toBeUndefined();
    expect(await all.take('dev')).toBeUndefined();
    expect(await all.service.list(ref, {})).toHaveLength(3);
  });

  it('fail with what a data plane says that cannot ask at all', async () => {
    const { id } = await all.service.create(ref, RUN, ada);
    const { lease } = (await all.take('production'))!;
    await all.work.report(
      { environment: 'production', id },
      { lease, answers: [], after: -1, want: 0, failure: 'no secret' },
    );
    expect(await all.service.get(id)).toMatchObject({
      state: { phase: 'failed', reason: 'no secret' },
    });
  });

  it('fail, and nothing hangs, when a scorer computes for ever', async () => {
    all.datasets.set('capitals', CAPITALS);
    const { id } = await all.service.create(
      ref,
      { ...RUN, scorers: [{ kind: 'regex', pattern: '^(a+)+$' }] },
      ada,
    );
    await all.answerAll('production', () => ({ answer: `${'a'.repeat(60)}b` }));
    expect(await all.service.get(id)).toMatchObject({
      state: {
        phase: 'failed',
        reason: expect.stringContaining('A scorer cannot judge an answer'),
      },
    });
  });

  it('show two runs beside each other', async () => {
    const first = await all.service.create(ref, RUN, ada);
    await all.answerAll('production', ({ row }) => ({
      answer: CAPITALS[row].expected,
    }));
    const second = await all.service.create(ref, RUN, ada);
    expect(second.id).not.toBe(first.id);
    await all.answerAll('production', () => ({ answer: 'Paris' }));
    const compared = await all.service.listAnswers(second.id, {
      compareWith: first.id,
      only: 'differing',
    });
    expect(compared).toMatchObject({
      totalItems: 2,
      items: [
        { row: 1, answer: 'Paris', other: { answer: 'Rome' } },
        { row: 2, other: { scores: { exact: 1 } } },
      ],
    });
    await expect(
      all.service.listAnswers(second.id, { only: 'differing' }),
    ).rejects.toThrow('needs compareWith');
  });

  it.each<[string, Partial<NewEvaluationRun>, string]>([
    [
      'another environment',
      { environment: 'dev' },
      "dev has no connection 'llm'",
    ],
    [
      'a dataset that there is not',
      { dataset: { name: 'nothing', version: 1 } },
      "There is no dataset 'nothing'",
    ],
    [
      'a scorer that the rows do not fit',
      { scorers: [{ kind: 'regex' }] },
      "needs the field 'pattern' of each row",
    ],
    [
      'a pattern that is none',
      { scorers: [{ kind: 'regex', pattern: '(' }] },
      'scorers.0.pattern: expected a regular expression',
    ],
  ])('are not made for %s', async (_what, changes, message) => {
    await expect(
      all.service.create(ref, { ...RUN, ...changes }, ada),
    ).rejects.toThrow(message);
  });

  it('are not made of versions that answer no chat', async () => {
    const { version } = await harness.register();
    await expect(
      all.service.create({ ...ref, version }, RUN, ada),
    ).rejects.toThrow('answers no chat');
  });

  it.each([
    [{ row: 3, answer: 'x' }, 'row 3 is none of the 3'],
    [{ row: 0 }, 'expected either answer or error'],
  ])('take no answers that they did not ask for: %j', async (answer, why) => {
    const { id } = await all.service.create(ref, RUN, ada);
    const { lease } = (await all.take('production'))!;
    await expect(
      all.work.report(
        { environment: 'production', id },
        { lease, answers: [answer], after: 0, want: 0 },
      ),
    ).rejects.toThrow(why);
    await expect(
      all.work.report(
        { environment: 'dev', id },
        { lease, answers: [], after: 0, want: 0 },
      ),
    ).rejects.toThrow(`There is no evaluation run '${id}' of dev`);
  });

  it('keep of an answer what was promised, and only text', async () => {
    const { id } = await all.service.create(ref, { ...RUN, rows: 1 }, ada);
    await all.answerAll('production', () => ({
      answer: `${'x'.repeat(32_767)}😀`,
    }));
    const { items } = await all.service.listAnswers(id, {});
    expect(items[0].cut).toBe(true);
    expect(items[0].answer).toBe(`${'x'.repeat(32_767)}\ufffd`);
  });
});
