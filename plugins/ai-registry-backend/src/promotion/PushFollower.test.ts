import { manifestPath, printManifest } from '@greenroom/manifest';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import type { Serving } from '../environments/ServingState';
import {
  ada,
  createHarness,
  type Harness,
} from './__testUtils__/createHarness';

const place = { environment: 'production', model: 'digits' };
const REASON = 'Version 2 was taken back by the analysis: 7 % of requests fail';

describe('PushFollower', () => {
  const databases = registryDatabases();
  let harness: Harness;
  let one: { version: number; digest: string };
  let two: { version: number; digest: string };
  /** Of version 2; the others serve. */
  let state: Serving['state'];
  let asked: number;

  beforeEach(async () => {
    harness = await createHarness(databases);
    one = await harness.register();
    two = await harness.register();
    state = 'moving';
    asked = 0;
    harness.world.serving = async wanted => {
      asked++;
      const [desired] = await harness.deployments.list(wanted);
      return {
        commit: desired.commit,
        variants: [{ version: 1, weightPercent: 100 }],
        dataPlanes: 1,
        onDemand: false,
        acts: [],
        ...(desired.version === 2
          ? { state, reason: REASON }
          : { state: 'serving' }),
      };
    };
    await push(one);
  });
  afterEach(() => harness.stop());

  async function push({ version, digest }: typeof one) {
    await harness.clone.push({
      branch: 'main',
      path: manifestPath(place),
      content: printManifest({
        apiVersion: 'greenroom.dev/v2',
        kind: 'ModelDeployment',
        metadata: { name: place.model, environment: place.environment },
        spec: { version, digest, rollout: { strategy: 'immediate' } },
      }),
      author: { name: 'Ada', email: 'ada@example.com' },
    });
    await harness.reconciler.reconcile();
  }
  const look = () => harness.pushes.look(new AbortController().signal);

  it('opens the way back of a version that was taken back, once', async () => {
    await look();
    await push(two);
    await look();
    expect(await harness.promotions.list({}, ada)).toEqual([]);
    state = 'rejected';
    await look();
    await look();
    const [rollback, ...others] = await harness.promotions.list({}, ada);
    expect(others).toEqual([]);
    expect(rollback).toMatchObject({
      kind: 'rollback',
      version: 1,
      reason: expect.stringContaining(REASON),
    });
    await harness.work();
    await harness.work();
    expect(await harness.deployments.list()).toMatchObject([{ version: 1 }]);
  });

  it('asks no more of what has ended, and again of the next push', async () => {
    await look();
    await look();
    expect(asked).toBe(1);
    await push(two);
    await look();
    await look();
    expect(asked).toBe(3);
  });

  it('asks no more of a version that serves, though not everywhere', async () => {
    await look();
    await push(two);
    state = 'degraded';
    await look();
    await look();
    expect(asked).toBe(2);
    expect(await harness.promotions.list({}, ada)).toEqual([]);
  });

  it('goes on where nobody can tell what serves', async () => {
    harness.world.serving = async () => {
      throw new Error('connection refused');
    };
    await look();
    expect(harness.logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('could not be followed'),
      expect.objectContaining({ message: 'connection refused' }),
    );
    expect(await harness.deployments.listUnfollowed(10)).toHaveLength(1);
  });
});
