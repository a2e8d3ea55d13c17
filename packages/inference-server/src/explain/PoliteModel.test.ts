import type { ModelRunner } from '../domain/ModelRunner';
import { TensorVersion } from '../domain/ServedVersion';
import type { Tensor } from '../domain/tensor';
import { PoliteModel } from './PoliteModel';

describe('PoliteModel', () => {
  it('gives up a run that hangs, and keeps its version until the run ends', async () => {
    let end: (outputs: Tensor[]) => void = () => {};
    const released = jest.fn();
    const runner: ModelRunner = {
      signature: { inputs: [], outputs: [] },
      rowWise: true,
      dimensions: [],
      run: () =>
        new Promise(resolve => {
          end = resolve;
        }),
      release: async () => released(),
    };
    const served = new TensorVersion({
      model: 'm',
      version: 1,
      digest: 'sha256:1',
      runner,
    });
    const stop = new AbortController();
    const model = new PoliteModel({
      served,
      caller: { cancelled: false },
      signal: stop.signal,
    });
    const running = model.run([], 1);
    stop.abort(new Error('too late'));
    await expect(running).rejects.toThrow('too late');
    const retired = served.retire();
    await Promise.resolve();
    expect(released).not.toHaveBeenCalled();
    end([]);
    await retired;
    expect(released).toHaveBeenCalledTimes(1);
  });
});
