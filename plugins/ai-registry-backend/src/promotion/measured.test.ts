import type {
  DatasetRow,
  DatasetVersion,
  ModelSchema,
} from '@greenroom/plugin-ai-registry-common';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import {
  ada,
  createHarness,
  evaluationWithErrors,
  type Harness,
} from './__testUtils__/createHarness';

jest.setTimeout(120_000);

const databases = registryDatabases();
const DIGEST = `sha256:${'7'.repeat(64)}` as const;
const PATH = 'environments/production/models/digits.yaml';
const ROWS = 400;
const SCHEMA: ModelSchema = {
  task: 'classification',
  features: [{ name: 'x', tensor: 'in', index: 0 }],
  prediction: { tensor: 'label', labels: ['no', 'yes'] },
};

describe('the gate of evaluations, by what is measured', () => {
  let harness: Harness;
  /** Of each version, every so manieth row is wrong. */
  let wrongEvery: Map<number, number>;
  const signal = new AbortController().signal;

  beforeEach(async () => {
    harness = await createHarness(databases);
    wrongEvery = new Map();
    harness.world.datasets = {
      async getVersion({ dataset, version }) {
        const found: Partial<DatasetVersion> = {
          dataset,
          version,
          kind: 'stored',
          digest: DIGEST,
          rows: ROWS,
          columns: ['x', 'site', 'truth'].map(name => ({
            name,
            type: 'string',
          })),
        };
        return found as DatasetVersion;
      },
      async readRows() {
        return (async function* rows(): AsyncGenerator<DatasetRow> {
          for (let x = 0; x < ROWS; x++) {
            yield {
              x,
              site: x % 2 ? 'odd' : 'even',
              truth: x % 3 ? 'yes' : 'no',
            };
          }
        })();
      },
    };
    harness.world.answering = {
      mostRowsCharacters: Infinity,
      answer: async ({ version }, { rows }) => ({
        runtime: 'a server 1.0',
        rehearsal: {
          predictions: rows.map(([x]) => {
            const isWrong = Number(x) % wrongEvery.get(version)! === 0;
            return Number(x) % 3 > 0 !== isWrong ? 'yes' : 'no';
          }),
        },
      }),
    };
  });
  afterEach(() => harness.stop());

  const work = async () => {
    await harness.reconciler.reconcile();
    await harness.worker.runOnce(signal);
  };
  const register = async (every: number, claims?: number) => {
    const { version } = await harness.register({
      schema: SCHEMA,
      ...(claims && { evaluation: evaluationWithErrors(claims) }),
    });
    wrongEvery.set(version, every);
    return version;
  };
  const promote = async (version: number) => {
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
  };
  /** Lets what is wanted be measured, then the promotion go on. */
  const measureAll = async () => {
    await harness.measurements.worker.runOnce(signal);
    await harness.knex('promotion_work').update({ due_at: new Date() });
    await work();
  };
  const gateOf = async (id: string, gate = 'evaluation') =>
    (await harness.promotions.get(id, ada)).gates.find(one => one.id === gate);
  const stepOf = async (id: string) =>
    (await harness.promotions.get(id, ada)).steps.find(
      ({ name }) => name === 'evaluate-prompts',
    );

  const nameRows = async (section: object = {}) => {
    const text = await harness.localHost.readFile({
      path: PATH,
      revision: 'main',
    });
    await harness.clone.push({
      branch: 'main',
      path: PATH,
      author: { name: 'hand', email: 'hand@example.com' },
      content: `${text}  evaluation:\n    ${JSON.stringify({
        dataset: { name: 'held-out', version: 1, digest: DIGEST },
        target: 'truth',
        slices: ['site'],
        maxLossShare: 0.05,
        ...section,
      })}\n`,
    });
    await work();
  };

  it('measures the version and the running one on the rows of the manifest, whatever is claimed', async () => {
    const first = await register(10);
    await harness.deploy(first);
    await nameRows();
    const second = await register(2, 1_000);
    const id = await promote(second);
    expect(await stepOf(id)).toMatchObject({
      status: 'running',
      waitingFor: expect.stringContaining(
        `Version ${second} is to be measured on held-out, version 1: others are tried first.`,
      ),
    });
    await measureAll();
    expect(await gateOf(id)).toMatchObject({
      status: 'failed',
      summary: expect.stringMatching(
        /it is worse.* Both were measured here\.$/,
      ),
      evidence: {
        kind: 'evaluation',
        base: 0.9,
        candidate: 0.5,
        measured: { base: true, candidate: true },
        paired: { rows: ROWS },
      },
    });
    expect(await gateOf(id, 'slices')).toMatchObject({ status: 'failed' });
    // What runs is not measured anew for the next one.
    const third = await register(10);
    const next = await promote(third);
    await measureAll();
    expect(await gateOf(next)).toMatchObject({ status: 'passed' });
    const measured = await harness
      .knex('measurements')
      .orderBy('created_at')
      .pluck('version');
    expect(measured.sort()).toEqual([first, second, third].sort());
  });

  it('leaves it to a reviewer where a version cannot be measured, and says why', async () => {
    await harness.deploy(await register(10));
    await nameRows({ target: 'nothing' });
    const id = await promote(await register(10));
    await measureAll();
    expect(await gateOf(id)).toMatchObject({
      status: 'undecided',
      summary: expect.stringMatching(
        /no column 'nothing'.*spec.evaluation.*or a reviewer decides/,
      ),
    });
  });

  it('measures on no dataset of others, unless somebody who may has done so', async () => {
    harness.world.datasetOwner = 'group:default/others';
    const first = await register(10);
    await harness.deploy(first);
    await nameRows();
    const second = await register(10);
    const refused = await promote(second);
    await measureAll();
    expect(await gateOf(refused)).toMatchObject({
      status: 'undecided',
      summary: expect.stringContaining(
        "The dataset 'held-out' belongs to 'group:default/others' and the model to 'group:default/vision-team'",
      ),
    });
    expect(await harness.knex('measurements').count()).toEqual([
      { count: '0' },
    ]);
    await harness.measurements.unguarded.create(
      { model: 'digits', version: first },
      { dataset: { name: 'held-out', version: 1 }, target: 'truth' },
      ada,
    );
    const id = await promote(await register(10));
    await measureAll();
    expect(await gateOf(id)).toMatchObject({ status: 'passed' });
  });

  it('compares what was measured before what is claimed of other rows, and says so where one is claimed', async () => {
    const first = await register(10, 10);
    await harness.deploy(first);
    const id = await promote(await register(10, 10));
    expect((await gateOf(id))?.summary).not.toContain('measured');
    expect(await gateOf(id)).toMatchObject({
      evidence: { measured: { base: false, candidate: false } },
    });
  });

  it('lets only what was measured count where that is required', async () => {
    harness.world.config = {
      aiRegistry: {
        promotion: { gates: { evaluation: { measured: 'required' } } },
      },
    };
    const started = harness.start();
    const first = await register(10, 10);
    await harness.deploy(first);
    const second = await register(10, 10);
    const { id } = await started.promotions.promote(
      {
        model: 'digits',
        version: second,
        environment: 'production',
        reason: 'Try it.',
      },
      ada,
    );
    await started.worker.runOnce(signal);
    expect(await gateOf(id)).toMatchObject({
      status: 'undecided',
      summary: expect.stringMatching(
        /^What is known of version \d+ and \d+ is what somebody claims.*measure both/,
      ),
    });
  });
});
