import type { DeployedState } from '../../../deployers/Deployer';
import { combineStates, type ObservedServer } from './combineStates';

const SINCE = '2026-05-03T12:00:00.000Z';
const LATER = '2026-05-03T12:01:00.000Z';

const server = (state: DeployedState, replicas = 2): ObservedServer => ({
  name: 'triton',
  protocol: 'open-inference',
  address: 'http://triton:8000',
  replicas,
  state,
});
const told = {
  name: 'triton',
  protocol: 'open-inference',
  address: 'http://triton:8000',
};
const running: DeployedState = {
  state: 'running',
  since: SINCE,
  publicUrl: 'https://models.example',
};
const stopped: DeployedState = { state: 'stopped' };

describe('combineStates', () => {
  it('leaves alone what has no servers', () => {
    expect(combineStates(running, [])).toBe(running);
  });

  it('is as the data planes are, and tells of each server what there is', () => {
    const problem = 'no node has room for pod p: Insufficient nvidia.com/gpu';
    expect(
      combineStates(running, [
        server({
          ...running,
          replicas: { wanted: 2, ready: 1 },
          problem,
        }),
        server({ state: 'starting', since: LATER }),
        server({
          state: 'failing',
          since: LATER,
          reason: 'it is forbidden',
          attempts: 3,
          nextTryAt: LATER,
        }),
      ]),
    ).toEqual({
      ...running,
      servers: [
        {
          ...told,
          state: 'running',
          since: SINCE,
          replicas: { wanted: 2, ready: 1 },
          problem,
        },
        {
          ...told,
          state: 'starting',
          since: LATER,
          replicas: { wanted: 2, ready: 0 },
        },
        {
          ...told,
          state: 'failing',
          since: LATER,
          replicas: { wanted: 2, ready: 0 },
          problem: 'it is forbidden',
        },
      ],
    });
  });

  it('has stopped when all have', () => {
    const ending: DeployedState = { state: 'stopping', since: LATER };
    expect(combineStates(stopped, [server(stopped), server(ending)])).toEqual({
      state: 'stopping',
      since: LATER,
      servers: [
        { ...told, state: 'stopped', replicas: { wanted: 0, ready: 0 } },
        {
          ...told,
          state: 'stopping',
          since: LATER,
          replicas: { wanted: 0, ready: 0 },
        },
      ],
    });
    expect(combineStates(stopped, [server(stopped)])).toEqual(stopped);
  });
});
