import type { ExternalDescriptor } from '@greenroom/plugin-ai-registry-common';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import type { ConnectionState, Offer } from '../environments/ConnectionStates';
import {
  ada,
  createHarness,
  grace,
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
const CHECKED_AT = '2026-05-03T08:00:00.000Z';
const offer = (changes: Partial<Offer> = {}): Offer => ({
  name: 'llm',
  kind: 'openai',
  models: ['large', 'small'],
  isComplete: true,
  ...changes,
});
const answers = (...offers: Offer[]) => ({
  state: 'answers' as const,
  checkedAt: CHECKED_AT,
  offers,
});
const ANSWERS = answers(offer());

describe('the gate of connections', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness(databases);
  });
  afterEach(() => harness.stop());

  const mapped = () =>
    harness.world.connections.push({
      name: 'llm',
      kind: 'openai',
      settings: { secret: 'file:openai' },
    });

  async function promote(version: number) {
    const { id } = await harness.promotions.promote(
      {
        model: 'digits',
        version,
        environment: 'production',
        reason: 'Try it.',
      },
      ada,
    );
    await harness.work();
    return harness.promotions.get(id, ada);
  }
  const gateOf = ({ gates }: Awaited<ReturnType<typeof promote>>) =>
    gates.find(({ id }) => id === 'connection');

  it('fails before anything is merged where the environment does not map the connection, and passes once it does', async () => {
    const { version } = await harness.register({ external: EXTERNAL });
    const promotion = await promote(version);
    expect(promotion.state).toEqual({
      phase: 'blocked',
      failedGates: ['connection'],
    });
    expect(gateOf(promotion)).toMatchObject({
      status: 'failed',
      summary: expect.stringContaining(
        "production has no connection 'llm', which the version names: add it under greenroom.environments[].connections of production",
      ),
    });
    mapped();
    harness.world.connectionState = async () => ANSWERS;
    await harness.promotions.retry(promotion.id, ada);
    await harness.work();
    expect(await harness.phaseOf(promotion.id)).toBe('awaiting-review');
  });

  it.each<[ConnectionState | undefined, string, string]>([
    [ANSWERS, 'passed', "'llm' of production (openai) answered"],
    [
      { ...ANSWERS, silent: 'llm/2: no such key' },
      'passed',
      'answered when it was last checked. Not all of its upstreams did: llm/2: no such key.',
    ],
    [
      { state: 'fails', checkedAt: CHECKED_AT, error: 'no such key' },
      'failed',
      'did not answer when it was last checked: no such key. ',
    ],
    [undefined, 'undecided', 'No data plane of production has told yet'],
    [
      answers(offer({ models: ['large', 'small-2'] })),
      'undecided',
      "does not list the model 'small': 'llm' (openai) lists 'large', 'small-2'. Some providers serve more than they list: a reviewer decides.",
    ],
    [
      answers(offer({ kind: 'local', models: ['tiny'] })),
      'failed',
      "has no model 'small': 'llm' (local) lists 'tiny'. Register a version",
    ],
    [
      answers(offer(), offer({ name: 'llm/2', kind: 'local', models: [] })),
      'failed',
      "'llm/2' (local) lists no models",
    ],
  ])('says what the last check said: %j', async (state, status, summary) => {
    mapped();
    harness.world.connectionState = async () => state;
    const { version } = await harness.register({ external: EXTERNAL });
    expect(gateOf(await promote(version))).toMatchObject({
      status,
      summary: expect.stringContaining(summary),
      evidence: { kind: 'connection', name: 'llm', provider: 'openai' },
    });
  });

  it('blocks a promotion to a model that is not installed', async () => {
    mapped();
    harness.world.connectionState = async () =>
      answers(offer({ kind: 'local', models: ['tiny'] }));
    const { version } = await harness.register({ external: EXTERNAL });
    expect((await promote(version)).state).toEqual({
      phase: 'blocked',
      failedGates: ['connection'],
    });
  });

  it('holds no rollback back because a provider does not list a model', async () => {
    mapped();
    harness.world.connectionState = async () => ANSWERS;
    const first = await harness.register({ external: EXTERNAL });
    await harness.deploy(first.version);
    const second = await harness.register({ external: EXTERNAL });
    const next = await promote(second.version);
    await harness.promotions.approve(
      next.id,
      { accepts: ['evaluation'], comment: 'Fine' },
      grace,
    );
    await harness.work();
    harness.world.connectionState = async () => answers(offer({ models: [] }));
    const { id } = await harness.promotions.rollBack(
      {
        model: 'digits',
        environment: 'production',
        version: first.version,
        reason: 'Wrong answers.',
      },
      ada,
    );
    await harness.work();
    const { gates, state } = await harness.promotions.get(id, ada);
    expect(gates.find(gate => gate.id === 'connection')).toMatchObject({
      status: 'passed',
    });
    expect(state.phase).toBe('completed');
  });

  it('cannot tell where nobody can be asked', async () => {
    mapped();
    harness.world.connectionState = async () => {
      throw new Error('ai-inference is away');
    };
    const { version } = await harness.register({ external: EXTERNAL });
    expect(gateOf(await promote(version))).toMatchObject({
      status: 'undecided',
      summary: expect.stringContaining('ai-inference is away'),
    });
  });

  it('is no gate of a version that data planes run', async () => {
    const promotion = await promote((await harness.register()).version);
    expect(gateOf(promotion)).toBeUndefined();
    expect(
      promotion.steps.find(({ name }) => name === 'check-connection'),
    ).toMatchObject({
      status: 'skipped',
      skippedBecause: 'Not asked: data planes run the version themselves.',
    });
  });

  it('has the other gates say what holds for an external version', async () => {
    mapped();
    harness.world.connectionState = async () => ANSWERS;
    const { version } = await harness.register({ external: EXTERNAL });
    await harness.deploy(version);
    const summaryOf = async (external: ExternalDescriptor, id: string) => {
      const next = await harness.register({ external });
      const { gates } = await promote(next.version);
      return gates.find(gate => gate.id === id);
    };
    expect(await summaryOf(EXTERNAL, 'signature-compatible')).toMatchObject({
      status: 'passed',
      summary:
        'Callers of version 1, which production runs, can go on unchanged: both run at a provider, for the same tasks.',
    });
    expect(
      await summaryOf(
        { ...EXTERNAL, tasks: ['embeddings'] },
        'signature-compatible',
      ),
    ).toMatchObject({
      status: 'failed',
      summary: expect.stringContaining("Task 'chat' is gone"),
    });
    const onnx = await harness.register();
    const { gates } = await promote(onnx.version);
    expect(gates.find(({ id }) => id === 'signature-compatible')).toMatchObject(
      {
        status: 'failed',
        summary: expect.stringContaining('is called with tensors'),
      },
    );
  });
});
