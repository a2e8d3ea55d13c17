import fc from 'fast-check';
import { describeConvergence } from '../deployments/convergence';
import { weightOf } from '../deployments/trafficSplit';
import {
  event,
  type RolloutHappening,
  SETTLED,
  VERSIONS,
} from '../__testUtils__/rolloutHappenings';
import { RolloutWorld } from '../__testUtils__/RolloutWorld';

const sequence = fc.record({
  quorum: fc.constantFrom(1, 1, 2, 3),
  events: fc
    .tuple(
      // Most histories begin with a version that serves, and data planes that have the others.
      fc.constantFrom<RolloutHappening[]>([], SETTLED, SETTLED, SETTLED),
      fc.array(event, { minLength: 1, maxLength: 60, size: 'max' }),
    )
    .map(parts => parts.flat()),
});

describe('any sequence of pushes, steps and failures', () => {
  it('moves traffic only to where it can be answered, and nobody for nothing', () => {
    fc.assert(
      fc.property(sequence, ({ quorum, events }) => {
        const world = new RolloutWorld(quorum);
        expect(() => events.forEach(item => world.handle(item))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it('gives up what cannot be loaded, also while its analysis cannot be read', () => {
    const world = new RolloutWorld(3);
    const wait = (seconds: number): RolloutHappening => ({
      what: 'wait',
      seconds,
    });
    const events: RolloutHappening[] = [
      ...SETTLED,
      {
        what: 'verdict',
        verdict: 'away',
        version: 1,
        isEnough: false,
        chance: 0,
      },
      {
        what: 'push',
        version: 2,
        kind: 'promotion',
        strategy: 'canary',
        steps: [1],
        after: 'analysis',
      },
      wait(30),
      { what: 'node', node: 0, version: 2, state: 'failed' },
      wait(10),
      wait(20),
    ];
    for (const happened of events) world.handle(happened);
    expect(world.current!.rollout.state).toMatchObject({
      phase: 'rejected',
      by: 'deadline',
    });
  });

  it('reaches what is wanted when the data planes are well', () => {
    fc.assert(
      fc.property(
        sequence,
        fc.constantFrom(...VERSIONS),
        ({ quorum, events }, version) => {
          const world = new RolloutWorld(quorum);
          for (const happened of events) world.handle(happened);
          world.said = { ...world.said, verdict: 'not-worse', isEnough: true };
          world.brakes.forEach(braked => braked.clear());
          world.handle({
            what: 'push',
            version,
            kind: 'push',
            steps: [20, 60],
            after: 'analysis',
          });
          world.nodes.forEach((node, index) => {
            world.online[index] = true;
            for (const known of VERSIONS) node.set(known, 'ready');
          });
          for (let pass = 0; pass < 10; pass++) {
            world.handle({ what: 'wait', seconds: 30 });
            // The plan may be one that was paused before.
            world.handle({ what: 'steer', act: 'resume' });
          }
          const { current } = world;
          if (!current) throw new Error('There is a manifest');
          expect(current.rollout.state.phase).toBe('completed');
          expect(current.deployment.provenVersion).toBe(version);
          expect(weightOf(current.deployment.split, version)).toBe(100);
          expect(
            describeConvergence({
              rollout: current.rollout,
              split: current.deployment.split,
              dataPlanes: world.dataPlanes(),
              changedAt: world.now.toISOString(),
              needed: quorum,
              now: world.now,
            }).convergence,
          ).toEqual({ state: 'serving' });
        },
      ),
      { numRuns: 200 },
    );
  });
});
