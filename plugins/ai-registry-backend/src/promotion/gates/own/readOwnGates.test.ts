import { mockServices } from '@backstage/backend-test-utils';
import type { OwnGate } from '@greenroom/plugin-ai-registry-node';
import type { StepContext } from '../../steps/PromotionStep';
import { GateConfig } from '../GateConfig';
import { readOwnGates } from './readOwnGates';

const scan = { id: 'scan', title: 'Scanned', url: 'https://scans.example.com' };

const read = (ownGates: object[], ofModules: OwnGate[] = []) =>
  readOwnGates(
    mockServices.rootConfig({
      data: { aiRegistry: { promotion: { ownGates } } },
    }),
    ofModules,
  );

describe('readOwnGates', () => {
  it('makes gates of services and of modules', () => {
    const budget: OwnGate = {
      id: 'budget',
      title: 'There is money',
      check: async () => ({ status: 'passed', summary: 'Enough.' }),
    };
    expect(read([scan], [budget])).toMatchObject([
      { id: 'own:scan', step: { name: 'check-own-scan' } },
      { id: 'own:budget', title: 'There is money', defaultMode: 'required' },
    ]);
  });

  it.each([
    [[{ ...scan, id: 'Scan!' }], "The id of an own gate is 'Scan!'"],
    [[scan, scan], "There are two gates 'own:scan'"],
    [
      [{ ...scan, url: 'ftp://scans' }],
      'aiRegistry.promotion.ownGates[0].url: expected an address',
    ],
    [[{ ...scan, url: 'https://me:word@scans' }], 'without a user'],
    [
      [{ ...scan, timeoutSeconds: 0 }],
      'ownGates[0].timeoutSeconds is 0: it must lie between 1 and 120',
    ],
  ])('refuses %j', (gates, message) => {
    expect(() => read(gates)).toThrow(message);
  });

  it('tells a module what it is asked about, and waits for what is pending', async () => {
    const check = jest
      .fn<ReturnType<OwnGate['check']>, Parameters<OwnGate['check']>>()
      .mockResolvedValueOnce({ status: 'pending', summary: 'Scanning.' })
      .mockResolvedValueOnce({
        status: 'undecided',
        summary: 'Odd.',
        evidence: 'See *there*.',
      });
    const [gate] = read([], [{ id: 'scan', title: 'Scanned', check }]);
    const version = (number: number) => ({
      version: number,
      digest: `sha256:${number}`,
      format: 'onnx',
      tags: {},
    });
    const context = {
      promotion: { id: 'p1', model: 'digits', version: 2, checkedHead: 'head' },
      signal: new AbortController().signal,
      candidate: async () => version(2),
      running: async () => ({ version: 1 }),
      version: async (number: number) => version(number),
    } as unknown as StepContext;
    const configured = gate.configure(new GateConfig([]), {
      environment: undefined,
      key: '',
    });
    expect(await configured!.check(context)).toEqual({
      status: 'under-way',
      waitingFor: 'Scanning.',
    });
    expect(await configured!.check(context)).toEqual({
      status: 'undecided',
      summary: 'Odd.',
      evidence: { kind: 'markdown', text: 'See *there*.' },
    });
    expect(check).toHaveBeenCalledWith(
      expect.objectContaining({
        head: 'head',
        candidate: version(2),
        running: version(1),
      }),
    );
  });
});
