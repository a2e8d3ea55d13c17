import type {
  DataPlanePod,
  EnvironmentDataPlane,
} from '@greenroom/plugin-ai-inference-common';
import { costOf, costsOf, groupsOfPods, groupsOfRun } from './podCost';

const PLAIN = { flavor: 'a100', title: 'NVIDIA A100', count: 1 };
const A100 = { ...PLAIN, pricePerHour: { amount: 2.5, currency: 'EUR' } };
const TWO = { ...A100, count: 2 };

describe('the cost of pods', () => {
  it('is that of what each takes, by the hour and for 30 days', () => {
    expect(costOf({ machine: A100, pods: 3 })).toEqual({
      pods: 3,
      perHour: 7.5,
      per30Days: 5_400,
      currency: 'EUR',
    });
    expect(costOf({ machine: TWO, pods: 3 })?.perHour).toBe(15);
  });

  it('is not known without a price, or a flavor', () => {
    expect(costOf({ machine: PLAIN, pods: 3 })).toBeUndefined();
    expect(costOf({ pods: 3 })).toBeUndefined();
  });

  it('is added up by currency, as far as prices are known', () => {
    const dollars = { ...PLAIN, pricePerHour: { amount: 1, currency: 'USD' } };
    expect(
      costsOf([
        { machine: A100, pods: 1 },
        { pods: 4 },
        { server: 'triton', machine: TWO, pods: 2 },
        { server: 'llama', machine: dollars, pods: 1 },
      ]),
    ).toEqual([
      { pods: 3, perHour: 12.5, per30Days: 9_000, currency: 'EUR' },
      { pods: 1, perHour: 1, per30Days: 720, currency: 'USD' },
    ]);
  });

  it('is for what is wanted while it runs, model servers among it', () => {
    const server = {
      protocol: 'openai' as const,
      address: 'http://llama',
      replicas: { wanted: 2, ready: 0 },
    };
    const item: EnvironmentDataPlane = {
      environment: 'live',
      deployer: 'kubernetes',
      run: {
        state: 'running',
        since: '2026-05-03T10:00:00Z',
        publicUrl: 'http://live.example.com',
        replicas: { wanted: 3, ready: 3 },
        servers: [
          { ...server, name: 'llama', state: 'running' },
          { ...server, name: 'gone', state: 'stopped' },
        ],
      },
      machine: A100,
      serverMachines: { llama: TWO, gone: TWO },
    };
    expect(groupsOfRun(item)).toEqual([
      { machine: A100, pods: 3 },
      { server: 'llama', machine: TWO, pods: 2 },
    ]);
    expect(groupsOfRun({ ...item, run: { state: 'unmanaged' } })).toEqual([]);
  });

  it('is for pods that have a machine, each of its own kind', () => {
    const pod = (
      state: DataPlanePod['state'],
      more: { node?: string; server?: string } = { node: 'n' },
    ): DataPlanePod => ({
      name: 'p',
      state,
      restarts: 0,
      image: 'i',
      requests: {},
      ...more,
    });
    expect(
      groupsOfPods(
        [
          pod('starting', {}),
          pod('starting'),
          pod('ready'),
          pod('ending'),
          pod('failed'),
          pod('ended'),
          pod('ready', { node: 'n', server: 'llama' }),
        ],
        { machine: A100, serverMachines: { llama: TWO } },
      ),
    ).toEqual([
      { machine: A100, pods: 3 },
      { server: 'llama', machine: TWO, pods: 1 },
    ]);
  });
});
