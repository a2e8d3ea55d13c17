import type { EnvironmentDataPlane } from '@greenroom/plugin-ai-inference-common';
import { describeUnserved } from './describeUnserved';

const since = '2026-05-03T10:00:00Z';
const none: EnvironmentDataPlane = {
  environment: 'dev',
  deployer: 'none',
  run: { state: 'unmanaged' },
};
const local = (run: EnvironmentDataPlane['run']): EnvironmentDataPlane => ({
  environment: 'dev',
  deployer: 'local',
  run,
});
const say = (item: EnvironmentDataPlane, online = false) =>
  describeUnserved('dev', {
    dataPlanes: [
      { environment: 'staging', online: true },
      { environment: 'dev', online },
    ],
    environments: [item],
  });

describe('describeUnserved', () => {
  it('warns where others have to start a data plane', () => {
    expect(say(none)).toMatchObject({
      status: 'warning',
      title: 'No data plane serves dev',
    });
  });

  it('says that one starts by itself where the control plane runs it', () => {
    const asleep = local({
      state: 'asleep',
      since,
      because: 'unused',
      reason: 'nothing is deployed there',
    });
    expect(say(asleep)).toMatchObject({
      status: 'info',
      title: 'The data plane of dev starts by itself',
    });
  });

  it('warns with the reason where that one does not stay up', () => {
    const failing = local({
      state: 'failing',
      since,
      reason: 'port 7010 is taken',
      attempts: 3,
      nextTryAt: since,
    });
    expect(say(failing)).toMatchObject({
      status: 'warning',
      description: expect.stringMatching(/^port 7010 is taken\. It is tried/),
    });
  });

  it('says nothing where somebody serves', () => {
    expect(say(none, true)).toBeUndefined();
  });
});
