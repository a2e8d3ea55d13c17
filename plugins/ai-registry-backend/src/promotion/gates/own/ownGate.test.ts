import type { OwnGate } from '@greenroom/plugin-ai-registry-node';
import type { StepContext } from '../../steps/PromotionStep';
import { ownGate } from './ownGate';

describe('ownGate', () => {
  const contextWith = (signal: AbortSignal) =>
    ({
      promotion: { id: 'p1', model: 'digits', version: 1 },
      candidate: async () => ({ version: 1 }),
      running: async () => undefined,
      signal,
    } as unknown as StepContext);

  const check = (
    answer: OwnGate['check'],
    signal = new AbortController().signal,
  ) =>
    ownGate(
      { id: 'scan', title: 'Scanned', check: answer },
      { longestMillis: 50 },
    ).verify!(contextWith(signal));

  it('waits for no module that never answers', async () => {
    let isTold = false;
    const never: OwnGate['check'] = ({ signal }) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          isTold = true;
        });
      });
    expect(await check(never)).toMatchObject({
      status: 'failed',
      summary: expect.stringContaining("'scan' did not answer within 0.05 s"),
    });
    expect(isTold).toBe(true);
  });

  it('ends with what it is part of, and by what the module throws', async () => {
    const stopping = new AbortController();
    const asked = check(() => new Promise(() => {}), stopping.signal);
    stopping.abort(new Error('stopping'));
    await expect(asked).rejects.toThrow('stopping');
    const broken = check(async () => {
      throw new Error('It is broken');
    });
    await expect(broken).rejects.toThrow('It is broken');
  });
});
